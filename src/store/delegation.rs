//! Delegated chairs: who chairs a conference now, and the rows that a delegation gives.

use chrono::{DateTime, Utc};
use entity::id::{ChairDelegationId, ChildId, ConferenceId, PractitionerId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{chair_delegation, conference, involvement};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::invitee::Invitee;
use super::permit::Permit;
use super::{Tx, cut, in_force};
use crate::error::Result;
use crate::policy::actions::{ConferencePosts, DelegateChair, EndChairDelegation};

/// A delegation to be written.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// Its id.
    pub id: ChairDelegationId,
    /// Who chairs meanwhile.
    pub practitioner: PractitionerId,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl Tx {
    /// Who holds which post at a conference now: while the chair is delegated, the delegate and nobody else chairs.
    pub async fn conference_posts(&self, row: &conference::Model) -> Result<ConferencePosts> {
        use chair_delegation::Column as C;
        // SECURITY: read past the row rule; it decides who may act, and nothing of it leaves
        let delegation = chair_delegation::Entity::find()
            .filter(C::ConferenceId.eq(row.id))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .one(&self.inner)
            .await?;
        let chair = delegation.map_or(row.chair_id, |delegation| delegation.practitioner_id);
        Ok(ConferencePosts { chair, minute_taker: row.minute_taker_id })
    }

    /// True if the chair of a conference is delegated at some time between two instants.
    pub async fn is_delegated(&self, id: ConferenceId, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool> {
        use chair_delegation::Column as C;
        self.rows::<chair_delegation::Entity>()
            .filter(C::ConferenceId.eq(id))
            .filter(C::StartsAt.lt(until))
            .filter(C::EndsAt.gt(from))
            .exist()
            .await
    }

    /// Writes a delegation with the relationships it gives: the children of the conference, for its time.
    pub async fn delegate_chair(
        &self,
        permit: Permit<DelegateChair, conference::Model>,
        children: &[ChildId],
        new: NewDelegation,
    ) -> Result<()> {
        let conference = &permit.row;
        let delegate = Invitee { agency: conference.agency_id, practitioner: Some(new.practitioner) };
        let rows = children.iter().map(|child| involvement::ActiveModel {
            conference_id: Set(Some(conference.id)),
            starts_at: Set(new.starts_at),
            ends_at: Set(Some(new.ends_at)),
            ..self.relation(*child, delegate, Basis::Chair, "Chairs the conference for its chair")
        });
        involvement::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        chair_delegation::ActiveModel {
            id: Set(new.id),
            conference_id: Set(conference.id),
            practitioner_id: Set(new.practitioner),
            starts_at: Set(new.starts_at),
            ends_at: Set(new.ends_at),
            reason: Set(Sealed::new(new.reason)),
            delegated_by: Set(self.who().practitioner),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Ends a delegation now, with what it opened; one that has not begun by then never holds.
    pub async fn end_chair_delegation(
        &self,
        permit: Permit<EndChairDelegation, chair_delegation::Model>,
    ) -> Result<()> {
        use involvement::Column as C;
        let row = permit.row;
        let ends_at = cut(row.starts_at, self.who().at);
        let given = Condition::all()
            .add(C::ConferenceId.eq(row.conference_id))
            .add(C::PractitionerId.eq(row.practitioner_id))
            .add(C::Basis.eq(Basis::Chair))
            .add(C::StartsAt.eq(row.starts_at));
        self.end_all(given, ends_at).await?;
        let mut row = row.into_active_model();
        row.ends_at = Set(ends_at);
        row.update(&self.inner).await?;
        Ok(())
    }
}
