//! Counting invitations: who came, who did not, and whose report was there. All buckets of a question, with the same of the
//! period before, come from one statement.

mod keys;
mod sql;
mod streaks;
mod told;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::agency::Kind as AgencyKind;
use entity::category::Category;
use entity::conference;
use entity::id::{AgencyId, PractitionerId, TeamId};
use entity::invitation::Meeting;
use sea_orm::ConnectionTrait;

pub use self::keys::{BucketKey, Sort};
pub use self::sql::Behind;
pub(super) use self::sql::missed;
pub use self::streaks::Streak;
use super::Scoped;
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::policy::disclosure::{Cell, cell};
use crate::practice::calendar::end_of;
pub use crate::practice::patterns::{Counts, Direction, Method, PROPER_NOTICE, Range, Share, Trend, trend};
pub use crate::practice::suppression::Told;

/// What buckets are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// One bucket an agency.
    Agency,
    /// One bucket a kind of agency.
    AgencyKind,
    /// One bucket a calendar month in England.
    Month,
    /// One bucket a quarter of a calendar year in England.
    Quarter,
    /// One bucket a kind of meeting.
    Meeting,
    /// One bucket who chairs.
    Chair,
    /// One bucket a team.
    Team,
    /// One bucket a stage of the child's process.
    Stage,
}

/// What is counted as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// An agency at a meeting, about however many brothers and sisters.
    #[default]
    Invitation,
    /// An agency at a meeting about one child, as a return counts.
    Child,
}

/// Where a child stands in the process, by the meeting an agency is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// A strategy meeting: whether to enquire.
    Enquiry,
    /// A conference before a birth.
    PreBirth,
    /// The first conference.
    Initial,
    /// The conference that takes a child over.
    TransferIn,
    /// A core group, while a plan runs.
    Plan,
    /// A review.
    Review,
}

impl Stage {
    /// The kind of meeting of a stage, and of which kind that is, where it is a conference.
    const fn meeting(self) -> (Meeting, Option<conference::Kind>) {
        match self {
            Self::Enquiry => (Meeting::StrategyMeeting, None),
            Self::PreBirth => (Meeting::Conference, Some(conference::Kind::PreBirth)),
            Self::Initial => (Meeting::Conference, Some(conference::Kind::Initial)),
            Self::TransferIn => (Meeting::Conference, Some(conference::Kind::TransferIn)),
            Self::Plan => (Meeting::CoreGroup, None),
            Self::Review => (Meeting::Conference, Some(conference::Kind::Review)),
        }
    }

    const fn of(meeting: Meeting, kind: Option<conference::Kind>) -> Option<Self> {
        Some(match (meeting, kind) {
            (Meeting::StrategyMeeting, _) => Self::Enquiry,
            (Meeting::CoreGroup, _) => Self::Plan,
            (Meeting::Conference, Some(conference::Kind::PreBirth)) => Self::PreBirth,
            (Meeting::Conference, Some(conference::Kind::Initial)) => Self::Initial,
            (Meeting::Conference, Some(conference::Kind::TransferIn)) => Self::TransferIn,
            (Meeting::Conference, Some(conference::Kind::Review)) => Self::Review,
            (Meeting::Conference, None) => return None,
        })
    }
}

/// Which invitations are counted.
#[derive(Clone, Debug)]
pub struct Question {
    /// First day counted.
    pub from: NaiveDate,
    /// First day no longer counted.
    pub until: NaiveDate,
    /// Kind of meeting, or all.
    pub meeting: Option<Meeting>,
    /// Kind of agency, or all.
    pub agency_kind: Option<AgencyKind>,
    /// One agency, or all.
    pub agency: Option<AgencyId>,
    /// Meetings that one person chairs, or all.
    pub chair: Option<PractitionerId>,
    /// Conferences of one team, or all.
    pub team: Option<TeamId>,
    /// One stage, or all.
    pub stage: Option<Stage>,
    /// What is one.
    pub unit: Unit,
    /// Buckets.
    pub by: Vec<Dimension>,
    /// True where the time before is asked for as well.
    pub before: bool,
}

