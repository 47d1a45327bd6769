//! Deadlines of what was under way before deadlines were kept: the next core group and the next review of an open plan, and
//! what has to be there before a conference that is to come.
//!
//! A mark of the database says that they are still to be made, and how far that has come. Every server may run this at any
//! time: who locks the mark does some, in one transaction with the place it came to, so that each is made once whoever
//! stops where.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::deadline::{self, Kind};
use entity::id::{ChildId, ConferenceId, CoreGroupId, DeadlineId, LocalAuthorityId, ReportRequestId, TypedId as _};
use entity::local_authority::Profile;
use entity::{
    conference, conference_child, core_group, core_group_meeting, instance, local_authority, plan, report_request,
};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::Store;
use super::conference::concluded_reviews;
use super::deadline::{About, NewDeadline, row};
use crate::clock::london_day;
use crate::error::Result;
use crate::practice::deadlines::{BEFORE_NINE_MONTH_REVIEW, before_conference, is_nine_month_review};

/// The mark.
const MARK: &str = "deadlines_to_make";
/// Plans or conferences in one transaction.
const BATCH: u64 = 100;
/// Transactions in one pass: the rest waits for the next.
const BATCHES: usize = 20;

/// How far it has come: what is looked at, and after which id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Plans(Uuid),
    Conferences(Uuid),
}

impl Place {
    fn of(text: &str) -> Self {
        let (what, after) = text.split_once(' ').unwrap_or((text, ""));
        let after = after.parse().unwrap_or_default();
        if what == "conferences" { Self::Conferences(after) } else { Self::Plans(after) }
    }

    fn text(self) -> String {
        match self {
            Self::Plans(after) => format!("plans {after}"),
            Self::Conferences(after) => format!("conferences {after}"),
        }
    }
}

/// Deadlines that are to be made, each for an authority.
type New = Vec<(LocalAuthorityId, NewDeadline)>;

impl Store {
    /// Makes some of what is missing, and answers how many; nothing where the database has no mark.
    pub(super) async fn make_missing_deadlines(&self, at: DateTime<Utc>) -> Result<usize> {
        let mut made = 0;
        for _ in 0..BATCHES {
            if self.db.instance_value(MARK).await?.is_none() {
                break;
            }
            let tx = self.begin_upkeep().await?;
            let Some(some) = self.make_some(&tx, at).await? else { break };
            tx.commit().await?;
            made += some;
        }
        Ok(made)
    }

