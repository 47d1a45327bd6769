//! Allegations against professionals, written; and the children they close to whom they are about.

use chrono::{DateTime, Utc};
use entity::allegation::{self, Outcome};
use entity::conflict;
use entity::id::{AgencyId, AllegationId, ChildId, ConflictId, PractitionerId};
use entity::sealed::Sealed;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::permit::Permit;
use super::visible::allegation::in_whole;
use super::{Tx, in_force};
use crate::error::Result;
use crate::policy::actions::{CloseAllegation, LeadAllegation, ReferAllegation};
use crate::practice::states::of_allegation;

/// What stands as the reason of a conflict of interest that comes from an allegation.
const REASON: &str = "The subject of an allegation.";

/// An allegation to be referred.
#[derive(Clone, Debug)]
pub struct NewAllegation {
    /// Its id.
    pub id: AllegationId,
    /// Whom it is about.
    pub subject: PractitionerId,
    /// Where that person works.
    pub agency: AgencyId,
    /// The child it names.
    pub child: Option<ChildId>,
    /// What is alleged.
    pub text: String,
    /// When the agency concerned knew.
    pub known_at: DateTime<Utc>,
    /// By when it was to be referred.
    pub due_at: DateTime<Utc>,
}

impl Tx {
    /// Writes an allegation, and closes the child it names to whom it is about.
    pub async fn refer_allegation(&self, _: Permit<ReferAllegation, ()>, new: NewAllegation) -> Result<()> {
        let who = self.who();
        let row = allegation::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            subject_id: Set(new.subject),
            subject_agency_id: Set(new.agency),
            referring_agency_id: Set(who.agency),
            referred_by: Set(who.practitioner),
            lead_id: Set(None),
            child_id: Set(new.child),
            text: Set(Sealed::new(new.text)),
            known_at: Set(new.known_at),
            referral_due_at: Set(new.due_at),
            received_at: Set(who.at),
            status: Set(of_allegation::REFERRED),
            outcome: Set(Sealed::new(None)),
            closed_at: Set(None),
            version: Set(1),
        };
        let row = row.insert(&self.inner).await?;
        let children: Vec<_> = row.child_id.into_iter().collect();
        self.close_to_subject(&row, &children).await
    }

    /// An allegation that the caller reads in whole, locked; `None` for who has no more than a receipt as well.
    pub async fn allegation_in_whole(&self, id: AllegationId) -> Result<Option<allegation::Model>> {
        let found = self
            .rows::<allegation::Entity>()
            .locked()
            .filter(allegation::Column::Id.eq(id))
            .filter(in_whole(self.who()))
            .all()
            .await?;
        Ok(found.into_iter().next())
    }

    /// Writes who leads on an allegation.
    pub async fn lead_allegation(
        &self,
        permit: Permit<LeadAllegation, allegation::Model>,
        lead: PractitionerId,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.lead_id = Set(Some(lead));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Closes an allegation. What it closes to whom it is about stays closed until that is ended.
    pub async fn close_allegation(
        &self,
        permit: Permit<CloseAllegation, allegation::Model>,
        outcome: Outcome,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_allegation::CLOSE.to);
        row.outcome = Set(Sealed::new(Some(outcome)));
        row.closed_at = Set(Some(self.who().at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Closes children to whom an allegation is about, with a conflict of interest that only its readers are told.
    pub(super) async fn close_to_subject(&self, about: &allegation::Model, children: &[ChildId]) -> Result<()> {
        use conflict::Column as C;
        let who = self.who();
        let closed = conflict::Entity::find()
            .filter(C::AllegationId.eq(about.id))
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(in_force(C::StartsAt, C::EndsAt, who.at))
            .all(&self.inner)
            .await?;
        let rows: Vec<_> = children
            .iter()
            .filter(|child| !closed.iter().any(|row| row.child_id == **child))
            .map(|child| conflict::ActiveModel {
                id: Set(ConflictId(self.new_id())),
                practitioner_id: Set(about.subject_id),
                child_id: Set(*child),
                kind: Set(conflict::Kind::AllegationSubject),
                reason: Set(Sealed::new(REASON.to_owned())),
                starts_at: Set(who.at),
                ends_at: Set(None),
                recorded_by: Set(who.practitioner),
                recorded_at_agency_id: Set(who.agency),
                allegation_id: Set(Some(about.id)),
            })
            .collect();
        if !rows.is_empty() {
            conflict::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }
}
