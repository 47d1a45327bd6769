//! Finding the right child, and what a search came to.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};

use super::child::Child;
use super::codes::Sex;
use super::write::UserError;
use crate::error::Error;
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed;
use crate::graphql::scalars::{Date, plain};
use crate::store::child_match::{Fact, MatchBy, Matched};

/// How to name a child: exactly one of these.
#[derive(OneofObject)]
pub enum MatchChildInput {
    /// NHS number: ten digits, spaces and hyphens allowed. A former number finds the child as well.
    NhsNumber(String),
    /// Unique pupil number: a check letter and twelve digits, the last of them a letter in a temporary one. A former number
    /// finds the child as well.
    Upn(String),
    /// The authority's own reference.
    LocalReference(String),
    /// The reference that your agency has set.
    AgencyReference(String),
    /// Names, date of birth, and one more fact.
    NameAndBirthDate(MatchByNameInput),
}

/// Names as recorded, in any case, date of birth, and one more fact.
#[derive(InputObject)]
pub struct MatchByNameInput {
    /// Given name.
    given_name: String,
    /// Family name.
    family_name: String,
    /// Date of birth.
    born_on: Date,
    /// One more thing you know of the child.
    and: OneMoreFactInput,
}

/// One more thing somebody knows who has the right child: exactly one of these. An address is none: where a child lives is
/// never searched.
#[derive(OneofObject)]
pub enum OneMoreFactInput {
    /// Its sex as recorded.
    Sex(Sex),
    /// The given name of an adult or a child it lives with, among those whom your role may see.
    LivesWith(String),
    /// Another agency than your own that works with the child.
    AgencyId(ID),
}

/// What a search came to.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ChildMatchOutcome {
    /// One child you work with.
    Match,
    /// No child you work with. A child that others work with is answered in the same words as none at all.
    NoMatch,
    /// More than one child you work with: name it by a number.
    Many,
    /// One child you work with, whose number this was once: correct your record.
    InactiveNumber,
}

/// What a search for a child came to.
#[derive(SimpleObject)]
pub struct ChildMatchResult {
    /// In one word.
    outcome: ChildMatchOutcome,
    /// The child, for MATCH and INACTIVE_NUMBER.
    child: Option<Child>,
    /// What is wrong with what was searched for, such as a number that fails its own check; then nobody was looked for.
    user_errors: Vec<UserError>,
}

impl ChildMatchResult {
    fn of(outcome: ChildMatchOutcome, child: Option<entity::child::Model>) -> Self {
        Self { outcome, child: child.map(Child), user_errors: Vec::new() }
    }
}

impl From<Matched> for ChildMatchResult {
    fn from(matched: Matched) -> Self {
        match matched {
            Matched::One(row) => Self::of(ChildMatchOutcome::Match, Some(row)),
            Matched::Formerly(row) => Self::of(ChildMatchOutcome::InactiveNumber, Some(row)),
            Matched::Nobody => Self::of(ChildMatchOutcome::NoMatch, None),
            Matched::Many => Self::of(ChildMatchOutcome::Many, None),
        }
    }
}

impl MatchChildInput {
    fn read(self) -> Resolved<MatchBy> {
        let trimmed = |text: String, argument| Ok::<_, Fault>(plain(text, argument)?.trim().to_owned());
        Ok(match self {
            Self::NhsNumber(number) => {
                let number = plain(number, "by.nhsNumber")?;
                MatchBy::NhsNumber(number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect())
            }
            Self::Upn(upn) => MatchBy::Upn(trimmed(upn, "by.upn")?.to_uppercase()),
            Self::LocalReference(reference) => MatchBy::LocalReference(trimmed(reference, "by.localReference")?),
            Self::AgencyReference(reference) => MatchBy::AgencyReference(trimmed(reference, "by.agencyReference")?),
            Self::NameAndBirthDate(name) => MatchBy::Named {
                given: plain(name.given_name, "by.nameAndBirthDate.givenName")?,
                family: plain(name.family_name, "by.nameAndBirthDate.familyName")?,
                born_on: name.born_on.0,
                and: name.and.read()?,
            },
        })
    }
}

impl OneMoreFactInput {
    fn read(self) -> Resolved<Fact> {
        Ok(match self {
            Self::Sex(sex) => Fact::Sex(sex.into()),
            Self::LivesWith(name) => {
                Fact::LivesWith(plain(name, "by.nameAndBirthDate.and.livesWith")?.trim().to_owned())
            }
            Self::AgencyId(id) => Fact::Agency(typed(&id, "by.nameAndBirthDate.and.agencyId")?),
        })
    }
}

/// Root fields that find a child.
#[derive(Default)]
pub struct ChildMatchQuery;

/// Root fields that find a child.
#[Object]
impl ChildMatchQuery {
    /// Whether a number, a reference, or names, birthday and one more fact point to one child you work with. By names only
    /// with a reason in X-Access-Reason, else REASON_REQUIRED; for a service manager as for `child`. It counts as a search, of which a person makes 30 an hour at
    /// the most, hits and misses alike, else RATE_LIMITED; a number that fails its own check is none.
    async fn match_child(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one way to name the child.")] by: MatchChildInput,
    ) -> Resolved<ChildMatchResult> {
        match reader(ctx)?.scope().match_child(by.read()?).await {
            Ok(matched) => Ok(matched.into()),
            Err(Error::Invalid(problems)) => Ok(ChildMatchResult {
                user_errors: problems.into_iter().map(Into::into).collect(),
                ..ChildMatchResult::of(ChildMatchOutcome::NoMatch, None)
            }),
            Err(error) => Err(error.into()),
        }
    }
}
