//! Relationships to children, granted and ended; conflicts of interest, which stand against any of them.

use chrono::{DateTime, Utc};
use entity::id::{ChildId, ConferenceId, ConflictId, InvolvementId, PractitionerId, TeamId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{child, conflict, involvement};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::permit::Permit;
use super::strategy_meeting::Invitee;
use super::{Tx, cut, in_force};
use crate::error::Result;
use crate::policy::actions::{EndConflict, EndInvolvement, GrantInvolvement, MarkLocating, RecordConflict};

/// A relationship to be granted.
#[derive(Clone, Debug)]
pub struct NewInvolvement {
    /// Its id.
    pub id: InvolvementId,
    /// To whom.
    pub invitee: Invitee,
    /// The team, where a social worker is allocated.
    pub team: Option<TeamId>,
    /// On what ground.
    pub basis: Basis,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the agency tells where the child is.
    pub locates: bool,
    /// Why.
    pub reason: String,
}

/// A conflict of interest to be recorded.
#[derive(Clone, Debug)]
pub struct NewConflict {
    /// Its id.
    pub id: ConflictId,
    /// Whom it closes the child to.
    pub practitioner: PractitionerId,
    /// What it is.
    pub kind: conflict::Kind,
    /// Why.
    pub reason: String,
}

impl Tx {
    /// Writes a relationship to a child.
    pub async fn grant_involvement(
        &self,
        permit: Permit<GrantInvolvement, child::Model>,
        new: NewInvolvement,
    ) -> Result<()> {
        involvement::ActiveModel {
            id: Set(new.id),
            team_id: Set(new.team),
            starts_at: Set(new.starts_at),
            ends_at: Set(new.ends_at),
            locates: Set(new.locates),
            ..self.relation(permit.row.id, new.invitee, new.basis, &new.reason)
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Ends a relationship at an instant; one that has not begun by then never holds.
    pub async fn end_involvement(
        &self,
        permit: Permit<EndInvolvement, involvement::Model>,
        ends_at: DateTime<Utc>,
    ) -> Result<()> {
        let starts_at = permit.row.starts_at;
        let mut row = permit.row.into_active_model();
        row.ends_at = Set(Some(cut(starts_at, ends_at)));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// True if the agency has a relationship of this basis to the child that lasts or is to come.
    pub async fn is_involved(&self, child: ChildId, new: Invitee, basis: Basis, at: DateTime<Utc>) -> Result<bool> {
        use involvement::Column as C;
        let mut select = self
            .rows::<involvement::Entity>()
            .filter(C::ChildId.eq(child))
            .filter(C::AgencyId.eq(new.agency))
            .filter(C::Basis.eq(basis))
            .filter(in_force(C::StartsAt, C::EndsAt, at));
        select = match new.practitioner {
            Some(person) => select.filter(C::PractitionerId.eq(person)),
            None => select.filter(C::PractitionerId.is_null()),
        };
        Ok(!select.limit(1).all().await?.is_empty())
    }

    /// Says whether the agency of a relationship tells where the child is.
    pub async fn mark_locating(&self, permit: Permit<MarkLocating, involvement::Model>, locates: bool) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.locates = Set(locates);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Ends the relationships that the invitation to a conference gave: what opened the child for the conference does
    /// not open it for ever.
    pub(super) async fn end_invitations(&self, id: ConferenceId, ends_at: DateTime<Utc>) -> Result<()> {
        use involvement::Column as C;
        involvement::Entity::update_many()
            .col_expr(C::EndsAt, Expr::val(ends_at))
            .filter(C::ConferenceId.eq(id))
            .filter(C::Basis.eq(Basis::ConferenceInvitation))
            .filter(C::EndsAt.is_null())
            .filter(C::StartsAt.lt(ends_at))
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Writes a conflict of interest.
    pub async fn record_conflict(&self, permit: Permit<RecordConflict, child::Model>, new: NewConflict) -> Result<()> {
        let who = self.who();
        conflict::ActiveModel {
            id: Set(new.id),
            practitioner_id: Set(new.practitioner),
            child_id: Set(permit.row.id),
            kind: Set(new.kind),
            reason: Set(Sealed::new(new.reason)),
            starts_at: Set(who.at),
            ends_at: Set(None),
            recorded_by: Set(who.practitioner),
            recorded_at_agency_id: Set(who.agency),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// True if a conflict in force closes the child to the person already.
    pub async fn is_conflicted(&self, child: ChildId, person: PractitionerId) -> Result<bool> {
        use conflict::Column as C;
        // SECURITY: widened scope; one bit leaves this function, and only to who may record a conflict of that person
        let row = conflict::Entity::find()
            .filter(C::ChildId.eq(child))
            .filter(C::PractitionerId.eq(person))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .one(&self.inner)
            .await?;
        Ok(row.is_some())
    }

    /// Ends a conflict of interest now.
    pub async fn end_conflict(&self, permit: Permit<EndConflict, conflict::Model>) -> Result<()> {
        let at = cut(permit.row.starts_at, self.who().at);
        let mut row = permit.row.into_active_model();
        row.ends_at = Set(Some(at));
        row.update(&self.inner).await?;
        Ok(())
    }
}
