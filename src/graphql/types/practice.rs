//! The standards of practice of an authority.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::codes::{AgencyKind, DeadlineKind, PracticeProfileName};
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::scalars::Date;
use crate::store::practice::{Held, HeldRule, Hold};

/// How an authority holds a rule.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Hold")]
pub enum RuleHold {
    /// A finishing step is refused until it is met.
    Refuse,
    /// Told where it is not met.
    Warn,
    /// Shown; nobody is reminded.
    Offer,
    /// Not held here.
    Off,
}

/// A rule as an authority holds it.
#[derive(SimpleObject)]
pub struct PracticeStandardSummary {
    /// Its id in the register of practice.
    rule: String,
    /// What it asks.
    says: Option<String>,
    /// Where it stands.
    source: Option<String>,
    /// How strongly its source words it: must, should, may, or states.
    force: Option<String>,
    /// How it is held.
    hold: RuleHold,
    /// What it makes due; null where it is about something else.
    deadline: Option<DeadlineKind>,
    /// In what time, such as «10 working days».
    within: Option<String>,
    /// How many, where it is about a number.
    least: Option<i32>,
    /// Which kinds of agency, where it is about these.
    agencies: Vec<AgencyKind>,
    /// From which day on; null where it always applied. What was made due before keeps the standard of its day.
    applies_from: Option<Date>,
}

/// The standards of practice of an authority.
#[derive(SimpleObject)]
pub struct PracticeProfileSummary {
    /// Which.
    profile: PracticeProfileName,
    /// What the authority is called.
    name: String,
    /// The document it goes by.
    document: String,
    /// What it holds, in the order of its file; those it shares with all authorities last.
    standards: Vec<PracticeStandardSummary>,
}

impl From<Held> for PracticeProfileSummary {
    fn from(held: Held) -> Self {
        let standards = held.standards.into_iter().map(Into::into).collect();
        Self { profile: held.profile.into(), name: held.name, document: held.document, standards }
    }
}

impl From<HeldRule> for PracticeStandardSummary {
    fn from(held: HeldRule) -> Self {
        let (says, source, force) =
            held.words.map_or((None, None, None), |(says, source, force)| (Some(says), Some(source), Some(force)));
        let (deadline, within) = held.deadline.unzip();
        Self {
            rule: held.rule,
            says,
            source,
            force,
            hold: held.hold.into(),
            deadline: deadline.map(Into::into),
            within,
            least: held.least.map(i32::from),
            agencies: held.agencies.into_iter().map(Into::into).collect(),
            applies_from: held.from.map(Date),
        }
    }
}

/// Root fields about practice.
#[derive(Default)]
pub struct PracticeQuery;

/// Root fields about practice.
#[Object]
impl PracticeQuery {
    /// The standards of practice of an authority: of yours if none is named. They are published documents.
    async fn practice_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose; yours if left out.")] profile: Option<PracticeProfileName>,
    ) -> Resolved<PracticeProfileSummary> {
        let held = reader(ctx)?.scope().practice_of(profile.map(Into::into)).await?;
        Ok(held.into())
    }
}
