//! Reading the access record: who opened the record of one child.

use entity::audit;
use entity::category::Category;
use entity::id::{ChildId, TypedId};
use entity::involvement::{self, Basis};
use entity::{child, conference_child, membership, strategy_meeting_child};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Scoped;
use crate::error::{Error, Result};
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::store::in_force;
use crate::store::visible::{Visible, unclosed};

/// A page of the record of a child, newest first.
#[derive(Clone, Debug)]
pub struct AccessPage {
    /// The rows.
    pub rows: Vec<audit::Model>,
    /// True if more follow.
    pub more: bool,
    /// True if the reader has the whole row, false if its summary.
    pub full: bool,
}

impl Scoped {
    /// Who opened the record of a child, before `before`, newest first.
    ///
    /// # Errors
    /// `NotFound` if the child is absent or invisible; `Denied` if the log is not for this reader.
    pub async fn access_log(&self, child: ChildId, first: u16, before: Option<i64>) -> Result<AccessPage> {
        let full = self.may_read_log(child).await?;
        let subjects = self.subjects_of(child, full).await?;
        let about = Query::select()
            .column(entity::audit_subject::Column::Sequence)
            .from(entity::audit_subject::Entity)
            .and_where(entity::audit_subject::Column::Subject.is_in(subjects))
            .to_owned();
        let mut select = audit::Entity::find().filter(audit::Column::Sequence.in_subquery(about));
        if let Some(before) = before {
            select = select.filter(audit::Column::Sequence.lt(before));
        }
        let select = select.order_by_desc(audit::Column::Sequence).limit(u64::from(first) + 1);
        let mut rows = select.all(&self.store.db.pool).await?;
        let more = rows.len() > usize::from(first);
        rows.truncate(usize::from(first));
        self.who.read_log(child, rows.len());
        Ok(AccessPage { rows, more, full })
    }

    /// Whether this reader has the whole row of the record of `child`, or its summary.
    async fn may_read_log(&self, id: ChildId) -> Result<bool> {
        let cell = cell(self.who.role, Category::AuditLog);
        if self.who.role == Role::Auditor {
            // SECURITY: widened from the rows in scope to the authority; what leaves is the record of accesses. A conflict
            // of interest closes that as well
            let known = child::Entity::find_by_id(id)
                .filter(child::Column::LocalAuthorityId.eq(self.who.authority))
                .filter(unclosed(&self.who, child::Column::Id, |closed| closed))
                .one(&self.store.db.pool)
                .await?;
            return if known.is_some() { Ok(true) } else { self.log_missed(id) };
        }
        if !self.rows::<child::Entity>().filter(child::Column::Id.eq(id)).exist().await? {
            return self.log_missed(id);
        }
        let allowed = match cell {
            Cell::Full | Cell::Summary => self.who.role != Role::SocialWorker || self.allocated(id).await?,
            Cell::Write
            | Cell::Released
            | Cell::Own
            | Cell::OwnAndReleased
            | Cell::Listed
            | Cell::ListedAndOwn
            | Cell::Aggregate
            | Cell::Nothing => false,
        };
        if allowed {
            return Ok(cell == Cell::Full);
        }
        self.who.ledger().refused("AccessRecord", "FORBIDDEN");
        Err(Error::Denied("The access record of this child is not for your role."))
    }

    fn log_missed(&self, id: ChildId) -> Result<bool> {
        self.who.missed::<child::Entity>(std::iter::once(id.uuid()));
        Err(Error::NotFound)
    }

    async fn allocated(&self, child: ChildId) -> Result<bool> {
        use involvement::Column as C;
        self.rows::<involvement::Entity>()
            .filter(C::ChildId.eq(child))
            .filter(C::PractitionerId.eq(self.who.practitioner))
            .filter(C::Basis.eq(Basis::AllocatedWorker))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who.at))
            .exist()
            .await
    }

    /// The pseudonyms under which the record tells of a child: its own, and those of its households and conferences;
    /// of strategy meetings only for those who have the whole row, as a meeting may be kept from the others. None of what
    /// is closed to the reader.
    async fn subjects_of(&self, child: ChildId, full: bool) -> Result<Vec<Uuid>> {
        let key = &self.store.audit.key;
        let mut subjects = vec![key.pseudonym(ChildId::NOUN, child.0)];
        let households = self.of_child::<membership::Entity>(membership::Column::ChildId.eq(child)).await?;
        subjects.extend(households.iter().map(|row| key.pseudonym("Household", row.household_id.0)));
        let conferences =
            self.of_child::<conference_child::Entity>(conference_child::Column::ChildId.eq(child)).await?;
        subjects.extend(conferences.iter().map(|row| key.pseudonym("Conference", row.conference_id.0)));
        if full {
            // nobody audits meetings about professionals by way of the child
            let of_child = strategy_meeting_child::Column::ChildId.eq(child);
            let of_child = if self.who.role == Role::Auditor {
                of_child.and(strategy_meeting_child::Column::Discreet.eq(false))
            } else {
                of_child
            };
            let meetings = self.of_child::<strategy_meeting_child::Entity>(of_child).await?;
            subjects.extend(meetings.iter().map(|row| key.pseudonym("StrategyMeeting", row.strategy_meeting_id.0)));
        }
        Ok(subjects)
    }

    /// Rows about a child that the reader may see; all for the auditor, who sees none of them but what was done with them.
    async fn of_child<E: Visible>(&self, of_child: Expr) -> Result<Vec<E::Model>> {
        let mut select = E::find().filter(of_child);
        if self.who.role != Role::Auditor {
            select = select.filter(E::rows(&self.who));
        }
        // SECURITY: not noted as handed out: only pseudonyms are made of them
        Ok(select.all(&self.store.db.pool).await?)
    }
}
