//! Saying why: what may be asked only with a reason, which stands in the access record and nowhere else.

use entity::audit::Purpose;
use entity::id::ChildId;
use entity::{child, involvement};
use sea_orm::sea_query::{IntoCondition, Query};
use sea_orm::{ColumnTrait, Condition};

use super::{Scoped, in_force};
use crate::error::{Error, Result};
use crate::policy::reasons::unallocated_needs_reason;

/// Characters of a reason at the least; fewer say nothing. The most is the transport's.
const AT_LEAST: usize = 10;

impl Scoped {
    /// Whether the caller said why it asks, in words enough to be a reason.
    pub fn reason_given(&self) -> bool {
        self.who.asked().reason.as_ref().is_some_and(|reason| reason.chars().count() >= AT_LEAST)
    }

    /// Why the caller says it asks, as one of the list.
    pub fn purpose(&self) -> Option<Purpose> {
        self.who.asked().purpose
    }

    /// The gate of everything that is done only with a reason: searching by name, exports, items that are restricted.
    /// The refusal is recorded.
    ///
    /// # Errors
    /// `ReasonRequired` where the caller gave none.
    pub fn require_reason(&self) -> Result<()> {
        if self.reason_given() {
            return Ok(());
        }
        self.who.ledger().refused("Operation", "REASON_REQUIRED");
        Err(Error::ReasonRequired)
    }

    /// The gate of all that is read and done about allegations against professionals: only with a reason, and so that the
    /// record of no child tells of it.
    ///
    /// # Errors
    /// `ReasonRequired` where the caller gave none.
    pub fn open_allegations(&self) -> Result<()> {
        self.require_reason()?;
        self.keep_discreet();
        Ok(())
    }

    /// Keeps what the operation does out of the records of the children it is about.
    pub(super) fn keep_discreet(&self) {
        self.who.ledger().keep_discreet();
    }

    /// Asks for a reason where the record of a single child is opened by a reader whose role needs one for a child that
    /// is allocated neither to the person nor to the person's team. A child that is not in scope asks for none: it is
    /// absent for those who say why as well.
    ///
    /// # Errors
    /// `ReasonRequired` where the caller gave none.
    pub async fn reason_to_open(&self, id: ChildId) -> Result<()> {
        self.reason_to_open_one(child::Column::Id.eq(id)).await
    }

    /// The same for the children that `named` points to.
    pub(super) async fn reason_to_open_one(&self, named: impl IntoCondition) -> Result<()> {
        use involvement::Column as C;
        if !unallocated_needs_reason(self.who.role) || self.reason_given() {
            return Ok(());
        }
        let theirs = Condition::any()
            .add(C::PractitionerId.eq(self.who.practitioner))
            .add(C::TeamId.is_in(self.who.teams.iter().copied()));
        let allocated = Query::select()
            .column(C::ChildId)
            .from(involvement::Entity)
            .cond_where(theirs)
            .cond_where(in_force(C::StartsAt, C::EndsAt, self.who.at))
            .take();
        let unallocated =
            self.rows::<child::Entity>().filter(named).filter(child::Column::Id.not_in_subquery(allocated));
        if unallocated.exist().await? { self.require_reason() } else { Ok(()) }
    }
}
