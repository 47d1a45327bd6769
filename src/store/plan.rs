//! Plans, and the core groups that come with them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::conference_child::AbuseCategory;
use entity::id::{
    AgencyId, ChildId, ConferenceId, CoreGroupId, CoreGroupMemberId, PlanActionId, PlanId, PractitionerId,
};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{child, conference, core_group, core_group_member, involvement, plan, plan_action};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::Tx;
use super::invitee::Invitee;
use super::permit::Permit;
use crate::error::{Error, Result};
use crate::policy::actions::{EndCinPlan, OpenCinPlan, RecordConferenceOutcome};
use crate::practice::states::of_plan;

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

/// What a review changes of a plan that continues. What is `None` or empty stays as it is.
#[derive(Clone, Debug)]
pub struct PlanChange {
    /// The latest category of abuse.
    pub category: Option<AbuseCategory>,
    /// What is feared.
    pub danger_statement: Option<String>,
    /// What safety would look like.
    pub safety_statement: Option<String>,
    /// Days between visits at the most.
    pub visit_every_days: Option<i32>,
    /// Actions that are added: what, by which agency, by when.
    pub actions: Vec<(String, AgencyId, NaiveDate)>,
    /// Who joins the core group.
    pub members: Vec<Invitee>,
    /// The day of the review.
    pub on: NaiveDate,
}

/// A child in need plan.
#[derive(Clone, Debug)]
pub struct NewCinPlan {
    /// Its id.
    pub id: PlanId,
    /// The child.
    pub child: ChildId,
    /// The day of the meeting that made it.
    pub starts_on: NaiveDate,
    /// Days between visits at the most.
    pub visit_every_days: i32,
    /// What, by which agency, by when.
    pub actions: Vec<(String, AgencyId, NaiveDate)>,
}

