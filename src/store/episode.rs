//! Episodes of need, their assessments, and what stands on record of a child beside them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::episode::{Need, Reason, Source, Status};
use entity::id::{AssessmentId, ChildId, ConferenceId, EpisodeId, LocalAuthorityId, PlanId};
use entity::sealed::Sealed;
use entity::{assessment, child, conference, conference_child, enquiry, episode, plan};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _,
};

use super::Tx;
use super::permit::Permit;
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::actions::{CloseEpisode, CompleteAssessment, RecordDeath, RecordReferral, StartAssessment};
use crate::practice::episode::{Deed, Doing, History, Span, ends_with_death};
use crate::practice::states::of_episode;

/// A referral to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewReferral {
    /// The id of its episode.
    pub id: EpisodeId,
    /// The day it was made.
    pub referred_on: NaiveDate,
    /// By whom, in the terms of the national returns.
    pub source: Source,
    /// What the child needs help for.
    pub need: Need,
    /// True where nothing is done on it.
    pub no_further_action: bool,
}

/// A plan of a child and the conference that made it, its days, and whether it is a protection plan.
type PlanDays = (PlanId, plan::Kind, Option<ConferenceId>, NaiveDate, Option<NaiveDate>);

impl Tx {
    /// What the record says of the episodes of each of `children` at the writer's authority, and of their deaths.
    pub async fn histories(&self, children: &[ChildId]) -> Result<HashMap<ChildId, History>> {
        use episode::Column as C;
        // SECURITY: read past the row rule, days and states only: the rules of the national return hold whoever sees the
        // episode; the children are in the writer's scope
        let spans: Vec<(ChildId, Status, NaiveDate, Option<NaiveDate>)> = episode::Entity::find()
            .select_only()
            .columns([C::ChildId, C::Status, C::ReferredOn, C::ClosedOn])
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::LocalAuthorityId.eq(self.who().authority))
            .into_tuple()
            .all(&self.inner)
            .await?;
        // SECURITY: the same, of the day of death alone
        let deaths: Vec<(ChildId, Option<NaiveDate>)> = child::Entity::find()
            .select_only()
            .columns([child::Column::Id, child::Column::DiedOn])
            .filter(child::Column::Id.is_in(children.iter().copied()))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let mut histories: HashMap<ChildId, History> = HashMap::new();
        for (child, status, referred_on, closed_on) in spans {
            histories.entry(child).or_default().episodes.push(Span { status, referred_on, closed_on });
        }
        for (child, died_on) in deaths {
            histories.entry(child).or_default().died_on = died_on;
        }
        Ok(histories)
    }

    /// What the record says of the episodes of one child.
    pub async fn history(&self, child: ChildId) -> Result<History> {
        Ok(self.histories(&[child]).await?.remove(&child).unwrap_or_default())
    }

    /// What was done about a child by the writer's authority, and its plans wherever they were made.
    pub async fn deeds(&self, child: ChildId) -> Result<Vec<Deed>> {
        let own = self.who().authority;
        let mut deeds = self.assessments_and_enquiries(child, own).await?;
        // SECURITY: read past the row rules, days and kinds only, as above
        let conferences: Vec<(ConferenceId, conference::Kind, DateTime<Utc>, conference::Status, LocalAuthorityId)> =
            conference_child::Entity::find()
                .select_only()
                .columns([
                    conference::Column::Id,
                    conference::Column::Kind,
                    conference::Column::ScheduledAt,
                    conference::Column::Status,
                    conference::Column::LocalAuthorityId,
                ])
                .join(
                    sea_orm::JoinType::InnerJoin,
                    conference_child::Entity::belongs_to(conference::Entity)
                        .from(conference_child::Column::ConferenceId)
                        .to(conference::Column::Id)
                        .into(),
                )
                .filter(conference_child::Column::ChildId.eq(child))
                .into_tuple()
                .all(&self.inner)
                .await?;
        let held =
            conferences.iter().filter(|(_, _, _, status, of)| *status == conference::Status::Concluded && *of == own);
        deeds.extend(held.filter_map(|(_, kind, at, ..)| {
            let day = london_day(*at);
            Some(Deed { doing: Doing::of_conference(*kind)?, begun_on: day, over_on: Some(day), here: true })
        }));
        let plans: Vec<PlanDays> = plan::Entity::find()
            .select_only()
            .columns([
                plan::Column::Id,
                plan::Column::Kind,
                plan::Column::ConferenceId,
                plan::Column::StartsOn,
                plan::Column::EndsOn,
            ])
            .filter(plan::Column::ChildId.eq(child))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let made_here = |id: ConferenceId| conferences.iter().any(|(held, _, _, _, of)| *held == id && *of == own);
        deeds.extend(plans.into_iter().map(|(_, kind, conference, begun_on, over_on)| {
            let here = conference.is_some_and(made_here);
            Deed { doing: Doing::of_plan(kind), begun_on, over_on, here }
        }));
        Ok(deeds)
    }

    async fn assessments_and_enquiries(&self, child: ChildId, own: LocalAuthorityId) -> Result<Vec<Deed>> {
        // SECURITY: read past the row rules, days only, as above
        let assessments: Vec<(NaiveDate, Option<NaiveDate>)> = assessment::Entity::find()
            .select_only()
            .columns([assessment::Column::StartedOn, assessment::Column::CompletedOn])
            .filter(assessment::Column::ChildId.eq(child))
            .filter(assessment::Column::LocalAuthorityId.eq(own))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let enquiries: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = enquiry::Entity::find()
            .select_only()
            .columns([enquiry::Column::StartedAt, enquiry::Column::AgreedAt])
            .filter(enquiry::Column::ChildId.eq(child))
            .filter(enquiry::Column::LocalAuthorityId.eq(own))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let assessed = assessments.into_iter().map(|(begun_on, over_on)| (Doing::Assessment, begun_on, over_on));
        let enquired = enquiries.into_iter().map(|(at, over)| (Doing::Enquiry, london_day(at), over.map(london_day)));
        let all = assessed.chain(enquired);
        Ok(all.map(|(doing, begun_on, over_on)| Deed { doing, begun_on, over_on, here: true }).collect())
    }

    /// The days of the assessments of an episode.
    pub async fn assessments_of(&self, id: EpisodeId) -> Result<Vec<(NaiveDate, Option<NaiveDate>)>> {
        let rows = self.rows::<assessment::Entity>().filter(assessment::Column::EpisodeId.eq(id)).all().await?;
        Ok(rows.into_iter().map(|row| (row.started_on, row.completed_on)).collect())
    }

    /// The open episodes of `children` at the writer's authority, locked.
    pub async fn open_episodes(&self, children: &[ChildId]) -> Result<Vec<episode::Model>> {
        let open = self.rows::<episode::Entity>().filter(episode::Column::ChildId.is_in(children.iter().copied()));
        let own = episode::Column::LocalAuthorityId.eq(self.who().authority);
        open.filter(own).filter(episode::Column::Status.eq(Status::Open)).locked().all().await
    }

    /// Begins the assessment that comes with an enquiry.
    pub async fn assess_with_enquiry(&self, case: &episode::Model, day: NaiveDate) -> Result<()> {
        self.write_assessment(case, AssessmentId(self.new_id()), day).await
    }

    /// Writes a referral, and the episode that begins with it.
    pub async fn record_referral(&self, permit: Permit<RecordReferral, child::Model>, new: NewReferral) -> Result<()> {
        let who = self.who();
        episode::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            agency_id: Set(who.agency),
            team_id: Set(who.teams.first().copied()),
            child_id: Set(permit.row.id),
            referred_on: Set(new.referred_on),
            source: Set(Sealed::new(new.source)),
            need: Set(Sealed::new(new.need)),
            status: Set(if new.no_further_action { Status::NoFurtherAction } else { of_episode::REFERRED }),
            closed_on: Set(None),
            closed_because: Set(Sealed::new(None)),
            recorded_by: Set(who.practitioner),
            recorded_at: Set(who.at),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Closes a case.
    pub async fn close_episode(
        &self,
        permit: Permit<CloseEpisode, episode::Model>,
        day: NaiveDate,
        reason: Reason,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_episode::CLOSE.to);
        row.closed_on = Set(Some(day));
        row.closed_because = Set(Sealed::new(Some(reason)));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Begins an assessment in an episode.
    pub async fn start_assessment(
        &self,
        permit: Permit<StartAssessment, episode::Model>,
        id: AssessmentId,
        day: NaiveDate,
    ) -> Result<()> {
        self.write_assessment(&permit.row, id, day).await
    }

    async fn write_assessment(&self, case: &episode::Model, id: AssessmentId, day: NaiveDate) -> Result<()> {
        let who = self.who();
        assessment::ActiveModel {
            id: Set(id),
            local_authority_id: Set(case.local_authority_id),
            agency_id: Set(who.agency),
            team_id: Set(who.teams.first().copied()),
            child_id: Set(case.child_id),
            episode_id: Set(case.id),
            started_on: Set(day),
            completed_on: Set(None),
            recorded_by: Set(who.practitioner),
            recorded_at: Set(who.at),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Writes that an assessment was completed.
    pub async fn complete_assessment(
        &self,
        permit: Permit<CompleteAssessment, assessment::Model>,
        day: NaiveDate,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.completed_on = Set(Some(day));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes the day a child died. Its plans end on that day, those with it that ended on the day that stood there before.
    pub async fn record_death(
        &self,
        permit: Permit<RecordDeath, child::Model>,
        before: Option<NaiveDate>,
        day: NaiveDate,
    ) -> Result<()> {
        let id = permit.row.id;
        let mut row = permit.row.into_active_model();
        row.died_on = Set(Sealed::new(Some(day)));
        row.update(&self.inner).await?;
        let running = self.rows::<plan::Entity>().filter(plan::Column::ChildId.eq(id)).locked().all().await?;
        for plan in running.into_iter().filter(|plan| ends_with_death(before, plan.ends_on)) {
            self.end_with_group(plan, day, None).await?;
        }
        Ok(())
    }
}
