//! Shares between authorities: what is frozen of a child, and the relationships that taking the child over gives.

use chrono::{DateTime, NaiveDate, Utc};
use entity::id::{AgencyId, ChildId, LocalAuthorityId, PractitionerId, TransferShareId};
use entity::involvement::Basis;
use entity::sealed::{Disclose, Sealed};
use entity::{agency, child, conference, conference_child, involvement, plan, plan_action, transfer_share};
use sea_orm::sea_query::{Expr, Order, Query};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};

use super::invitee::Invitee;
use super::permit::Permit;
use super::{Tx, in_force, lasts};
use crate::error::{Error, Result};
use crate::policy::actions::{AcceptTransfer, ShareTransfer, WithdrawTransfer};

/// Who the child is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IdentityShown {
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Day of birth.
    pub born_on: Option<NaiveDate>,
    /// Expected day of birth.
    pub expected_on: Option<NaiveDate>,
    /// NHS number.
    pub nhs_number: Option<String>,
    /// Unique pupil number.
    pub upn: Option<String>,
    /// First language.
    pub first_language: Option<String>,
    /// What talking with the child needs.
    pub communication_needs: Option<String>,
}

/// Danger and safety statement of the plan.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StatementsShown {
    /// What is feared.
    pub danger: Option<String>,
    /// What safety would look like.
    pub safety: Option<String>,
}

/// The plan, and the last conference.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PlanShown {
    /// First day of the open child protection plan.
    pub starts_on: Option<NaiveDate>,
    /// Latest category of abuse, as its word.
    pub category: Option<String>,
    /// Days between visits at the most.
    pub visit_every_days: Option<i32>,
    /// What is to be done.
    pub actions: Vec<ActionShown>,
    /// The last conference.
    pub conference: Option<ConferenceShown>,
}

/// An action of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActionShown {
    /// What.
    pub description: Option<String>,
    /// By when.
    pub due_on: NaiveDate,
    /// How far it is, as its word.
    pub status: String,
}

/// What a conference decided about the child.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConferenceShown {
    /// What kind, as its word.
    pub kind: String,
    /// When.
    pub held_at: DateTime<Utc>,
    /// What was decided, as its word.
    pub outcome: Option<String>,
    /// The chair's summary.
    pub summary: Option<String>,
}

/// Who works with the child.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ContactShown {
    /// The agency.
    pub agency: AgencyId,
    /// The professional, where one is named.
    pub practitioner: Option<PractitionerId>,
}

/// A share to be written.
#[derive(Clone, Debug)]
pub struct NewShare {
    /// Its id.
    pub id: TransferShareId,
    /// The social care that is to have the child, with its authority.
    pub to: (AgencyId, LocalAuthorityId),
    /// Why.
    pub reason: String,
    /// By when the transfer-in conference is to be held.
    pub conference_due_at: DateTime<Utc>,
}

fn json(part: &impl Serialize) -> Result<String> {
    serde_json::to_string(part).map_err(|_| Error::internal("a part of a share cannot be written"))
}

impl Tx {
    /// The active social care of another authority.
    pub async fn social_care_elsewhere(&self, id: AgencyId) -> Result<Option<agency::Model>> {
        let rows = self
            .rows::<agency::Entity>()
            .filter(agency::Column::Id.eq(id))
            .filter(agency::Column::LocalAuthorityId.ne(self.who().authority))
            .filter(agency::Column::Kind.eq(agency::Kind::Csc))
            .filter(agency::Column::Active.eq(true));
        Ok(rows.all().await?.pop())
    }

    /// True if the child is shared with another social care already: not answered, or to be theirs on a day to come.
    pub async fn is_shared(&self, child: ChildId) -> Result<bool> {
        use transfer_share::Column as C;
        let open = Condition::any().add(C::AcceptedAt.is_null()).add(C::RightsFrom.gt(self.who().at));
        let mine = self.rows::<transfer_share::Entity>().filter(C::ChildId.eq(child)).filter(C::WithdrawnAt.is_null());
        mine.filter(open).exist().await
    }

