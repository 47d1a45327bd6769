//! Finding the right child. It is no search engine: one child is named exactly, by a number or by names, birthday and one
//! more fact, and who is out of scope is not there, in the same words.

use chrono::NaiveDate;
use entity::child::Sex;
use entity::former_number::Kind;
use entity::id::AgencyId;
use entity::{agency_reference, child, former_number, involvement, membership, person};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, IntoCondition as _, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _};

use super::child::named;
use super::visible::Visible;
use super::{Scoped, in_force};
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::policy::disclosure::Disclosure;
use crate::practice::numbers::{is_nhs_number, is_upn};

/// The ways to name a child.
#[derive(Clone, Debug)]
pub enum MatchBy {
    /// NHS number, ten digits.
    NhsNumber(String),
    /// Unique pupil number.
    Upn(String),
    /// The authority's own reference.
    LocalReference(String),
    /// The reference of the caller's agency.
    AgencyReference(String),
    /// Names as recorded, in any case, date of birth, and one more fact.
    Named {
        /// Given name.
        given: String,
        /// Family name.
        family: String,
        /// Date of birth.
        born_on: NaiveDate,
        /// One thing more that the caller knows.
        and: Fact,
    },
}

/// What else somebody who has the right child knows. Never where the child lives.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Its sex.
    Sex(Sex),
    /// The given name of somebody it lives with, whom the caller may see.
    LivesWith(String),
    /// Another agency that works with it, of which the caller may know.
    Agency(AgencyId),
}

/// What a search came to.
#[derive(Clone, Debug)]
pub enum Matched {
    /// One child in scope.
    One(child::Model),
    /// One child in scope, whose number this was once.
    Formerly(child::Model),
    /// None in scope.
    Nobody,
    /// More than one in scope.
    Many,
}

/// More than these are not looked at: what so many share names nobody.
const MOST: u64 = 20;

impl Scoped {
    /// The one child in scope that `by` names.
    ///
    /// # Errors
    /// `Invalid` for a number that is none, and for a fact that says nothing; `Denied` for a number that the role may not
    /// read; `ReasonRequired` for a search by name without one; `RateLimited` after as many searches as an hour allows.
    pub async fn match_child(&self, by: MatchBy) -> Result<Matched> {
        let by_number = matches!(by, MatchBy::NhsNumber(_) | MatchBy::Upn(_));
        if by_number && !self.searches_by_number() {
            return Err(Error::Denied("Your role finds a child by names and birthday, or by a reference."));
        }
        self.check(&by)?;
        let by_name = matches!(by, MatchBy::Named { .. });
        if by_name {
            self.require_reason()?;
        }
        self.take_search().await?;
        let filter = self.named_by(&by);
        self.reason_to_open_one(filter.clone()).await?;
        let now = by.clone();
        let rows = self.rows::<child::Entity>().filter(filter).limit(MOST);
        match rows.only_first(by_name, move |row| self.is_number_now(&now, row)).await {
            Ok(Some(row)) if by_number && !self.is_number_now(&by, &row) => Ok(Matched::Formerly(row)),
            Ok(Some(row)) => Ok(Matched::One(row)),
            Ok(None) => Ok(Matched::Many),
            Err(Error::NotFound) => Ok(Matched::Nobody),
            Err(error) => Err(error),
        }
    }

    /// What can be told of a search without looking: it is not counted as one.
    fn check(&self, by: &MatchBy) -> Result<()> {
        let wrong = |field: &str, code, message: &str| Err(Error::problem(field, code, message));
        match by {
            MatchBy::NhsNumber(number) if !is_nhs_number(number) => {
                wrong("by.nhsNumber", ProblemCode::Invalid, "No NHS number: its last digit does not fit the others.")
            }
            MatchBy::Upn(number) if !is_upn(number) => {
                wrong("by.upn", ProblemCode::Invalid, "No pupil number: its first letter does not fit the others.")
            }
            MatchBy::Named { and: Fact::Agency(agency), .. } if *agency == self.who.agency => {
                let message = "That your own agency works with the child says nothing more: name another.";
                wrong("by.nameAndBirthDate.and.agencyId", ProblemCode::RuleRefused, message)
            }
            _ => Ok(()),
        }
    }

