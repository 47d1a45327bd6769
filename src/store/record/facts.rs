//! The facts of records: what each is about, what stands on it and who belongs to the families, read for many records in a
//! fixed number of statements. `sheet.rs` computes from them.
//!
//! SECURITY: read past the row rules; what leaves, and to whom, is for `sheet.rs` to say.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::appointment::Post;
use entity::conference::Kind;
use entity::conference_child::Outcome;
use entity::entry::{self, Record};
use entity::id::{AgencyId, ChildId, HouseholdId, PersonId, PlanId, PractitionerId, TeamId};
use entity::involvement::Basis;
use entity::membership::Relationship;
use entity::strategy_meeting_child::Decision;
use entity::{
    appointment, conference, conference_child, core_group, core_group_meeting, core_group_member, enquiry, invitation,
    involvement, membership, plan, plan_action, plan_version, report_request, strategy_meeting, strategy_meeting_child,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder as _, QuerySelect,
    QueryTrait as _,
};
use uuid::Uuid;

use super::OnARecord as _;
use crate::clock::london_day;
use crate::error::Result;
use crate::practice::deadlines::is_nine_month_review;
use crate::practice::gaps::{Said, Subject};
use crate::practice::items::Fact;
use crate::store::conference::concluded_reviews;
use crate::store::lasts;

/// A record without what stands on it, and without the families.
#[derive(Default)]
pub(super) struct Bare {
    pub(super) kind: Option<Record>,
    pub(super) on: NaiveDate,
    pub(super) meeting_at: Option<DateTime<Utc>>,
    pub(super) facts: BTreeSet<Fact>,
    pub(super) children: BTreeMap<ChildId, BTreeSet<Fact>>,
    pub(super) agencies: BTreeSet<AgencyId>,
    pub(super) unreported: BTreeSet<AgencyId>,
    pub(super) met: bool,
    pub(super) stepped_down: Option<(NaiveDate, NaiveDate)>,
    pub(super) visits: Vec<(ChildId, i32)>,
}

pub(super) type Bares = HashMap<Uuid, Bare>;

impl Bare {
    fn of(kind: Record, at: DateTime<Utc>) -> Self {
        Self { kind: Some(kind), on: london_day(at), meeting_at: Some(at), ..Self::default() }
    }
}

/// Records of one kind, each without what stands on it and without the families.
pub(super) async fn bare<C: ConnectionTrait>(db: &C, kind: Record, ids: &[Uuid]) -> Result<Bares> {
    match kind {
        Record::StrategyMeeting => strategy_meetings(db, ids).await,
        Record::Enquiry => enquiries(db, ids).await,
        Record::Conference => conferences(db, ids).await,
        Record::CoreGroupMeeting => core_group_meetings(db, ids).await,
        Record::Plan => plans(db, ids).await,
    }
}