impl Question {
    fn has(&self, dimension: Dimension) -> bool {
        self.by.contains(&dimension)
    }

    /// True where it leaves out some of the agencies, or some of their meetings by who held them.
    const fn is_narrow(&self) -> bool {
        self.agency.is_some() || self.agency_kind.is_some() || self.chair.is_some() || self.team.is_some()
    }

    /// The same of all agencies, in one bucket.
    fn of_everybody(&self) -> Self {
        Self { agency: None, agency_kind: None, chair: None, team: None, by: Vec::new(), before: false, ..self.clone() }
    }

    /// The first day of each slice of the time; before them that of what came before.
    fn slices(&self) -> (NaiveDate, Vec<NaiveDate>) {
        let months = if self.has(Dimension::Month) {
            1
        } else if self.has(Dimension::Quarter) {
            3
        } else {
            let before = self.from - (self.until - self.from);
            return (before, vec![self.from]);
        };
        let mut out = Vec::new();
        let first = keys::first_of(self.from, months);
        let mut slice = first;
        while slice < self.until {
            out.push(slice);
            slice = slice.checked_add_months(chrono::Months::new(months)).unwrap_or(self.until);
        }
        (first.checked_sub_months(chrono::Months::new(months)).unwrap_or(first), out)
    }
}

/// A bucket: what it is of, what is told of it, and what of the time before.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// What it is of.
    pub key: BucketKey,
    /// What is told of it.
    pub told: Told,
    /// The same of the period before; none where small counts are kept.
    pub before: Option<Counts>,
}

/// Figures, all that belongs to them.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The buckets, by their keys.
    pub buckets: Vec<Bucket>,
    /// The partnership's counts in the same time, at the same meetings; none where small counts are kept.
    pub partnership: Option<Counts>,
    /// Streaks of each agency for one child; none where nobody asked.
    pub streaks: HashMap<AgencyId, Streak>,
    /// How patterns are found.
    pub method: Method,
    /// Names of the teams.
    pub teams: HashMap<TeamId, String>,
}

/// Buckets that are listed at once.
pub const MOST_BUCKETS: usize = 1000;
/// Buckets of an answer at the most.
pub const MOST_PAGED: usize = 20_000;

fn too_many() -> Error {
    Error::BadInput {
        argument: "groupBy".into(),
        message: "That makes too many groups; ask for a shorter time, one agency, or fewer dimensions.",
    }
}

