//! Answering a review of access. Issuing it is in `upkeep`.

use chrono::{DateTime, NaiveDate, Utc};
use entity::access_review_entry::{self, Answer};
use entity::{access_review, appointment, conflict, involvement};
use sea_orm::sea_query::{Expr, Order};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::permit::Permit;
use super::{Scoped, Tx, lasts};
use crate::error::{Error, Result};
use crate::policy::actions::AnswerAccessReview;

impl Scoped {
    /// The review of a quarter, by its first day; the newest where none is named.
    ///
    /// # Errors
    /// `NotFound` if none was issued, or the reader oversees nothing.
    pub async fn access_review(&self, quarter: Option<NaiveDate>) -> Result<access_review::Model> {
        let mut select = self.rows::<access_review::Entity>();
        if let Some(quarter) = quarter {
            select = select.filter(access_review::Column::QuarterOn.eq(quarter));
        }
        let found = select.order_by(access_review::Column::QuarterOn, Order::Desc).limit(1).all().await?;
        found.into_iter().next().ok_or(Error::NotFound)
    }
}

impl Tx {
    /// Writes the answer to an entry, and ends what is to end.
    pub async fn answer_access_review(
        &self,
        permit: Permit<AnswerAccessReview, access_review_entry::Model>,
        answer: Answer,
    ) -> Result<()> {
        let entry = permit.row;
        let who = self.who();
        if let Some(child) = entry.child_id {
            self.scope().who.concerned("AccessReviewEntry", child);
        }
        if answer == Answer::End {
            end_all(&self.inner, std::slice::from_ref(&entry), who.at).await?;
        }
        let mut row = entry.into_active_model();
        row.answer = Set(Some(answer));
        row.answered_by = Set(Some(who.practitioner));
        row.answered_at = Set(Some(who.at));
        row.update(&self.inner).await?;
        Ok(())
    }
}

/// Ends what entries are about, where it has not ended by then.
pub(super) async fn end_all(
    tx: &DatabaseTransaction,
    entries: &[access_review_entry::Model],
    at: DateTime<Utc>,
) -> Result<()> {
    macro_rules! end {
        ($($table:ident by $id:ident),+) => { $(
            let ids: Vec<_> = entries.iter().filter_map(|entry| entry.$id).collect();
            if !ids.is_empty() {
                use $table::Column as C;
                $table::Entity::update_many()
                    .col_expr(C::EndsAt, Expr::val(at))
                    .filter(C::Id.is_in(ids))
                    .filter(C::StartsAt.lt(at))
                    .filter(lasts(C::EndsAt, at))
                    .exec(tx)
                    .await?;
            }
        )+ };
    }
    end!(appointment by appointment_id, involvement by involvement_id, conflict by conflict_id);
    Ok(())
}