async fn strategy_meetings<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Bares> {
    use strategy_meeting::Column as C;
    use strategy_meeting_child::Column as S;
    let rows: Vec<Meeting> = strategy_meeting::Entity::find()
        .select_only()
        .columns([C::Id, C::ScheduledAt, C::HeldAt, C::AllegationId, C::Quorate, C::AgencyId, C::LeadId])
        .filter(C::Id.is_in(ids.iter().copied()))
        .into_model()
        .all(db)
        .await?;
    let mut bare = Bares::new();
    for row in &rows {
        let mut one = Bare::of(Record::StrategyMeeting, row.at());
        one.facts.extend(row.allegation_id.is_none().then_some(Fact::AboutAFamily));
        // one that was held is asked why, until it is shown that the minimum took part
        let inquorate = row.held_at.is_some() && row.quorate != Some(true);
        one.facts.extend(inquorate.then_some(Fact::Inquorate));
        bare.insert(row.id, one);
    }
    let children: Vec<(Uuid, ChildId, Option<Decision>)> = strategy_meeting_child::Entity::find()
        .select_only()
        .columns([S::StrategyMeetingId, S::ChildId, S::Decision])
        .filter(S::StrategyMeetingId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    for (id, child, decision) in children {
        let Some(bare) = bare.get_mut(&id) else { continue };
        let begins = matches!(decision, Some(Decision::Section47Joint | Decision::Section47SingleAgency));
        bare.children.entry(child).or_default().extend(begins.then_some(Fact::Section47));
    }
    led(db, &rows, &mut bare).await?;
    invited(db, invitation::Column::StrategyMeetingId, ids, &mut bare).await?;
    Ok(bare)
}

/// A strategy meeting without what was said at it.
#[derive(FromQueryResult)]
struct Meeting {
    id: Uuid,
    scheduled_at: DateTime<Utc>,
    held_at: Option<DateTime<Utc>>,
    allegation_id: Option<Uuid>,
    quorate: Option<bool>,
    agency_id: AgencyId,
    lead_id: PractitionerId,
}

impl Meeting {
    fn at(&self) -> DateTime<Utc> {
        self.held_at.unwrap_or(self.scheduled_at)
    }
}

/// Which child a team has, from when until when.
type Allocation = (ChildId, Option<TeamId>, DateTime<Utc>, Option<DateTime<Utc>>);

/// Which meetings are led by somebody without line management of the case (WAR-SM-05): neither a service manager nor the
/// manager of a team that has one of the children; nor any team manager, while no team has one.
async fn led<C: ConnectionTrait>(db: &C, rows: &[Meeting], bare: &mut Bares) -> Result<()> {
    use appointment::Column as A;
    use involvement::Column as I;
    let posts = appointment::Entity::find()
        .filter(A::PractitionerId.is_in(rows.iter().map(|row| row.lead_id)))
        .filter(A::Post.is_in([Post::TeamManager, Post::ServiceManager]))
        .all(db)
        .await?;
    let children: BTreeSet<ChildId> = bare.values().flat_map(|one| one.children.keys().copied()).collect();
    let allocations: Vec<Allocation> = involvement::Entity::find()
        .select_only()
        .columns([I::ChildId, I::TeamId, I::StartsAt, I::EndsAt])
        .filter(I::ChildId.is_in(children))
        .filter(I::Basis.eq(Basis::AllocatedWorker))
        .into_tuple()
        .all(db)
        .await?;
    for row in rows {
        let Some(one) = bare.get_mut(&row.id) else { continue };
        let then = |from: DateTime<Utc>, until: Option<DateTime<Utc>>| {
            from <= row.at() && until.is_none_or(|until| until > row.at())
        };
        let of_case = allocations.iter().filter(|each| one.children.contains_key(&each.0) && then(each.2, each.3));
        let teams: HashSet<TeamId> = of_case.filter_map(|each| each.1).collect();
        let manages = |post: &appointment::Model| {
            post.practitioner_id == row.lead_id
                && post.agency_id == row.agency_id
                && then(post.starts_at, post.ends_at)
                && (post.post == Post::ServiceManager
                    || teams.is_empty()
                    || post.team_id.is_some_and(|team| teams.contains(&team)))
        };
        one.facts.extend((!posts.iter().any(manages)).then_some(Fact::LedByOther));
    }
    Ok(())
}

async fn invited<C: ConnectionTrait>(db: &C, column: invitation::Column, ids: &[Uuid], bare: &mut Bares) -> Result<()> {
    let rows: Vec<(Uuid, AgencyId)> = invitation::Entity::find()
        .select_only()
        .columns([column, invitation::Column::AgencyId])
        .filter(column.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    for (id, agency) in rows {
        if let Some(bare) = bare.get_mut(&id) {
            bare.agencies.insert(agency);
        }
    }
    Ok(())
}

async fn enquiries<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Bares> {
    use enquiry::Column as C;
    let rows: Vec<(Uuid, ChildId, DateTime<Utc>)> = enquiry::Entity::find()
        .select_only()
        .columns([C::Id, C::ChildId, C::StartedAt])
        .filter(C::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let each = |(id, child, at): (Uuid, ChildId, DateTime<Utc>)| {
        let mut bare = Bare::of(Record::Enquiry, at);
        bare.meeting_at = None;
        bare.children.entry(child).or_default();
        (id, bare)
    };
    Ok(rows.into_iter().map(each).collect())
}

async fn conferences<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Bares> {
    use conference::Column as C;
    use conference_child::Column as S;
    let rows: Vec<(Uuid, Kind, DateTime<Utc>, Option<bool>)> = conference::Entity::find()
        .select_only()
        .columns([C::Id, C::Kind, C::ScheduledAt, C::Quorate])
        .filter(C::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let mut bare = Bares::new();
    for (id, kind, at, quorate) in &rows {
        let mut one = Bare::of(Record::Conference, *at);
        one.met = quorate.is_some();
        one.facts.extend((*quorate == Some(false)).then_some(Fact::Inquorate));
        one.facts.insert(if *kind == Kind::Review { Fact::Review } else { Fact::Initial });
        bare.insert(*id, one);
    }
    let children: Vec<(Uuid, ChildId, Option<Outcome>)> = conference_child::Entity::find()
        .select_only()
        .columns([S::ConferenceId, S::ChildId, S::Outcome])
        .filter(S::ConferenceId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    for (id, child, outcome) in &children {
        let Some(bare) = bare.get_mut(id) else { continue };
        let initial = bare.facts.contains(&Fact::Initial);
        bare.children.entry(*child).or_default().extend(of_outcome(*outcome, initial));
    }
    invited(db, invitation::Column::ConferenceId, ids, &mut bare).await?;
    unreported(db, ids, &mut bare).await?;
    reviews(db, &rows, &children, &mut bare).await?;
    visits(db, ids, &mut bare).await?;
    Ok(bare)
}

/// How often the children are visited under the plans that a conference made or changed: as its last version of each has it.
async fn visits<C: ConnectionTrait>(db: &C, ids: &[Uuid], bare: &mut Bares) -> Result<()> {
    use plan_version::Column as C;
    let rows: Vec<(Uuid, ChildId, i32)> = plan_version::Entity::find()
        .select_only()
        .columns([C::ConferenceId, C::ChildId, C::VisitEveryDays])
        .filter(C::ConferenceId.is_in(ids.iter().copied()))
        .order_by(C::Number, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    for (id, child, days) in rows {
        let Some(bare) = bare.get_mut(&id) else { continue };
        bare.visits.retain(|(of, _)| *of != child);
        bare.visits.push((child, days));
    }
    Ok(())
}

/// What an outcome makes so of a child.
fn of_outcome(outcome: Option<Outcome>, initial: bool) -> Vec<Fact> {
    match outcome {
        None => Vec::new(),
        Some(Outcome::CpPlan | Outcome::CpPlanContinues) => vec![Fact::CpPlan],
        Some(Outcome::CpPlanEnds) => vec![Fact::PlanEnds, Fact::WithoutPlan],
        Some(
            Outcome::ProvisionOfServices
            | Outcome::SingleAssessment
            | Outcome::ReferralToOtherAgency
            | Outcome::NoFurtherAction
            | Outcome::Other,
        ) => {
            if initial {
                vec![Fact::NoPlan, Fact::WithoutPlan]
            } else {
                Vec::new()
            }
        }
    }
}

/// Agencies that were asked for a report that has not come.
async fn unreported<C: ConnectionTrait>(db: &C, ids: &[Uuid], bare: &mut Bares) -> Result<()> {
    use report_request::Column as C;
    let rows: Vec<(Uuid, AgencyId)> = report_request::Entity::find()
        .select_only()
        .columns([C::ConferenceId, C::AgencyId])
        .filter(C::ConferenceId.is_in(ids.iter().copied()))
        .filter(C::ReceivedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    for (id, agency) in rows {
        if let Some(bare) = bare.get_mut(&id) {
            bare.unreported.insert(agency);
        }
    }
    Ok(())
}

/// Which review of its plan a conference is, for each child.
async fn reviews<C: ConnectionTrait>(
    db: &C,
    rows: &[(Uuid, Kind, DateTime<Utc>, Option<bool>)],
    children: &[(Uuid, ChildId, Option<Outcome>)],
    bare: &mut Bares,
) -> Result<()> {
    let of_reviews: HashSet<Uuid> = rows.iter().filter(|row| row.1 == Kind::Review).map(|row| row.0).collect();
    let reviewed: BTreeSet<ChildId> =
        children.iter().filter(|(id, ..)| of_reviews.contains(id)).map(|(_, child, _)| *child).collect();
    if reviewed.is_empty() {
        return Ok(());
    }
    let plans: Vec<(ChildId, NaiveDate, Option<NaiveDate>)> = plan::Entity::find()
        .select_only()
        .columns([plan::Column::ChildId, plan::Column::StartsOn, plan::Column::EndsOn])
        .filter(plan::Column::ChildId.is_in(reviewed.iter().copied()))
        .filter(plan::Column::Kind.eq(plan::Kind::Cp))
        .into_tuple()
        .all(db)
        .await?;
    let held = concluded_reviews(db, reviewed.iter().copied()).await?;
    for (id, _, at, _) in rows.iter().filter(|row| of_reviews.contains(&row.0)) {
        let day = london_day(*at);
        let Some(bare) = bare.get_mut(id) else { continue };
        for (child, facts) in &mut bare.children {
            let of_day = |(of, from, until): &&(ChildId, NaiveDate, Option<NaiveDate>)| {
                of == child && *from < day && until.is_none_or(|until| until >= day)
            };
            let Some((_, since, _)) = plans.iter().find(of_day) else { continue };
            let before =
                |(of, then): &&(ChildId, DateTime<Utc>)| of == child && london_day(*then) > *since && then < at;
            let before = held.iter().filter(before).count();
            facts.extend((before == 0).then_some(Fact::FirstReview));
            facts.extend(is_nine_month_review(*since, before, day).then_some(Fact::NineMonth));
        }
    }
    Ok(())
}

async fn core_group_meetings<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Bares> {
    use core_group_meeting::Column as C;
    type Meeting = (Uuid, Uuid, ChildId, DateTime<Utc>);
    let columns = [C::Id, C::CoreGroupId, C::ChildId, C::HeldAt];
    let select = || core_group_meeting::Entity::find().select_only().columns(columns);
    let rows: Vec<Meeting> = select().filter(C::Id.is_in(ids.iter().copied())).into_tuple().all(db).await?;
    let groups: BTreeSet<Uuid> = rows.iter().map(|row| row.1).collect();
    let all: Vec<Meeting> = select().filter(C::CoreGroupId.is_in(groups)).into_tuple().all(db).await?;
    let mut bare = Bares::new();
    for (id, group, child, at) in &rows {
        let mut one = Bare::of(Record::CoreGroupMeeting, *at);
        one.children.entry(*child).or_default();
        let first = !all.iter().any(|(_, other, _, then)| other == group && then < at);
        one.facts.extend(first.then_some(Fact::FirstMeeting));
        bare.insert(*id, one);
    }
    invited(db, invitation::Column::CoreGroupMeetingId, ids, &mut bare).await?;
    Ok(bare)
}

/// A plan: its child, its kind, its first day and its last, the days between visits.
type PlanRow = (Uuid, ChildId, plan::Kind, NaiveDate, Option<NaiveDate>, i32);

/// When child protection plans of the children of child in need plans ended.
async fn protected_until<C: ConnectionTrait>(db: &C, plans: &[PlanRow]) -> Result<Vec<(ChildId, NaiveDate)>> {
    use plan::Column as C;
    let children: BTreeSet<ChildId> =
        plans.iter().filter(|plan| plan.2 == plan::Kind::Cin).map(|plan| plan.1).collect();
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(ChildId, Option<NaiveDate>)> = plan::Entity::find()
        .select_only()
        .columns([C::ChildId, C::EndsOn])
        .filter(C::ChildId.is_in(children))
        .filter(C::Kind.eq(plan::Kind::Cp))
        .filter(C::EndsOn.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(child, ended)| Some((child, ended?))).collect())
}

async fn plans<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Bares> {
    use plan::Column as C;
    use plan_action::Column as A;
    let rows: Vec<PlanRow> = plan::Entity::find()
        .select_only()
        .columns([C::Id, C::ChildId, C::Kind, C::StartsOn, C::EndsOn, C::VisitEveryDays])
        .filter(C::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let before = protected_until(db, &rows).await?;
    let mut bare = Bares::new();
    for (id, child, kind, starts_on, ends_on, days) in rows {
        let mut one = Bare { kind: Some(Record::Plan), on: starts_on, ..Bare::default() };
        one.children.entry(child).or_default();
        one.facts.insert(if kind == plan::Kind::Cp { Fact::Cp } else { Fact::Cin });
        let last =
            before.iter().filter(|(of, ended)| *of == child && *ended <= starts_on).map(|(_, ended)| *ended).max();
        let last = last.filter(|_| kind == plan::Kind::Cin);
        one.facts.extend(last.map(|_| Fact::FollowsCp));
        one.stepped_down = last.zip(ends_on);
        one.visits = vec![(child, days)];
        bare.insert(id, one);
    }
    let owners: Vec<(Uuid, AgencyId)> = plan_action::Entity::find()
        .select_only()
        .columns([A::PlanId, A::OwnerAgencyId])
        .distinct()
        .filter(A::PlanId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let members: Vec<(Uuid, AgencyId)> = core_group_member::Entity::find()
        .select_only()
        .column(core_group::Column::PlanId)
        .column(core_group_member::Column::AgencyId)
        .join(
            sea_orm::JoinType::InnerJoin,
            core_group_member::Entity::belongs_to(core_group::Entity)
                .from(core_group_member::Column::CoreGroupId)
                .to(core_group::Column::Id)
                .into(),
        )
        .filter(core_group::Column::PlanId.is_in(ids.iter().map(|id| PlanId(*id))))
        .into_tuple()
        .all(db)
        .await?;
    for (id, agency) in owners.into_iter().chain(members) {
        if let Some(bare) = bare.get_mut(&id) {
            bare.agencies.insert(agency);
        }
    }
    Ok(bare)
}

/// An answer on a record, without its words.
#[derive(FromQueryResult)]
struct SaidRow {
    record: Uuid,
    child_id: Option<ChildId>,
    agency_id: Option<AgencyId>,
    person_id: Option<PersonId>,
    item: String,
    line: i32,
    choice: Option<String>,
    number: Option<i32>,
    at: Option<DateTime<Utc>>,
    has_text: i32,
    has_reason: i32,
}

pub(super) async fn said<C: ConnectionTrait>(db: &C, kind: Record, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Said>>> {
    use entry::Column as C;
    let there = |column: C| Expr::case(column.is_not_null(), 1).finally(0);
    let rows = entry::Entity::find()
        .select_only()
        .column_as(entry::Entity::column(kind), "record")
        .columns([C::ChildId, C::AgencyId, C::PersonId, C::Item, C::Line, C::Choice, C::Number, C::At])
        .expr_as(there(C::Text), "has_text")
        .expr_as(there(C::ReasonNot), "has_reason")
        .filter(entry::Entity::column(kind).is_in(ids.iter().copied()))
        .filter(C::SupersededAt.is_null());
    let rows = SaidRow::find_by_statement(rows.build(db.get_database_backend())).all(db).await?;
    let mut all: HashMap<Uuid, Vec<Said>> = HashMap::new();
    for row in rows {
        all.entry(row.record).or_default().push(Said {
            item: row.item,
            subject: Subject { child: row.child_id, agency: row.agency_id, person: row.person_id },
            line: row.line,
            choice: row.choice,
            number: row.number,
            at: row.at,
            has_text: row.has_text == 1,
            has_reason: row.has_reason == 1,
        });
    }
    Ok(all)
}

/// The words that stood on records under items about an agency, until another was written in their place: what was taken back
/// has not happened. Each word once, however often it was written.
pub(super) async fn words_before<C: ConnectionTrait>(
    db: &C,
    (kind, ids): (Record, &[Uuid]),
    items: &[&str],
) -> Result<HashMap<Uuid, Vec<Said>>> {
    use entry::Column as C;
    let record = entry::Entity::column(kind);
    let same = |column: C| Expr::col(("later", column)).equals(column.as_column_ref());
    let replaced = Query::select()
        .expr(Expr::val(1))
        .from_as(entry::Entity, "later")
        .and_where(same(C::Id).not())
        .and_where(same(record))
        .and_where(same(C::Item))
        .and_where(same(C::AgencyId))
        .and_where(same(C::Line))
        .and_where(Expr::col(("later", C::RecordedAt)).equals(C::SupersededAt.as_column_ref()))
        .take();
    let rows: Vec<(Uuid, Option<AgencyId>, String, Option<String>)> = entry::Entity::find()
        .select_only()
        .columns([record, C::AgencyId, C::Item, C::Choice])
        .distinct()
        .filter(record.is_in(ids.iter().copied()))
        .filter(C::Item.is_in(items.iter().copied()))
        .filter(Expr::exists(replaced))
        .into_tuple()
        .all(db)
        .await?;
    let mut all: HashMap<Uuid, Vec<Said>> = HashMap::new();
    for (record, agency, item, choice) in rows {
        let subject = Subject { agency, ..Subject::default() };
        all.entry(record).or_default().push(Said { item, subject, choice, ..Said::default() });
    }
    Ok(all)
}

pub(super) struct Member {
    pub(super) child: Option<ChildId>,
    pub(super) person: Option<PersonId>,
    pub(super) parental: bool,
    pub(super) father: bool,
}

/// The households of children on the day of a record or since, and who lives or lived there.
pub(super) struct Families {
    pub(super) of: HashMap<ChildId, Vec<HouseholdId>>,
    pub(super) members: HashMap<HouseholdId, Vec<Member>>,
}

pub(super) async fn families<C: ConnectionTrait>(db: &C, bare: &Bares) -> Result<Families> {
    use membership::Column as C;
    type Row = (HouseholdId, Option<ChildId>, Option<PersonId>, Relationship, bool);
    let children: BTreeSet<ChildId> = bare.values().flat_map(|bare| bare.children.keys().copied()).collect();
    // who came into the home since can be spoken of as well
    let since = bare.values().map(|bare| bare.on).min().unwrap_or_default();
    let homes: Vec<(Option<ChildId>, HouseholdId)> = membership::Entity::find()
        .select_only()
        .columns([C::ChildId, C::HouseholdId])
        .filter(C::ChildId.is_in(children))
        .filter(lasts(C::EndsOn, since))
        .into_tuple()
        .all(db)
        .await?;
    let named: BTreeSet<HouseholdId> = homes.iter().map(|home| home.1).collect();
    let rows: Vec<Row> = membership::Entity::find()
        .select_only()
        .columns([C::HouseholdId, C::ChildId, C::PersonId, C::Relationship, C::ParentalResponsibility])
        .filter(C::HouseholdId.is_in(named))
        .filter(lasts(C::EndsOn, since))
        .into_tuple()
        .all(db)
        .await?;
    let mut families = Families { of: HashMap::new(), members: HashMap::new() };
    for (child, home) in homes {
        if let Some(child) = child {
            families.of.entry(child).or_default().push(home);
        }
    }
    for (home, child, person, relationship, parental) in rows {
        let father = relationship == Relationship::Father;
        families.members.entry(home).or_default().push(Member { child, person, parental, father });
    }
    Ok(families)
}