impl Scoped {
    /// The figures that `question` asks for, buckets in order; with streaks where they are `streaks` asked for.
    ///
    /// # Errors
    /// `Denied` for roles without figures; `BadInput` if they are more than `most` or more is asked than is told to those
    /// from whom small counts are kept.
    pub async fn non_attendance(&self, question: &Question, most: usize, streaks: bool) -> Result<Figures> {
        let cell = cell(self.who.role, Category::NonAttendance);
        if !matches!(cell, Cell::Full | Cell::Own | Cell::Aggregate) {
            return Err(Error::Denied("These figures are not for your role."));
        }
        let method = self.store.practice.patterns(self.profile().await?, london_day(self.who.at));
        if cell != Cell::Full {
            let buckets = self.kept_small(question, cell).await?;
            self.who.counted("NonAttendance", buckets.len());
            let (streaks, teams) = (HashMap::new(), HashMap::new());
            return Ok(Figures { buckets, partnership: None, streaks, method, teams });
        }
        let rows = self.counts(question).await?;
        let (now, before): (Vec<_>, Vec<_>) = rows.into_iter().partition(|((slice, _), _)| *slice >= 0);
        if now.len() > most {
            return Err(too_many());
        }
        let mut earlier: BTreeMap<(i32, BucketKey), Counts> = before.into_iter().collect();
        earlier.extend(now.iter().copied());
        let (_, slices) = question.slices();
        let timed = question.has(Dimension::Month) || question.has(Dimension::Quarter);
        let buckets: Vec<_> = now
            .iter()
            .map(|((slice, key), counts)| {
                let month = usize::try_from(*slice).ok().and_then(|i| slices.get(i).copied()).filter(|_| timed);
                let key_now = BucketKey { month, ..*key };
                let before = earlier.get(&(slice - 1, *key)).copied();
                Bucket { key: key_now, told: Told::All(*counts), before }
            })
            .collect();
        let sum = |of: &[Bucket]| of.iter().filter_map(|b| b.told.counts()).fold(Counts::default(), Counts::and);
        let partnership = if question.is_narrow() {
            let all = self.counts(&question.of_everybody()).await?;
            all.into_iter().filter(|((slice, _), _)| *slice >= 0).fold(Counts::default(), |sum, (_, c)| sum.and(&c))
        } else {
            sum(&buckets)
        };
        self.who.counted("NonAttendance", buckets.len());
        let streaks = if streaks { self.streaks(question, method.running).await? } else { HashMap::new() };
        let teams = self.team_names(&buckets).await?;
        let mut buckets = buckets;
        buckets.sort_unstable_by_key(|bucket| bucket.key);
        Ok(Figures { buckets, partnership: Some(partnership), streaks, method, teams })
    }

    /// What a question counts, all of it in one, for those from whom nothing is kept.
    pub(super) async fn sum_of(&self, question: &Question, db: &impl ConnectionTrait) -> Result<Counts> {
        if cell(self.who.role, Category::NonAttendance) != Cell::Full {
            return Err(Error::Denied("These figures are not for your role."));
        }
        self.who.counted("NonAttendance", 1);
        let all = self.counts_in(question, db).await?;
        Ok(all.into_iter().filter(|((slice, _), _)| *slice >= 0).fold(Counts::default(), |sum, (_, c)| sum.and(&c)))
    }

    async fn counts(&self, question: &Question) -> Result<Vec<((i32, BucketKey), Counts)>> {
        self.counts_in(question, &self.store.db.pool).await
    }

    /// Slice, key and counts of each group of the statement.
    async fn counts_in(
        &self,
        question: &Question,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<((i32, BucketKey), Counts)>> {
        let statement = sql::counting(&self.who, question);
        let rows = db.query_all_raw(db.get_database_backend().build(&statement)).await?;
        // a statement that is cut short would miscount: with what came before it has twice as many rows
        if rows.len() > 2 * MOST_PAGED {
            return Err(too_many());
        }
        rows.iter().map(|row| sql::read(question, row)).collect()
    }

    /// The names of the teams of buckets.
    async fn team_names(&self, buckets: &[Bucket]) -> Result<HashMap<TeamId, String>> {
        let ids: std::collections::BTreeSet<_> = buckets.iter().filter_map(|bucket| bucket.key.team).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        sql::teams(&self.store.db.pool, ids).await
    }
}

pub(super) fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.pred_opt().map_or_else(|| day.and_time(chrono::NaiveTime::MIN).and_utc(), end_of)
}

/// The period counted when none is named: the twelve months up to today, from the first day of a month; where small counts
/// are kept, the four quarters that are over.
pub fn usual_period(scope: &Scoped) -> (NaiveDate, NaiveDate) {
    let today = london_day(scope.who().at);
    if cell(scope.who().role, Category::NonAttendance) != Cell::Full {
        let until = keys::first_of(today, 3);
        return (until.checked_sub_months(chrono::Months::new(12)).unwrap_or(until), until);
    }
    let from = today.checked_sub_months(chrono::Months::new(11)).unwrap_or(today);
    (keys::first_of(from, 1), today.succ_opt().unwrap_or(today))
}
