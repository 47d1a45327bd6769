//! Duties beside the post, given and ended.

use chrono::{DateTime, Utc};
use entity::appointment::Post;
use entity::designation::Kind;
use entity::id::{DesignationId, PractitionerId};
use entity::{designation, practitioner};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel};

use super::permit::Permit;
use super::{Tx, cut, lasts};
use crate::error::Result;
use crate::policy::actions::{EndDesignation, GrantDesignation};

/// A duty to be given at the caller's agency.
#[derive(Clone, Copy, Debug)]
pub struct NewDesignation {
    /// Its id.
    pub id: DesignationId,
    /// Which.
    pub kind: Kind,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// True if the person has a post at the caller's agency in which a duty can be held.
    pub async fn may_hold_a_duty(&self, person: PractitionerId) -> Result<bool> {
        let agency = self.who().agency;
        let fits = |post: Post| !matches!(post, Post::SystemAdmin | Post::Auditor | Post::AgencySystem);
        Ok(self.posts_of(&[person]).await?.iter().any(|held| held.agency_id == agency && fits(held.post)))
    }

    /// True if the person has this duty at the caller's agency at `at`, or is to have it later.
    pub async fn is_designated(&self, person: PractitionerId, kind: Kind, at: DateTime<Utc>) -> Result<bool> {
        use designation::Column as C;
        self.rows::<designation::Entity>()
            .filter(C::PractitionerId.eq(person))
            .filter(C::AgencyId.eq(self.who().agency))
            .filter(C::Kind.eq(kind))
            .filter(lasts(C::EndsAt, at))
            .exist()
            .await
    }

    /// Writes a duty.
    pub async fn grant_designation(
        &self,
        permit: Permit<GrantDesignation, practitioner::Model>,
        new: NewDesignation,
    ) -> Result<()> {
        designation::ActiveModel {
            id: Set(new.id),
            practitioner_id: Set(permit.row.id),
            agency_id: Set(self.who().agency),
            kind: Set(new.kind),
            starts_at: Set(new.starts_at),
            ends_at: Set(new.ends_at),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Ends a duty at an instant; one that has not begun by then never holds.
    pub async fn end_designation(
        &self,
        permit: Permit<EndDesignation, designation::Model>,
        ends_at: DateTime<Utc>,
    ) -> Result<()> {
        let starts_at = permit.row.starts_at;
        let mut row = permit.row.into_active_model();
        row.ends_at = Set(Some(cut(starts_at, ends_at)));
        row.update(&self.inner).await?;
        Ok(())
    }
}