impl Tx {
    /// The kind of the plan of a child that ended last, and when.
    pub async fn last_plan_end(&self, child: ChildId) -> Result<Option<(plan::Kind, NaiveDate)>> {
        let ended = self.rows::<plan::Entity>().filter(plan::Column::ChildId.eq(child));
        let rows = ended.filter(plan::Column::EndsOn.is_not_null()).all().await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.kind, row.ends_on?))).max_by_key(|(_, ended)| *ended))
    }

    /// When the last plan of each kind of each of `children` ended.
    pub async fn plan_ends(&self, children: &[ChildId]) -> Result<HashMap<(ChildId, plan::Kind), NaiveDate>> {
        let ended = self.rows::<plan::Entity>().filter(plan::Column::ChildId.is_in(children.iter().copied()));
        let rows = ended.filter(plan::Column::EndsOn.is_not_null()).all().await?;
        let mut last: HashMap<_, NaiveDate> = HashMap::new();
        for (of, day) in rows.into_iter().filter_map(|row| Some(((row.child_id, row.kind), row.ends_on?))) {
            let known = last.entry(of).or_insert(day);
            *known = day.max(*known);
        }
        Ok(last)
    }

    /// Writes a child in need plan with its actions.
    pub async fn open_cin_plan(&self, permit: Permit<OpenCinPlan, Vec<child::Model>>, new: NewCinPlan) -> Result<()> {
        drop(permit);
        let row = plan::ActiveModel {
            id: Set(new.id),
            child_id: Set(new.child),
            kind: Set(plan::Kind::Cin),
            conference_id: Set(None),
            category_initial: Set(Sealed::new(None)),
            category_latest: Set(Sealed::new(None)),
            danger_statement: Set(Sealed::new(None)),
            safety_statement: Set(Sealed::new(None)),
            visit_every_days: Set(Sealed::new(new.visit_every_days)),
            starts_on: Set(new.starts_on),
            ends_on: Set(None),
            state: Set(of_plan::begun(plan::Kind::Cin)),
            version: Set(1),
        };
        let row = row.insert(&self.inner).await?;
        self.keep_version(&row, (new.starts_on, None)).await?;
        self.add_actions(&row, &new.actions).await
    }

    /// Ends a child in need plan on a day.
    pub async fn end_cin_plan(&self, permit: Permit<EndCinPlan, plan::Model>, day: NaiveDate) -> Result<()> {
        self.end_plan_on(permit.row, day, None).await
    }

    /// The open plans of `children`, whichever kind, locked.
    pub async fn open_plans(&self, children: &[ChildId]) -> Result<HashMap<ChildId, plan::Model>> {
        let rows = self
            .rows::<plan::Entity>()
            .filter(plan::Column::ChildId.is_in(children.iter().copied()))
            .filter(plan::Column::EndsOn.is_null())
            .locked()
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| (row.child_id, row)).collect())
    }

    /// The social worker allocated to each of `children` now; where several are, the one allocated last.
    pub async fn allocated_workers(&self, children: &[ChildId]) -> Result<HashMap<ChildId, PractitionerId>> {
        let mut rows = self.allocations(children).await?;
        rows.sort_by_key(|row| (row.starts_at, row.id));
        Ok(rows.into_iter().filter_map(|row| Some((row.child_id, row.practitioner_id?))).collect())
    }

    /// Writes a plan, its outline actions, its core group, and the members' relationship to the child.
    pub async fn make_plan(
        &self,
        leave: &Permit<RecordConferenceOutcome, conference::Model>,
        new: NewPlan,
    ) -> Result<()> {
        let plan_id = PlanId(self.new_id());
        let row = plan::ActiveModel {
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
            state: Set(of_plan::begun(plan::Kind::Cp)),
            version: Set(1),
        };
        let row = row.insert(&self.inner).await?;
        self.keep_version(&row, (new.starts_on, row.conference_id)).await?;
        self.add_actions(&row, &new.actions).await?;
        self.form_core_group(plan_id, &new).await
    }

    /// Adds actions to a plan, with the version that it is.
    async fn add_actions(&self, plan: &plan::Model, actions: &[(String, AgencyId, NaiveDate)]) -> Result<()> {
        let rows = actions.iter().map(|(what, agency, due_on)| plan_action::ActiveModel {
            id: Set(PlanActionId(self.new_id())),
            plan_id: Set(plan.id),
            child_id: Set(plan.child_id),
            description: Set(Sealed::new(what.clone())),
            owner_agency_id: Set(*agency),
            owner_id: Set(None),
            due_on: Set(*due_on),
            status: Set(plan_action::Status::NotStarted),
            done_on: Set(None),
            plan_version: Set(plan.version),
            version: Set(1),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            plan_action::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
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
        self.add_members((id, new.child), &new.members, new.starts_on).await
    }

    async fn add_members(
        &self,
        (id, child): (CoreGroupId, ChildId),
        members: &[Invitee],
        starts_on: NaiveDate,
    ) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        let rows = members.iter().map(|member| core_group_member::ActiveModel {
            id: Set(CoreGroupMemberId(self.new_id())),
            core_group_id: Set(id),
            agency_id: Set(member.agency),
            practitioner_id: Set(member.practitioner),
            starts_on: Set(starts_on),
            ends_on: Set(None),
        });
        core_group_member::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        let relations = members.iter().map(|m| self.relation(child, *m, Basis::CoreGroup, "Member of the core group"));
        involvement::Entity::insert_many(relations).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Ends a plan and its core group on `day`, with what membership of the group opened.
    pub async fn end_plan(
        &self,
        leave: &Permit<RecordConferenceOutcome, conference::Model>,
        plan: plan::Model,
        day: NaiveDate,
    ) -> Result<()> {
        self.end_with_group(plan, day, Some(leave.row().id)).await
    }

    /// Ends a plan on `day`, by a conference or without one.
    async fn end_plan_on(&self, plan: plan::Model, day: NaiveDate, by: Option<ConferenceId>) -> Result<()> {
        let (kind, version) = (plan.kind, plan.version);
        let mut row = plan.into_active_model();
        row.ends_on = Set(Some(day));
        row.state = Set(of_plan::end(kind).to);
        self.write_plan(row, version, (day, by)).await.map(drop)
    }

    /// Ends a plan on `day`, and the core group it has, with what membership of the group opened.
    pub(super) async fn end_with_group(
        &self,
        plan: plan::Model,
        day: NaiveDate,
        by: Option<ConferenceId>,
    ) -> Result<()> {
        let (id, child) = (plan.id, plan.child_id);
        self.end_plan_on(plan, day, by).await?;
        core_group::Entity::update_many()
            .set(core_group::ActiveModel { ends_on: Set(Some(day)), ..Default::default() })
            .filter(core_group::Column::PlanId.eq(id))
            .exec(&self.inner)
            .await?;
        let groups = Query::select()
            .column(core_group::Column::Id)
            .from(core_group::Entity)
            .and_where(core_group::Column::PlanId.eq(id))
            .to_owned();
        core_group_member::Entity::update_many()
            .set(core_group_member::ActiveModel { ends_on: Set(Some(day)), ..Default::default() })
            .filter(core_group_member::Column::CoreGroupId.in_subquery(groups))
            .filter(core_group_member::Column::EndsOn.is_null())
            .exec(&self.inner)
            .await?;
        self.end_core_group_of(child, day).await
    }

    /// Writes what a review changed of a plan that continues: nothing that was sent is left out.
    pub async fn change_plan(
        &self,
        leave: &Permit<RecordConferenceOutcome, conference::Model>,
        plan: plan::Model,
        change: PlanChange,
    ) -> Result<()> {
        let (id, child, version) = (plan.id, plan.child_id, plan.version);
        let mut row = plan.into_active_model();
        if let Some(category) = change.category {
            row.category_latest = Set(Sealed::new(Some(category)));
        }
        if let Some(statement) = change.danger_statement {
            row.danger_statement = Set(Sealed::new(Some(statement)));
        }
        if let Some(statement) = change.safety_statement {
            row.safety_statement = Set(Sealed::new(Some(statement)));
        }
        if let Some(days) = change.visit_every_days {
            row.visit_every_days = Set(Sealed::new(days));
        }
        row.state = Set(of_plan::CONTINUE.to);
        let row = self.write_plan(row, version, (change.on, Some(leave.row().id))).await?;
        self.add_actions(&row, &change.actions).await?;
        self.join_core_group((id, child), &change.members, change.on).await
    }

    /// Adds those to the core group of a plan who are not in it.
    async fn join_core_group(
        &self,
        (plan, child): (PlanId, ChildId),
        members: &[Invitee],
        on: NaiveDate,
    ) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        // SECURITY: read past the row rule, which hides who would locate the child; nothing leaves this function
        let group = core_group::Entity::find()
            .filter(core_group::Column::PlanId.eq(plan))
            .one(&self.inner)
            .await?
            .ok_or_else(|| Error::internal("a child protection plan without a core group"))?;
        let there = core_group_member::Entity::find()
            .filter(core_group_member::Column::CoreGroupId.eq(group.id))
            .filter(core_group_member::Column::EndsOn.is_null())
            .all(&self.inner)
            .await?;
        let is_in = |new: &Invitee| {
            there.iter().any(|row| row.agency_id == new.agency && row.practitioner_id == new.practitioner)
        };
        let joining: Vec<_> = members.iter().copied().filter(|member| !is_in(member)).collect();
        self.add_members((group.id, child), &joining, on).await?;
        let version = group.version;
        let mut row = group.into_active_model();
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}
