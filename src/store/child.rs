//! Children.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::category::Category;
use entity::id::{ChildId, PersonId};
use entity::{child, person};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, Condition};

use super::{Scoped, Tx};
use crate::error::{Error, Result};
use crate::policy::disclosure::{Cell, cell};

/// The ways a system knows a child.
#[derive(Clone, Debug)]
pub enum FindBy {
    /// NHS number, ten digits.
    NhsNumber(String),
    /// Unique pupil number.
    Upn(String),
    /// The authority's own reference.
    LocalReference(String),
    /// Names as recorded, in any case, and date of birth.
    NameAndBirthDate {
        /// Given name.
        given: String,
        /// Family name.
        family: String,
        /// Date of birth.
        born_on: NaiveDate,
    },
}

/// Names in the form a search compares: lower case, single spaces.
pub fn name_key(given: &str, family: &str) -> String {
    let whole = format!("{given} {family}").to_lowercase();
    whole.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The children of a name and a birthday.
pub(super) fn named(given: &str, family: &str, born_on: NaiveDate) -> Condition {
    Condition::all().add(child::Column::NameKey.eq(name_key(given, family))).add(child::Column::BornOn.eq(born_on))
}

impl Scoped {
    /// False if a hit would confirm a number that the role may not read.
    pub(super) fn searches_by_number(&self) -> bool {
        cell(self.who.role, Category::Identity) != Cell::Summary
    }

    /// The child that the reader's authority refers to so.
    pub(super) fn referred_to(&self, reference: &str) -> Condition {
        let own = child::Column::LocalAuthorityId.eq(self.who.authority);
        Condition::all().add(own).add(child::Column::LocalReference.eq(reference))
    }

    /// The one child in scope that `by` names.
    ///
    /// # Errors
    /// `NotFound` if there is none; `Denied` for a number that the role may not read; `ReasonRequired` for a search by name
    /// without one; `RateLimited` after as many searches as an hour allows; `BadInput` if more than one child in scope has
    /// that name and birthday.
    pub async fn find_child(&self, by: FindBy) -> Result<child::Model> {
        let by_number = matches!(by, FindBy::NhsNumber(_) | FindBy::Upn(_));
        if by_number && !self.searches_by_number() {
            return Err(Error::Denied("Your role finds a child by names and birthday, or by the local reference."));
        }
        let by_name = matches!(by, FindBy::NameAndBirthDate { .. });
        if by_name {
            self.require_reason()?;
        }
        self.take_search().await?;
        let filter = match by {
            FindBy::NhsNumber(number) => Condition::all().add(child::Column::NhsNumber.eq(number)),
            FindBy::Upn(upn) => Condition::all().add(child::Column::Upn.eq(upn)),
            FindBy::LocalReference(reference) => self.referred_to(&reference),
            FindBy::NameAndBirthDate { given, family, born_on } => named(&given, &family, born_on),
        };
        self.reason_to_open_one(filter.clone()).await?;
        self.rows::<child::Entity>().filter(filter).only(by_name).await?.ok_or_else(|| Error::BadInput {
            argument: "by.nameAndBirthDate".into(),
            message: "More than one child you work with has this name and birthday; use a number.",
        })
    }
}

impl Tx {
    /// The children among `ids` that are in scope.
    pub async fn children(&self, ids: &[ChildId]) -> Result<Vec<child::Model>> {
        let select = self.rows::<child::Entity>().filter(child::Column::Id.is_in(ids.iter().copied()));
        select.all().await
    }

    /// Which of these adults the writer sees.
    pub async fn persons(&self, ids: &[PersonId]) -> Result<HashSet<PersonId>> {
        self.rows::<person::Entity>().reached(ids).await
    }

    /// The same, locked one after the other in the order of their ids: two conferences about the same children wait for
    /// each other, and neither for both.
    pub async fn lock_children(&self, ids: &[ChildId]) -> Result<Vec<child::Model>> {
        let select = self.rows::<child::Entity>().filter(child::Column::Id.is_in(ids.iter().copied()));
        select.order_by(child::Column::Id, Order::Asc).locked().all().await
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_compare_without_case_and_spaces() {
        assert_eq!(super::name_key(" Anna  Maria", "O'Neil "), "anna maria o'neil");
    }
}