    /// Writes a share with what it shows: no more than its author reads, never an address, an item for a few or what
    /// would tell where the child is.
    pub async fn share_transfer(&self, permit: Permit<ShareTransfer, child::Model>, new: NewShare) -> Result<()> {
        let (who, child) = (self.who(), permit.row);
        let plan = self.open_plans(&[child.id]).await?.remove(&child.id);
        transfer_share::ActiveModel {
            id: Set(new.id),
            child_id: Set(child.id),
            from_authority_id: Set(who.authority),
            from_agency_id: Set(who.agency),
            to_authority_id: Set(new.to.1),
            to_agency_id: Set(new.to.0),
            shared_by: Set(who.practitioner),
            shared_at: Set(who.at),
            reason: Set(Sealed::new(new.reason)),
            conference_due_at: Set(new.conference_due_at),
            identity: Set(Sealed::new(json(&self.identity_shown(&child))?)),
            statements: Set(Sealed::new(json(&self.statements_shown(plan.as_ref()))?)),
            plan: Set(Sealed::new(json(&self.plan_shown(child.id, plan.as_ref()).await?)?)),
            contacts: Set(Sealed::new(json(&self.contacts_shown(child.id).await?)?)),
            accepted_by: Set(None),
            accepted_at: Set(None),
            worker_id: Set(None),
            rights_from: Set(None),
            withdrawn_at: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    fn discloses(&self) -> impl Disclose + use<> {
        self.scope().disclosure(None)
    }

    fn identity_shown(&self, child: &child::Model) -> IdentityShown {
        let opens = self.discloses();
        IdentityShown {
            given_name: child.given_name.open(&opens).cloned(),
            family_name: child.family_name.open(&opens).cloned(),
            born_on: child.born_on.open(&opens).copied().flatten(),
            expected_on: child.expected_on.open(&opens).copied().flatten(),
            nhs_number: child.nhs_number.open(&opens).cloned().flatten(),
            upn: child.upn.open(&opens).cloned().flatten(),
            first_language: child.first_language.open(&opens).cloned().flatten(),
            communication_needs: child.communication_needs.open(&opens).cloned().flatten(),
        }
    }

    fn statements_shown(&self, plan: Option<&plan::Model>) -> StatementsShown {
        let opens = self.discloses();
        StatementsShown {
            danger: plan.and_then(|plan| plan.danger_statement.open(&opens).cloned().flatten()),
            safety: plan.and_then(|plan| plan.safety_statement.open(&opens).cloned().flatten()),
        }
    }

    async fn plan_shown(&self, child: ChildId, plan: Option<&plan::Model>) -> Result<PlanShown> {
        let opens = self.discloses();
        let mut shown = PlanShown { conference: self.conference_shown(child).await?, ..PlanShown::default() };
        let Some(plan) = plan else { return Ok(shown) };
        shown.starts_on = Some(plan.starts_on);
        shown.category =
            plan.category_latest.open(&opens).copied().flatten().map(entity::conference_child::AbuseCategory::word);
        shown.visit_every_days = plan.visit_every_days.open(&opens).copied();
        let actions = self.rows::<plan_action::Entity>().filter(plan_action::Column::PlanId.eq(plan.id)).all().await?;
        shown.actions = actions
            .into_iter()
            .map(|action| ActionShown {
                description: action.description.open(&opens).cloned(),
                due_on: action.due_on,
                status: action.status.word(),
            })
            .collect();
        Ok(shown)
    }

    async fn conference_shown(&self, child: ChildId) -> Result<Option<ConferenceShown>> {
        let opens = self.discloses();
        let entries =
            self.rows::<conference_child::Entity>().filter(conference_child::Column::ChildId.eq(child)).all().await?;
        let last = self
            .rows::<conference::Entity>()
            .filter(conference::Column::Id.is_in(entries.iter().map(|entry| entry.conference_id)))
            .filter(conference::Column::Status.eq(conference::Status::Concluded))
            .order_by(conference::Column::ScheduledAt, Order::Desc)
            .limit(1)
            .all()
            .await?
            .pop();
        let Some(last) = last else { return Ok(None) };
        // the summary speaks of all the children: those who do not move are none of the other authority's
        let alone = self.all_children_of_conference(last.id).await?.len() == 1;
        let summary = last.summary.open(&opens).filter(|_| alone).cloned().flatten();
        let entry = entries.iter().find(|entry| entry.conference_id == last.id);
        let outcome = entry.and_then(|entry| entry.outcome.open(&opens).copied().flatten());
        let outcome = outcome.map(entity::conference_child::Outcome::word);
        Ok(Some(ConferenceShown { kind: last.kind.word(), held_at: last.scheduled_at, outcome, summary }))
    }

    async fn contacts_shown(&self, child: ChildId) -> Result<Vec<ContactShown>> {
        use involvement::Column as C;
        let rows = self
            .rows::<involvement::Entity>()
            .filter(C::ChildId.eq(child))
            .filter(C::Basis.is_in([Basis::AllocatedWorker, Basis::Agency, Basis::CoreGroup, Basis::Chair]))
            .filter(C::Locates.eq(false))
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .all()
            .await?;
        let mut shown: Vec<_> = rows.into_iter().map(|row| (row.agency_id, row.practitioner_id)).collect();
        shown.sort_unstable();
        shown.dedup();
        Ok(shown.into_iter().map(|(agency, practitioner)| ContactShown { agency, practitioner }).collect())
    }

    /// Takes a share back.
    pub async fn withdraw_transfer(&self, permit: Permit<WithdrawTransfer, transfer_share::Model>) -> Result<()> {
        let (at, version) = (self.who().at, permit.row.version);
        let mut row = permit.row.into_active_model();
        row.withdrawn_at = Set(Some(at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Accepts a share: at `rights_from`, and not before, the child is the worker's and the caller's team's, and the
    /// allocations of the social care that shared it end.
    pub async fn accept_transfer(
        &self,
        permit: Permit<AcceptTransfer, transfer_share::Model>,
        worker: PractitionerId,
        rights_from: DateTime<Utc>,
    ) -> Result<()> {
        use involvement::Column as C;
        let (who, share) = (self.who(), permit.row);
        let theirs = Condition::all().add(C::ChildId.eq(share.child_id)).add(C::AgencyId.eq(share.from_agency_id));
        self.end_all(theirs.add(lasts(C::EndsAt, rights_from)), rights_from).await?;
        let allocated = Invitee { agency: share.to_agency_id, practitioner: Some(worker) };
        involvement::ActiveModel {
            team_id: Set(who.teams.first().copied()),
            starts_at: Set(rights_from),
            ..self.relation(share.child_id, allocated, Basis::AllocatedWorker, "Moved from another authority")
        }
        .insert(&self.inner)
        .await?;
        let version = share.version;
        let mut row = share.into_active_model();
        row.accepted_by = Set(Some(who.practitioner));
        row.accepted_at = Set(Some(who.at));
        row.worker_id = Set(Some(worker));
        row.rights_from = Set(Some(rights_from));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// The children of a transfer-in conference are its authority's from its outcome on. What opened them to the social care
    /// of another authority ends, whatever was granted there meanwhile.
    pub async fn take_over(&self, children: &[ChildId]) -> Result<()> {
        use involvement::Column as C;
        let who = self.who();
        let others = Query::select()
            .column(agency::Column::Id)
            .from(agency::Entity)
            .and_where(agency::Column::Kind.eq(agency::Kind::Csc))
            .and_where(agency::Column::LocalAuthorityId.ne(who.authority))
            .to_owned();
        let of_children = Condition::all().add(C::ChildId.is_in(children.iter().copied()));
        self.end_all(of_children.add(C::AgencyId.in_subquery(others)), who.at).await?;
        child::Entity::update_many()
            .col_expr(child::Column::LocalAuthorityId, Expr::val(who.authority))
            .filter(child::Column::Id.is_in(children.iter().copied()))
            .exec(&self.inner)
            .await?;
        self.lapsed_elsewhere(children).await
    }
}
