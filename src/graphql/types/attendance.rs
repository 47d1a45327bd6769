//! Who is at the table of a conference.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::agency::{Agency, agency};
use super::codes::{AgencyKind, Attendance};
use crate::graphql::id::global;
use crate::store::attendance::{Absent, AtTheTable, PATTERN, Stayed, Table};

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
        let quorum = |at: AtTheTable| {
            let (says, source) = at.words.unzip();
            QuorumSummary {
                rule: at.rule,
                says,
                source,
                least: at.least.map(i32::from),
                needed: at.kinds.into_iter().map(Into::into).collect(),
                missing: at.missing.into_iter().map(Into::into).collect(),
                met: at.met,
                forecast: !table.recorded,
            }
        };
        let absent = table.absent.map(|all| all.into_iter().map(NonAttenderSummary).collect());
        Self { quorum: table.quorum.map(quorum), non_attenders: absent }
    }
}