    fn named_by(&self, by: &MatchBy) -> Condition {
        use child::Column as C;
        match by {
            MatchBy::NhsNumber(number) => {
                Condition::any().add(C::NhsNumber.eq(number)).add(C::Id.in_subquery(formerly(Kind::Nhs, number)))
            }
            MatchBy::Upn(number) => {
                Condition::any().add(C::Upn.eq(number)).add(C::Id.in_subquery(formerly(Kind::Upn, number)))
            }
            MatchBy::LocalReference(reference) => self.referred_to(reference),
            MatchBy::AgencyReference(reference) => {
                use agency_reference::Column as R;
                let children = Query::select()
                    .column(R::ChildId)
                    .from(agency_reference::Entity)
                    .and_where(R::AgencyId.eq(self.who.agency))
                    .and_where(R::Reference.eq(reference))
                    .take();
                C::Id.in_subquery(children).into_condition()
            }
            MatchBy::Named { given, family, born_on, and } => named(given, family, *born_on).add(self.holds(and)),
        }
    }

    /// The children of whom a fact holds, as far as the reader may know it.
    fn holds(&self, fact: &Fact) -> Expr {
        use child::Column as C;
        match fact {
            Fact::Sex(sex) => C::Sex.eq(*sex),
            Fact::LivesWith(name) => C::Id.in_subquery(self.living_with(name)),
            Fact::Agency(agency) => {
                use involvement::Column as I;
                let works = Query::select()
                    .column(I::ChildId)
                    .from(involvement::Entity)
                    .and_where(I::AgencyId.eq(*agency))
                    .cond_where(in_force(I::StartsAt, I::EndsAt, self.who.at))
                    .cond_where(involvement::Entity::rows(&self.who))
                    .take();
                C::Id.in_subquery(works)
            }
        }
    }

    /// The children who live with somebody of a given name: an adult or a child of the household whom the reader sees there.
    fn living_with(&self, name: &str) -> SelectStatement {
        use membership::Column as M;
        let today = london_day(self.who.at);
        let called = |name_of: Expr| {
            // as it is recorded, or in another case; SQLite knows cases of the English letters only
            let lower = Expr::expr(Func::lower(name_of.clone())).eq(name.to_lowercase());
            Condition::any().add(lower).add(name_of.eq(name))
        };
        let adults = Query::select()
            .column(person::Column::Id)
            .from(person::Entity)
            .cond_where(called(person::Column::GivenName.into_expr()))
            .cond_where(person::Entity::rows(&self.who))
            .take();
        let children = Query::select()
            .column(child::Column::Id)
            .from(child::Entity)
            .cond_where(called(child::Column::GivenName.into_expr()))
            .cond_where(child::Entity::rows(&self.who))
            .take();
        let homes = Query::select()
            .expr(Expr::val(1))
            .from(membership::Entity)
            .and_where(M::HouseholdId.into_expr().equals((Alias::new(OWN), M::HouseholdId)))
            .and_where(M::Id.into_expr().not_equals((Alias::new(OWN), M::Id)))
            .cond_where(in_force(M::StartsOn, M::EndsOn, today))
            .cond_where(Condition::any().add(M::PersonId.in_subquery(adults)).add(M::ChildId.in_subquery(children)))
            .cond_where(membership::Entity::rows(&self.who))
            .take();
        let own = |column: M| Expr::col((Alias::new(OWN), column));
        Query::select()
            .expr(own(M::ChildId))
            .from_as(membership::Entity.table_ref(), Alias::new(OWN))
            .and_where(own(M::ChildId).is_not_null())
            .and_where(own(M::StartsOn).lte(today))
            .cond_where(Condition::any().add(own(M::EndsOn).is_null()).add(own(M::EndsOn).gt(today)))
            .and_where(Expr::exists(homes))
            .take()
    }

    /// Whether the number that was searched for is the child's now.
    fn is_number_now(&self, by: &MatchBy, row: &child::Model) -> bool {
        // to compare is not to show: nothing is noted as opened
        let opening = Disclosure::on_row(self.who.role, false);
        let held = match by {
            MatchBy::NhsNumber(number) => Some((row.nhs_number.open(&opening), number)),
            MatchBy::Upn(number) => Some((row.upn.open(&opening), number)),
            MatchBy::LocalReference(_) | MatchBy::AgencyReference(_) | MatchBy::Named { .. } => None,
        };
        held.is_none_or(|(held, number)| held.and_then(Option::as_ref) == Some(number))
    }
}

/// What the child's own membership is called beside those of the people it lives with.
const OWN: &str = "own";

/// The children whose number this was once.
fn formerly(kind: Kind, number: &str) -> SelectStatement {
    use former_number::Column as C;
    Query::select()
        .column(C::ChildId)
        .from(former_number::Entity)
        .and_where(C::Kind.eq(kind))
        .and_where(C::Number.eq(number))
        .take()
}