    /// The next batch; `None` where another server has the mark, or it is gone.
    async fn make_some(&self, tx: &DatabaseTransaction, at: DateTime<Utc>) -> Result<Option<usize>> {
        let mut mark = instance::Entity::find_by_id(MARK.to_owned());
        if self.db.is_postgres() {
            mark = mark.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let Some(mark) = mark.one(tx).await? else { return Ok(None) };
        let profiles = local_authority::Entity::find().all(tx).await?;
        let profiles: HashMap<_, _> = profiles.into_iter().map(|row| (row.id, row.profile)).collect();
        let (new, next) = match Place::of(&mark.value) {
            Place::Plans(after) => self.of_plans(tx, after, &profiles).await?,
            Place::Conferences(after) => self.of_conferences(tx, after, &profiles, at).await?,
        };
        match next {
            Some(next) => {
                let mut mark = mark.into_active_model();
                mark.value = Set(next.text());
                mark.update(tx).await?;
            }
            None => {
                instance::Entity::delete_by_id(MARK.to_owned()).exec(tx).await?;
            }
        }
        self.write_made(tx, new, at).await.map(Some)
    }

    async fn write_made(&self, tx: &DatabaseTransaction, new: New, at: DateTime<Utc>) -> Result<usize> {
        let children: Vec<_> = new.iter().map(|(_, new)| (ChildId::NOUN, new.child.0)).collect();
        let rows = new.into_iter().map(|(authority, new)| row(new, DeadlineId(self.clock.new_id()), authority, at));
        let rows: Vec<_> = rows.map(|row| row.into_active_model().reset_all()).collect();
        for some in rows.chunks(super::deadline::ROWS) {
            deadline::Entity::insert_many(some.to_vec()).exec_without_returning(tx).await?;
        }
        if !rows.is_empty() {
            self.record_upkeep(tx, "Deadline", "MADE", rows.len(), &children, at).await?;
        }
        Ok(rows.len())
    }

    /// Locked as by those who write about the same: what they make meanwhile is not made twice.
    fn for_update<E: EntityTrait>(&self, select: Select<E>) -> Select<E> {
        // SQLite has one writer, and this is it
        if self.db.is_postgres() { select.lock_exclusive() } else { select }
    }

    /// The next core group and the next review of open child protection plans.
    async fn of_plans(
        &self,
        tx: &DatabaseTransaction,
        after: Uuid,
        profiles: &HashMap<LocalAuthorityId, Profile>,
    ) -> Result<(New, Option<Place>)> {
        use plan::Column as C;
        let select = plan::Entity::find()
            .filter(C::Kind.eq(plan::Kind::Cp))
            .filter(C::EndsOn.is_null())
            .filter(C::Id.gt(after))
            .order_by_asc(C::Id)
            .limit(BATCH);
        let plans = self.for_update(select).all(tx).await?;
        let Some(last) = plans.last() else { return Ok((Vec::new(), Some(Place::Conferences(Uuid::nil())))) };
        let next = Place::Plans(last.id.0);
        let children: Vec<_> = plans.iter().map(|plan| plan.child_id).collect();
        let held = concluded(tx, &children).await?;
        let met = self.core_groups(tx, &plans).await?;
        let known = counted(tx, &children).await?;
        let mut new = Vec::new();
        for plan in &plans {
            let Some(made) = held.iter().find(|(_, row)| Some(row.id) == plan.conference_id).map(|(_, row)| row) else {
                continue;
            };
            let review = |(child, row): &&(ChildId, conference::Model)| {
                *child == plan.child_id
                    && row.kind == conference::Kind::Review
                    && london_day(row.scheduled_at) > plan.starts_on
            };
            let last = held.iter().filter(review).map(|(_, row)| row).max_by_key(|row| row.scheduled_at);
            let (kind, from) = last.map_or((Kind::FirstReview, made), |row| (Kind::NextReview, row));
            let about = About { conference: Some(from.id), ..About::default() };
            let mut due = vec![(kind, from, from.scheduled_at, about)];
            match met.get(&plan.id.0) {
                Some((group, Some(at))) => {
                    let about = About { core_group: Some(*group), ..About::default() };
                    due.push((Kind::NextCoreGroup, made, *at, about));
                }
                Some((_, None)) => {
                    let about = About { conference: Some(made.id), ..About::default() };
                    due.push((Kind::FirstCoreGroup, made, made.scheduled_at, about));
                }
                None => {}
            }
            for (kind, row, from, about) in due {
                let is_made = |(child, known, counted): &(ChildId, Kind, DateTime<Utc>)| {
                    *child == plan.child_id && alike(*known, kind) && *counted >= from
                };
                if !known.iter().any(is_made) {
                    self.add(&mut new, profiles, row, (kind, plan.child_id, from, about));
                }
            }
        }
        Ok((new, Some(next)))
    }

    /// The core group of each plan, and when it met last.
    async fn core_groups(
        &self,
        tx: &DatabaseTransaction,
        plans: &[plan::Model],
    ) -> Result<HashMap<Uuid, (CoreGroupId, Option<DateTime<Utc>>)>> {
        use core_group::Column as C;
        let select = core_group::Entity::find()
            .filter(C::PlanId.is_in(plans.iter().map(|plan| plan.id)))
            .filter(C::EndsOn.is_null())
            .order_by_asc(C::Id);
        let groups = self.for_update(select).all(tx).await?;
        let met: Vec<(CoreGroupId, DateTime<Utc>)> = core_group_meeting::Entity::find()
            .select_only()
            .columns([core_group_meeting::Column::CoreGroupId, core_group_meeting::Column::HeldAt])
            .filter(core_group_meeting::Column::CoreGroupId.is_in(groups.iter().map(|group| group.id)))
            .into_tuple()
            .all(tx)
            .await?;
        let last = |id: CoreGroupId| met.iter().filter(|(group, _)| *group == id).map(|(_, at)| *at).max();
        Ok(groups.into_iter().map(|group| (group.plan_id.0, (group.id, last(group.id)))).collect())
    }

    /// What has to be there before conferences that are to come, reports that were asked of agencies among it.
    async fn of_conferences(
        &self,
        tx: &DatabaseTransaction,
        after: Uuid,
        profiles: &HashMap<LocalAuthorityId, Profile>,
        at: DateTime<Utc>,
    ) -> Result<(New, Option<Place>)> {
        use conference::Column as C;
        let select = conference::Entity::find()
            .filter(C::Status.eq(conference::Status::Scheduled))
            .filter(C::ScheduledAt.gt(at))
            .filter(C::Id.gt(after))
            .order_by_asc(C::Id)
            .limit(BATCH);
        let rows = self.for_update(select).all(tx).await?;
        let Some(last) = rows.last() else { return Ok((Vec::new(), None)) };
        let next = Place::Conferences(last.id.0);
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let children = children_of(tx, &ids).await?;
        let known = known_before(tx, &ids).await?;
        let nine = nine_month_reviews(tx, &rows, &children).await?;
        let mut new = Vec::new();
        for row in &rows {
            let about = About { conference: Some(row.id), ..About::default() };
            for (_, child) in children.iter().filter(|(of, _)| *of == row.id) {
                let besides = if nine.contains(&(row.id, *child)) { BEFORE_NINE_MONTH_REVIEW } else { &[] };
                for kind in before_conference(row.kind).iter().chain(besides) {
                    let is_made = |each: &Known| each.0 == row.id && each.1 == *child && each.2 == *kind;
                    if !known.iter().any(is_made) {
                        self.add(&mut new, profiles, row, (*kind, *child, row.scheduled_at, about));
                    }
                }
            }
        }
        let asked = report_request::Entity::find()
            .filter(report_request::Column::ConferenceId.is_in(ids))
            .filter(report_request::Column::ReceivedAt.is_null());
        for asked in asked.all(tx).await? {
            let Some(row) = rows.iter().find(|row| row.id == asked.conference_id) else { continue };
            if !known.iter().any(|each| each.3 == Some(asked.id)) {
                self.add_report(&mut new, profiles, row, &asked);
            }
        }
        Ok((new, Some(next)))
    }

    /// Adds what social care has to do, where the authority sets a time for it.
    fn add(
        &self,
        new: &mut New,
        profiles: &HashMap<LocalAuthorityId, Profile>,
        of: &conference::Model,
        (kind, child, from, about): (Kind, ChildId, DateTime<Utc>, About),
    ) {
        let limit = profiles.get(&of.local_authority_id).and_then(|profile| self.practice.limit(*profile, kind, from));
        if let Some(limit) = limit {
            let due = NewDeadline { kind, child, about, agency: of.agency_id, team: of.team_id, limit };
            new.push((of.local_authority_id, due));
        }
    }

    /// Adds a report that an agency was asked for.
    fn add_report(
        &self,
        new: &mut New,
        profiles: &HashMap<LocalAuthorityId, Profile>,
        of: &conference::Model,
        asked: &report_request::Model,
    ) {
        let Some(profile) = profiles.get(&of.local_authority_id) else { return };
        let limit = self.practice.report_limit(*profile, of.kind, of.scheduled_at, asked.asked_at);
        if let (kind, Some(limit), _) = limit {
            let about = About { conference: Some(of.id), report_request: Some(asked.id), ..About::default() };
            let due = NewDeadline { kind, child: asked.child_id, about, agency: asked.agency_id, team: None, limit };
            new.push((of.local_authority_id, due));
        }
    }
}

/// Whether one stands for the other: the first meeting and those after it, the first review and those after it.
const fn alike(known: Kind, kind: Kind) -> bool {
    matches!(known, Kind::FirstReview | Kind::NextReview) == matches!(kind, Kind::FirstReview | Kind::NextReview)
}

/// The conferences about children that have decided.
async fn concluded(tx: &DatabaseTransaction, children: &[ChildId]) -> Result<Vec<(ChildId, conference::Model)>> {
    let about: Vec<(ChildId, ConferenceId)> = conference_child::Entity::find()
        .select_only()
        .columns([conference_child::Column::ChildId, conference_child::Column::ConferenceId])
        .filter(conference_child::Column::ChildId.is_in(children.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    let rows = conference::Entity::find()
        .filter(conference::Column::Id.is_in(about.iter().map(|(_, id)| *id)))
        .filter(conference::Column::Status.eq(conference::Status::Concluded))
        .all(tx)
        .await?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(about.into_iter().filter_map(|(child, id)| Some((child, rows.get(&id)?.clone()))).collect())
}

/// What is due, or was, of the plans of children: about whom, what, and counted from when.
async fn counted(tx: &DatabaseTransaction, children: &[ChildId]) -> Result<Vec<(ChildId, Kind, DateTime<Utc>)>> {
    use deadline::Column as C;
    let kinds = [Kind::FirstReview, Kind::NextReview, Kind::FirstCoreGroup, Kind::NextCoreGroup];
    let rows = deadline::Entity::find()
        .select_only()
        .columns([C::ChildId, C::Kind, C::CountedFrom])
        .filter(C::ChildId.is_in(children.iter().copied()))
        .filter(C::Kind.is_in(kinds));
    Ok(rows.into_tuple().all(tx).await?)
}

async fn children_of(tx: &DatabaseTransaction, ids: &[ConferenceId]) -> Result<Vec<(ConferenceId, ChildId)>> {
    let rows = conference_child::Entity::find()
        .select_only()
        .columns([conference_child::Column::ConferenceId, conference_child::Column::ChildId])
        .filter(conference_child::Column::ConferenceId.is_in(ids.iter().copied()));
    Ok(rows.into_tuple().all(tx).await?)
}

/// A deadline about a conference: which, about whom, what, and the report it is about.
type Known = (ConferenceId, ChildId, Kind, Option<ReportRequestId>);

async fn known_before(tx: &DatabaseTransaction, ids: &[ConferenceId]) -> Result<Vec<Known>> {
    use deadline::Column as C;
    let rows = deadline::Entity::find()
        .select_only()
        .columns([C::ConferenceId, C::ChildId, C::Kind, C::ReportRequestId])
        .filter(C::ConferenceId.is_in(ids.iter().copied()));
    Ok(rows.into_tuple().all(tx).await?)
}

/// For which children which of these conferences is the review at nine months.
async fn nine_month_reviews(
    tx: &DatabaseTransaction,
    rows: &[conference::Model],
    children: &[(ConferenceId, ChildId)],
) -> Result<Vec<(ConferenceId, ChildId)>> {
    let plans: Vec<(ChildId, NaiveDate)> = plan::Entity::find()
        .select_only()
        .columns([plan::Column::ChildId, plan::Column::StartsOn])
        .filter(plan::Column::ChildId.is_in(children.iter().map(|(_, child)| *child)))
        .filter(plan::Column::Kind.eq(plan::Kind::Cp))
        .filter(plan::Column::EndsOn.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    let held = concluded_reviews(tx, plans.iter().map(|(child, _)| *child)).await?;
    let is_nine = |(id, child): &&(ConferenceId, ChildId)| {
        let row = rows.iter().find(|row| row.id == *id && row.kind == conference::Kind::Review);
        let since = plans.iter().find(|(of, _)| of == child).map(|(_, since)| *since);
        row.zip(since).is_some_and(|(row, since)| {
            let before = held.iter().filter(|(of, at)| of == child && london_day(*at) > since).count();
            is_nine_month_review(since, before, london_day(row.scheduled_at))
        })
    };
    Ok(children.iter().filter(is_nine).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again() {
        let id = Uuid::from_u128(7);
        for place in
            [Place::Plans(Uuid::nil()), Place::Plans(id), Place::Conferences(Uuid::nil()), Place::Conferences(id)]
        {
            assert_eq!(Place::of(&place.text()), place);
        }
        assert_eq!(Place::of("plans"), Place::Plans(Uuid::nil()), "as it is marked first");
    }

    #[test]
    fn the_next_stands_for_the_first() {
        assert!(alike(Kind::FirstReview, Kind::NextReview) && alike(Kind::NextCoreGroup, Kind::FirstCoreGroup));
        assert!(!alike(Kind::FirstReview, Kind::NextCoreGroup) && !alike(Kind::FirstCoreGroup, Kind::NextReview));
    }
}
