//! Plans, and the core groups that come with them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::conference_child::AbuseCategory;
use entity::id::{AgencyId, ChildId, CoreGroupId, CoreGroupMemberId, PlanActionId, PlanId, PractitionerId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{conference, core_group, core_group_member, involvement, plan, plan_action};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::invitee::Invitee;
use super::permit::Permit;
use super::{Tx, in_force};
use crate::error::Result;
use crate::policy::actions::RecordConferenceOutcome;

/// A child protection plan made by a conference, with its core group.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// The child.
    pub child: ChildId,
    /// The day of the conference: the plan starts then (rule 2885).
    pub starts_on: NaiveDate,
    /// Category of abuse.
    pub category: AbuseCategory,
    /// What is feared.
    pub danger_statement: Option<String>,
    /// What safety would look like.
    pub safety_statement: Option<String>,
    /// Days between visits at the most.
    pub visit_every_days: i32,
    /// The outline: what, by which agency, by when.
    pub actions: Vec<(String, AgencyId, NaiveDate)>,
    /// Who leads the core group.
    pub lead: PractitionerId,
    /// Who is in it.
    pub members: Vec<Invitee>,
    /// By when it meets first.
    pub first_meeting_due_on: NaiveDate,
}

impl Tx {
    /// The open plans of `children`, whichever kind.
    pub async fn open_plans(&self, children: &[ChildId]) -> Result<HashMap<ChildId, plan::Model>> {
        let rows = self
            .rows::<plan::Entity>()
            .filter(plan::Column::ChildId.is_in(children.iter().copied()))
            .filter(plan::Column::EndsOn.is_null())
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| (row.child_id, row)).collect())
    }

    /// The social worker allocated to each of `children` now.
    pub async fn allocated_workers(&self, children: &[ChildId]) -> Result<HashMap<ChildId, PractitionerId>> {
        let at = self.who().at;
        let rows = self
            .rows::<involvement::Entity>()
            .filter(involvement::Column::ChildId.is_in(children.iter().copied()))
            .filter(involvement::Column::Basis.eq(Basis::AllocatedWorker))
            .filter(in_force(involvement::Column::StartsAt, involvement::Column::EndsAt, at))
            .all()
            .await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.child_id, row.practitioner_id?))).collect())
    }

    /// Writes a plan, its outline actions, its core group, and the members' relationship to the child.
    pub async fn make_plan(
        &self,
        leave: &Permit<RecordConferenceOutcome, conference::Model>,
        new: NewPlan,
    ) -> Result<()> {
        let plan_id = PlanId(self.new_id());
        plan::ActiveModel {
            id: Set(plan_id),
            child_id: Set(new.child),
            kind: Set(plan::Kind::Cp),
            conference_id: Set(Some(leave.row().id)),
            category_initial: Set(Sealed::new(Some(new.category))),
            category_latest: Set(Sealed::new(Some(new.category))),
            danger_statement: Set(Sealed::new(new.danger_statement.clone())),
            safety_statement: Set(Sealed::new(new.safety_statement.clone())),
            visit_every_days: Set(Sealed::new(new.visit_every_days)),
            starts_on: Set(new.starts_on),
            ends_on: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let actions: Vec<_> = new
            .actions
            .iter()
            .map(|(what, agency, due_on)| plan_action::ActiveModel {
                id: Set(PlanActionId(self.new_id())),
                plan_id: Set(plan_id),
                child_id: Set(new.child),
                description: Set(Sealed::new(what.clone())),
                owner_agency_id: Set(*agency),
                owner_id: Set(None),
                due_on: Set(*due_on),
                status: Set(plan_action::Status::NotStarted),
                done_on: Set(None),
            })
            .collect();
        if !actions.is_empty() {
            plan_action::Entity::insert_many(actions).exec_without_returning(&self.inner).await?;
        }
        self.form_core_group(plan_id, &new).await
    }

    async fn form_core_group(&self, plan_id: PlanId, new: &NewPlan) -> Result<()> {
        let id = CoreGroupId(self.new_id());
        core_group::ActiveModel {
            id: Set(id),
            plan_id: Set(plan_id),
            child_id: Set(new.child),
            lead_id: Set(new.lead),
            formed_on: Set(new.starts_on),
            first_meeting_due_on: Set(new.first_meeting_due_on),
            ends_on: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        if new.members.is_empty() {
            return Ok(());
        }
        let members = new.members.iter().map(|member| core_group_member::ActiveModel {
            id: Set(CoreGroupMemberId(self.new_id())),
            core_group_id: Set(id),
            agency_id: Set(member.agency),
            practitioner_id: Set(member.practitioner),
            starts_on: Set(new.starts_on),
            ends_on: Set(None),
        });
        core_group_member::Entity::insert_many(members).exec_without_returning(&self.inner).await?;
        let relations =
            new.members.iter().map(|m| self.relation(new.child, *m, Basis::CoreGroup, "Member of the core group"));
        involvement::Entity::insert_many(relations).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Ends a plan and its core group on `day`.
    pub async fn end_plan(
        &self,
        _leave: &Permit<RecordConferenceOutcome, conference::Model>,
        plan: plan::Model,
        day: NaiveDate,
    ) -> Result<()> {
        let (id, version) = (plan.id, plan.version);
        let mut row = plan.into_active_model();
        row.ends_on = Set(Some(day));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        core_group::Entity::update_many()
            .set(core_group::ActiveModel { ends_on: Set(Some(day)), ..Default::default() })
            .filter(core_group::Column::PlanId.eq(id))
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Sets the latest category of a plan that continues.
    pub async fn recategorise_plan(
        &self,
        _leave: &Permit<RecordConferenceOutcome, conference::Model>,
        plan: plan::Model,
        category: AbuseCategory,
    ) -> Result<()> {
        let version = plan.version;
        let mut row = plan.into_active_model();
        row.category_latest = Set(Sealed::new(Some(category)));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}
