//! Who is at the table of a conference or a strategy meeting.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::agency::{Agency, agency};
use super::codes::{AgencyKind, Attendance};
use crate::graphql::id::global;
use crate::store::attendance::{Absent, AtTheTable, PATTERN, Seat, Stayed, Table, Uncounted};

/// Whether enough agencies are at the table, by the rule of the authority, and why.
#[derive(SimpleObject)]
pub struct QuorumSummary {
    /// The rule, by its id in the register of practice.
    rule: String,
    /// What it asks.
    says: Option<String>,
    /// Where it stands.
    source: Option<String>,
    /// How many kinds of agency are needed; null where no number is set.
    least: Option<i32>,
    /// Which kinds are needed among them.
    needed: Vec<AgencyKind>,
    /// Which of these did not come; until attendance is recorded, which are not expected by their replies.
    missing: Vec<AgencyKind>,
    /// Whether it is met. Family never counts.
    met: bool,
    /// True until attendance is recorded: then it is what the replies let expect.
    forecast: bool,
    /// Who is counted: took part in person, by telephone or video, or by a deputy; one agency of each kind.
    counted: Vec<CountedAgencySummary>,
    /// Who of those that were asked is not counted, and why.
    not_counted: Vec<NotCountedAgencySummary>,
    /// What is missing for it to be met; null where it is.
    would_be_quorate_if: Option<QuorumShortfallSummary>,
    /// What is needed, who is counted and what it is short of, in a sentence.
    explanation: String,
}

/// An agency that is counted for a quorum.
pub struct CountedAgencySummary(Seat);

/// An agency that is counted for a quorum.
#[Object]
impl CountedAgencySummary {
    /// What kind of agency it counts as.
    async fn kind(&self) -> AgencyKind {
        self.0.kind.into()
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency).await
    }
}

/// Why an agency that was asked is not counted for a quorum.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Uncounted")]
pub enum NotCountedReason {
    /// It sent apologies.
    Apologies,
    /// It did not come and said nothing; until attendance is recorded, it has not replied.
    NoWord,
    /// Another agency of its kind is counted: kinds of agency are, each once.
    SameKind,
}

/// An agency that was asked and is not counted for a quorum.
pub struct NotCountedAgencySummary(Seat, Uncounted);

/// An agency that was asked and is not counted for a quorum.
#[Object]
impl NotCountedAgencySummary {
    /// What kind of agency it is.
    async fn kind(&self) -> AgencyKind {
        self.0.kind.into()
    }

    /// Why it is not counted.
    async fn why(&self) -> NotCountedReason {
        self.1.into()
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency).await
    }
}

/// What is missing for a quorum: all of `missing`, and as many kinds besides as `further` says.
#[derive(SimpleObject)]
pub struct QuorumShortfallSummary {
    /// Kinds of agency that have to be there and are not.
    missing: Vec<AgencyKind>,
    /// How many further kinds have to be there, whichever they are.
    further: i32,
    /// Kinds that were asked, are not counted and would add to it.
    could_be: Vec<AgencyKind>,
}

impl From<AtTheTable> for QuorumSummary {
    fn from(at: AtTheTable) -> Self {
        let (says, source) = at.words.unzip();
        let kinds = |kinds: &[entity::agency::Kind]| kinds.iter().copied().map(Into::into).collect::<Vec<_>>();
        let met = at.count.is_met();
        let shortfall = QuorumShortfallSummary {
            missing: kinds(&at.count.missing),
            further: i32::try_from(at.count.further).unwrap_or(i32::MAX),
            could_be: kinds(&at.count.could_be),
        };
        let not_counted = at.count.not_counted.into_iter();
        Self {
            rule: at.rule,
            says,
            source,
            least: at.least.map(i32::from),
            needed: kinds(&at.kinds),
            missing: kinds(&at.count.missing),
            met,
            forecast: at.forecast,
            counted: at.count.counted.into_iter().map(CountedAgencySummary).collect(),
            not_counted: not_counted.map(|(seat, why)| NotCountedAgencySummary(seat, why)).collect(),
            would_be_quorate_if: (!met).then_some(shortfall),
            explanation: at.explained,
        }
    }
}

/// What an agency is asked about.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Stayed")]
pub enum NonAttendanceReason {
    /// Did not come; a report came, or none was asked for.
    DidNotAttend,
    /// Came; the report that was asked for did not.
    NoReport,
    /// Neither came nor sent the report it was asked for.
    Neither,
}

/// An agency that the chair asks why (BIR-NA-01).
pub struct NonAttenderSummary(Absent);

/// An agency that the chair asks why it did not come, or sent no report (BIR-NA-01).
#[Object]
impl NonAttenderSummary {
    /// What it is asked about.
    async fn reason(&self) -> NonAttendanceReason {
        self.0.stayed.into()
    }

    /// What was recorded: apologies among it.
    async fn attendance(&self) -> Attendance {
        self.0.attendance.into()
    }

    /// When its report came.
    async fn report_received_at(&self) -> Option<DateTime<Utc>> {
        self.0.report_received_at
    }

    /// The invitation, for a letter.
    async fn invitation_id(&self) -> ID {
        global(self.0.invitation)
    }

    /// How many conferences about the same child it missed in a row, this one among them.
    async fn missed_running(&self) -> i32 {
        i32::try_from(self.0.running).unwrap_or(i32::MAX)
    }

    /// Two or more in a row.
    async fn is_pattern(&self) -> bool {
        self.0.running >= PATTERN
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency).await
    }
}

/// Who is or was at the table of a conference.
#[derive(SimpleObject)]
pub struct ConferenceAttendanceSummary {
    /// The quorum; null where the authority sets none.
    quorum: Option<QuorumSummary>,
    /// Whom the chair asks why they did not come or sent no report. Null where the authority does not ask, and until
    /// attendance is recorded.
    non_attenders: Option<Vec<NonAttenderSummary>>,
}

impl From<Table> for ConferenceAttendanceSummary {
    fn from(table: Table) -> Self {
        let absent = table.absent.map(|all| all.into_iter().map(NonAttenderSummary).collect());
        Self { quorum: table.quorum.map(Into::into), non_attenders: absent }
    }
}
