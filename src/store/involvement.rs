//! Relationships to children, granted and ended; conflicts of interest, which stand against any of them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::id::{ChildId, ConferenceId, ConflictId, InvolvementId, PractitionerId, StrategyMeetingId, TeamId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{child, conflict, involvement};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::invitee::Invitee;
use super::permit::Permit;
use super::{Tx, cut, in_force, lasts};
use crate::error::Result;
use crate::policy::actions::{EndConflict, EndInvolvement, GrantInvolvement, MarkLocating, RecordConflict};
use crate::practice::calendar::end_of;

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

    /// True if the agency has a relationship of this basis to the child at any time of the half-open period.
    pub async fn is_involved(
        &self,
        child: ChildId,
        new: Invitee,
        basis: Basis,
        (starts_at, ends_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Result<bool> {
        use involvement::Column as C;
        let mut select = self
            .rows::<involvement::Entity>()
            .filter(C::ChildId.eq(child))
            .filter(C::AgencyId.eq(new.agency))
            .filter(C::Basis.eq(basis))
            .filter(lasts(C::EndsAt, starts_at))
            .filter(Condition::all().add_option(ends_at.map(|ends| C::StartsAt.lt(ends))));
        select = match new.practitioner {
            Some(person) => select.filter(C::PractitionerId.eq(person)),
            None => select.filter(C::PractitionerId.is_null()),
        };
        Ok(!select.limit(1).all().await?.is_empty())
    }

    /// True if another allocation of the child holds at `at` and has no end: somebody has the child from then on.
    pub async fn is_succeeded(&self, child: ChildId, but: Option<InvolvementId>, at: DateTime<Utc>) -> Result<bool> {
        use involvement::Column as C;
        self.rows::<involvement::Entity>()
            .filter(C::ChildId.eq(child))
            .filter(C::Basis.eq(Basis::AllocatedWorker))
            .filter(C::StartsAt.lte(at))
            .filter(C::EndsAt.is_null())
            .filter(Condition::all().add_option(but.map(|id| C::Id.ne(id))))
            .exist()
            .await
    }

    /// The allocations in force of some children.
    pub async fn allocations(&self, children: &[ChildId]) -> Result<Vec<involvement::Model>> {
        use involvement::Column as C;
        self.rows::<involvement::Entity>()
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::Basis.eq(Basis::AllocatedWorker))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .all()
            .await
    }

    /// The relationships in force to some children in which the caller is named.
    pub async fn own_relationships(&self, children: &[ChildId]) -> Result<Vec<involvement::Model>> {
        use involvement::Column as C;
        self.rows::<involvement::Entity>()
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::PractitionerId.eq(self.who().practitioner))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .all()
            .await
    }

    /// Says whether the agency of a relationship tells where the child is.
    pub async fn mark_locating(&self, permit: Permit<MarkLocating, involvement::Model>, locates: bool) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.locates = Set(locates);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Cuts what the invitations to a conference gave: what opened the child for the conference does not open it for
    /// ever.
    pub(super) async fn end_conference_invitations(&self, id: ConferenceId, ends_at: DateTime<Utc>) -> Result<()> {
        use involvement::Column as C;
        let given = Condition::all().add(C::ConferenceId.eq(id)).add(C::Basis.eq(Basis::ConferenceInvitation));
        self.end_all(given.add(lasts(C::EndsAt, ends_at)), ends_at).await
    }

    /// Cuts what chairing a conference or taking its minutes gave.
    pub(super) async fn end_conference_posts(&self, id: ConferenceId, ends_at: DateTime<Utc>) -> Result<()> {
        use involvement::Column as C;
        let posts = C::Basis.is_in([Basis::Chair, Basis::MinuteTaker]);
        self.end_all(Condition::all().add(C::ConferenceId.eq(id)).add(posts).add(lasts(C::EndsAt, ends_at)), ends_at)
            .await
    }

    /// Moves the end of what the invitations to a strategy meeting gave: it may have been held later than it was called
    /// for. What has ended stays ended.
    pub(super) async fn end_strategy_invitations(&self, id: StrategyMeetingId, ends_at: DateTime<Utc>) -> Result<()> {
        use involvement::Column as C;
        let given = Condition::all().add(C::StrategyMeetingId.eq(id)).add(C::Basis.eq(Basis::StrategyInvitation));
        self.end_all(given, ends_at).await
    }

    /// Ends what membership of the core group gave when the plan ends on `day`: with that day, or now where that is
    /// over. A child has one core group at a time.
    pub(super) async fn end_core_group_of(&self, child: ChildId, day: NaiveDate) -> Result<()> {
        use involvement::Column as C;
        // never empty, were it granted in this very instant
        let ends_at = end_of(day).max(self.who().at + chrono::Duration::microseconds(1));
        let given = Condition::all().add(C::ChildId.eq(child)).add(C::Basis.eq(Basis::CoreGroup));
        self.end_all(given.add(lasts(C::EndsAt, ends_at)), ends_at).await
    }

    /// Cuts all that a meeting gave which is not held: to who was asked to it, chairs it or takes its minutes.
    pub(super) async fn cut_all(&self, of_meeting: Expr, ends_at: DateTime<Utc>) -> Result<()> {
        let ends = lasts(involvement::Column::EndsAt, ends_at);
        self.end_all(Condition::all().add(of_meeting).add(ends), ends_at).await
    }

    /// Moves the end of some relationships. Never opens again what has ended: somebody may have ended it before its time.
    pub(super) async fn end_all(&self, which: Condition, ends_at: DateTime<Utc>) -> Result<()> {
        use involvement::Column as C;
        involvement::Entity::update_many()
            .col_expr(C::EndsAt, Expr::val(ends_at))
            .filter(which)
            .filter(C::StartsAt.lt(ends_at))
            .filter(lasts(C::EndsAt, self.who().at))
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
            allegation_id: Set(None),
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
            // one that comes from an allegation is told to nobody here: another stands beside it
            .filter(C::AllegationId.is_null())
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
