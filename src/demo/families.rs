//! Families: a household with its children, the agencies around them, their conferences, plans and core groups.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::agency::Kind;
use entity::appointment::Post;
use entity::conference_child::{AbuseCategory, Outcome};
use entity::household::AddressStatus;
use entity::id::{
    AgencyId, ChildId, ConferenceChildId, ConferenceId, ConferenceReportId, CoreGroupId, CoreGroupMeetingId,
    CoreGroupMemberId, HouseholdId, InvitationId, InvolvementId, MembershipId, PersonId, PlanActionId, PlanId,
    PractitionerId, ReportRequestId,
};
use entity::invitation::{Attendance, Meeting, Reply};
use entity::involvement::Basis;
use entity::membership::Relationship;
use entity::sealed::Sealed;
use entity::{
    child, circulation, conference, conference_child, conference_report, core_group, core_group_meeting,
    core_group_member, household, invitation, involvement, membership, person, plan, plan_action, report_request,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ids::{mint, nhs_number, upn};
use super::staff::{Place, Staff};
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::practice::calendar::Calendar;
use crate::practice::deadlines;
use crate::store::bulk::Bulk;
use crate::store::child::name_key;

const GIVEN: [&str; 16] = [
    "Amelia", "Noah", "Aisha", "Oliver", "Grace", "Mohammed", "Freya", "Leo", "Zara", "Arthur", "Ivy", "Kofi", "Maya",
    "Jack", "Niamh", "Tomasz",
];
const FAMILY: [&str; 14] = [
    "Harper", "Siddiqui", "Walsh", "Okonkwo", "Bailey", "Nowak", "Fraser", "Patel", "Hughes", "Campbell", "Begum",
    "Turner", "Mensah", "Doherty",
];

/// Rows of some families, ready to be written.
pub struct Batch<'a> {
    rng: &'a mut ChaCha8Rng,
    staff: &'a Staff,
    now: DateTime<Utc>,
    failed: Option<Error>,
    households: Vec<household::Model>,
    people: Vec<person::Model>,
    children: Vec<child::Model>,
    memberships: Vec<membership::Model>,
    conferences: Vec<conference::Model>,
    conference_children: Vec<conference_child::Model>,
    involvements: Vec<involvement::Model>,
    plans: Vec<plan::Model>,
    actions: Vec<plan_action::Model>,
    core_groups: Vec<core_group::Model>,
    members: Vec<core_group_member::Model>,
    meetings: Vec<core_group_meeting::Model>,
    invitations: Vec<invitation::Model>,
    requests: Vec<report_request::Model>,
    reports: Vec<conference_report::Model>,
    circulations: Vec<circulation::Model>,
}

/// What the steps of one family share.
struct Family<'p> {
    place: &'p Place,
    children: Vec<ChildId>,
    worker: PractitionerId,
    chair: PractitionerId,
    minute_taker: PractitionerId,
    /// Places in the authority's list of agencies.
    agencies: Vec<usize>,
}

impl<'a> Batch<'a> {
    /// An empty batch.
    pub fn new(rng: &'a mut ChaCha8Rng, staff: &'a Staff, now: DateTime<Utc>) -> Self {
        Self {
            rng,
            staff,
            now,
            failed: None,
            households: vec![],
            people: vec![],
            children: vec![],
            memberships: vec![],
            conferences: vec![],
            conference_children: vec![],
            involvements: vec![],
            plans: vec![],
            actions: vec![],
            core_groups: vec![],
            members: vec![],
            meetings: vec![],
            invitations: vec![],
            requests: vec![],
            reports: vec![],
            circulations: vec![],
        }
    }

    /// Makes the `n`th family, whose first child is the `first`th; answers how many children it has. The first
    /// family is the one the personas work with.
    pub fn family(&mut self, n: u32, first: u32) -> u32 {
        let staff = self.staff;
        let Some(place) = staff.places.get(n as usize % 4) else { return 1 };
        let size = if n == 0 { 3 } else { self.rng.random_range(1..=3) };
        let pick = |rng: &mut ChaCha8Rng, people: Vec<PractitionerId>, first: bool| {
            let i = if first || people.is_empty() { 0 } else { rng.random_range(0..people.len()) };
            people.get(i).copied().unwrap_or(PractitionerId(uuid::Uuid::nil()))
        };
        let worker = pick(self.rng, place.people(Post::SocialWorker), n == 0);
        let chair = pick(self.rng, place.people(Post::Chair), n == 0);
        let minute_taker = pick(self.rng, place.people(Post::MinuteTaker), true);
        let mut agencies = vec![0];
        for kind in [Kind::Police, Kind::Health, Kind::Education, Kind::EarlyHelp, Kind::Housing] {
            let of_kind = place.of(kind);
            let i = if n == 0 { 0 } else { self.rng.random_range(0..of_kind.len().max(1)) };
            agencies.extend(of_kind.get(i));
        }
        let children = self.household(place, n, first, size);
        let family = Family { place, children, worker, chair, minute_taker, agencies };
        self.involve(&family);
        self.process(&family, n);
        size
    }

    fn household(&mut self, place: &Place, n: u32, first: u32, size: u32) -> Vec<ChildId> {
        let at = self.now - Duration::days(900);
        let id = HouseholdId(mint(self.rng, at));
        let protected = n != 0 && self.rng.random_bool(0.04);
        let surname = FAMILY.get(n as usize % FAMILY.len()).copied().unwrap_or_default();
        self.households.push(household::Model {
            id,
            local_authority_id: place.authority,
            address: Sealed::new(format!("{} Sample Street", 1 + n % 200)),
            postcode: Sealed::new(format!("ZZ{} {}AA", 1 + n % 90, n % 10)),
            address_status: if protected { AddressStatus::Withheld } else { AddressStatus::None },
        });
        for (relationship, given, years) in [(Relationship::Mother, "Sarah", 31), (Relationship::Father, "James", 34)] {
            let person_id = PersonId(mint(self.rng, at));
            self.people.push(person::Model {
                id: person_id,
                local_authority_id: place.authority,
                given_name: Sealed::new(given.into()),
                family_name: Sealed::new(surname.into()),
                born_on: Sealed::new(years_before(london_day(self.now), years)),
            });
            self.member(id, None, Some(person_id), relationship);
        }
        let mut out = Vec::new();
        for i in 0..size {
            // the last child of the first family is not born yet, nor is one in forty elsewhere
            let unborn = if n == 0 { i == 2 } else { self.rng.random_bool(0.025) };
            let child_id = self.child(place, first + i, surname, unborn, i);
            self.member(id, Some(child_id), None, Relationship::Child);
            out.push(child_id);
        }
        out
    }

    fn child(&mut self, place: &Place, number: u32, surname: &str, unborn: bool, i: u32) -> ChildId {
        let at = self.now - Duration::days(800);
        let id = ChildId(mint(self.rng, at));
        let given =
            if unborn { "Unborn" } else { GIVEN.get(number as usize % GIVEN.len()).copied().unwrap_or_default() };
        let today = london_day(self.now);
        let years = 12_i32.saturating_sub(i32::try_from(i).unwrap_or(0) * 3) - i32::try_from(number % 3).unwrap_or(0);
        let born_on = if unborn { None } else { years_before(today, years.max(1)) };
        let ethnicity = if number.is_multiple_of(3) { child::Ethnicity::Apkn } else { child::Ethnicity::Wbri };
        self.children.push(child::Model {
            id,
            local_authority_id: place.authority,
            local_reference: format!("C{number:07}"),
            given_name: Sealed::new(given.into()),
            family_name: Sealed::new(surname.into()),
            name_key: Sealed::new(name_key(given, surname)),
            born_on: Sealed::new(born_on),
            expected_on: Sealed::new(unborn.then(|| today + Duration::days(70))),
            sex: match (unborn, number % 2) {
                (true, _) => child::Sex::U,
                (false, 0) => child::Sex::F,
                (false, _) => child::Sex::M,
            },
            ethnicity: Sealed::new(ethnicity),
            first_language: Sealed::new(Some("English".into())),
            disabilities: Sealed::new(if number % 11 == 5 { "LD COMM" } else { "NONE" }.into()),
            communication_needs: Sealed::new(None),
            nhs_number: Sealed::new((!unborn).then(|| nhs_number(number))),
            upn: Sealed::new((!unborn && years >= 5).then(|| upn(number))),
            legal_status: Sealed::new(None),
            created_at: at,
        });
        id
    }

    fn member(
        &mut self,
        household_id: HouseholdId,
        child: Option<ChildId>,
        person: Option<PersonId>,
        who: Relationship,
    ) {
        self.memberships.push(membership::Model {
            id: MembershipId(mint(self.rng, self.now - Duration::days(800))),
            household_id,
            child_id: child,
            person_id: person,
            relationship: Sealed::new(who),
            parental_responsibility: matches!(who, Relationship::Mother | Relationship::Father),
            starts_on: london_day(self.now - Duration::days(800)),
            ends_on: None,
        });
    }

    fn involve(&mut self, family: &Family<'_>) {
        let since = self.now - Duration::days(780);
        for child in family.children.clone() {
            for i in family.agencies.clone() {
                let (Some((agency, _)), Some(lead)) = (family.place.agencies.get(i), family.place.leads.get(i)) else {
                    continue;
                };
                let (basis, who, team) = if i == 0 {
                    (Basis::AllocatedWorker, family.worker, Some(family.place.team))
                } else {
                    (Basis::Agency, *lead, None)
                };
                let row = self.relation(child, *agency, Some(who), basis, since);
                self.involvements.push(involvement::Model { team_id: team, ..row });
            }
        }
    }

    fn relation(
        &mut self,
        child_id: ChildId,
        agency_id: AgencyId,
        practitioner_id: Option<PractitionerId>,
        basis: Basis,
        starts_at: DateTime<Utc>,
    ) -> involvement::Model {
        involvement::Model {
            id: InvolvementId(mint(self.rng, starts_at)),
            child_id,
            agency_id,
            practitioner_id,
            team_id: None,
            basis,
            conference_id: None,
            strategy_meeting_id: None,
            starts_at,
            ends_at: None,
            granted_by: None,
            reason: "Works with the family".into(),
        }
    }

    /// An initial conference in the past; where it made a plan, a core group that meets, and often a review to come.
    fn process(&mut self, family: &Family<'_>, n: u32) {
        let days_ago = if n == 0 { 80 } else { self.rng.random_range(20..700) };
        let held = working_time(self.now - Duration::days(days_ago));
        let plan = n == 0 || self.rng.random_bool(0.75);
        let id = self.conference(family, conference::Kind::Initial, held, plan);
        if !plan {
            return;
        }
        // most plans last under a year
        let ends_on = (days_ago > 300).then(|| london_day(held) + Duration::days(280));
        for child in family.children.clone() {
            self.plan(family, child, id, london_day(held), ends_on);
        }
        if ends_on.is_none() && (n == 0 || self.rng.random_bool(0.5)) {
            let ahead = if n == 0 { 14 } else { self.rng.random_range(5..60) };
            self.conference(family, conference::Kind::Review, working_time(self.now + Duration::days(ahead)), true);
        }
    }

    fn conference(
        &mut self,
        family: &Family<'_>,
        kind: conference::Kind,
        at: DateTime<Utc>,
        plan: bool,
    ) -> ConferenceId {
        let past = at < self.now;
        let convened_at = (at - Duration::days(14)).min(self.now - Duration::hours(1));
        let id = ConferenceId(mint(self.rng, convened_at));
        let csc = family.place.agencies.first().map_or(AgencyId(uuid::Uuid::nil()), |(agency, _)| *agency);
        self.conferences.push(conference::Model {
            id,
            local_authority_id: family.place.authority,
            agency_id: csc,
            team_id: Some(family.place.team),
            kind,
            status: if past { conference::Status::Concluded } else { conference::Status::Scheduled },
            scheduled_at: at,
            venue: "Conference room 2".into(),
            chair_id: family.chair,
            minute_taker_id: Some(family.minute_taker),
            quorate: past.then_some(true),
            summary: Sealed::new(past.then(|| "The conference weighed worries and strengths.".into())),
            convened_at,
            concluded_at: past.then(|| at + Duration::hours(2)),
            version: if past { 3 } else { 1 },
        });
        for child in family.children.clone() {
            let outcome = if plan { Outcome::CpPlan } else { Outcome::ProvisionOfServices };
            self.conference_children.push(conference_child::Model {
                id: ConferenceChildId(mint(self.rng, convened_at)),
                conference_id: id,
                child_id: child,
                outcome: Sealed::new(past.then_some(outcome)),
                abuse_category: Sealed::new((past && plan).then_some(AbuseCategory::Neg)),
                participation: Sealed::new(None),
                decided_at: past.then(|| at + Duration::hours(2)),
            });
            let posts = [(family.chair, Basis::Chair), (family.minute_taker, Basis::MinuteTaker)];
            for (who, basis) in posts {
                let row = self.relation(child, csc, Some(who), basis, convened_at);
                self.involvements.push(involvement::Model { conference_id: Some(id), ..row });
            }
        }
        for i in family.agencies.clone() {
            self.invite(family, i, id, kind, at, convened_at);
        }
        id
    }

    fn invite(
        &mut self,
        family: &Family<'_>,
        i: usize,
        conference_id: ConferenceId,
        kind: conference::Kind,
        at: DateTime<Utc>,
        invited_at: DateTime<Utc>,
    ) {
        let Some((agency, _)) = family.place.agencies.get(i).copied() else { return };
        let who = if i == 0 { Some(family.worker) } else { family.place.leads.get(i).copied() };
        let past = at < self.now;
        // one school and one trust of each authority really stay away
        let absent = if matches!(i, 8 | 7) { 0.45 } else { 0.08 };
        let attendance = match (past, self.rng.random_bool(absent), self.rng.random_range(0..4)) {
            (false, ..) => None,
            (true, true, 0) => Some(Attendance::Apologies),
            (true, true, _) => Some(Attendance::NoWord),
            (true, false, 0) => Some(Attendance::Remote),
            (true, false, _) => Some(Attendance::InPerson),
        };
        let due = deadlines::report_due(Calendar::embedded(), kind, at);
        let notice = Calendar::embedded().notice(london_day(invited_at), london_day(at));
        let (due, notice) = match (due, notice) {
            (Ok(due), Ok(notice)) => (due, notice),
            (Err(e), _) | (_, Err(e)) => {
                self.failed = Some(Error::Internal(Box::new(e)));
                return;
            }
        };
        let received = match (past, self.rng.random_bool(absent), self.rng.random_bool(0.15)) {
            (false, ..) | (true, true, _) => None,
            (true, false, true) => Some(due + Duration::hours(20)),
            (true, false, false) => Some(due - Duration::hours(20)),
        };
        let row = self.invitation(family, agency, who, at, invited_at, attendance);
        let id = row.id;
        self.invitations.push(invitation::Model {
            conference_id: Some(conference_id),
            notice_working_days: notice,
            reply: if past { Reply::Attending } else { Reply::Awaited },
            replied_at: past.then(|| invited_at + Duration::days(1)),
            report_due_at: Some(due),
            report_received_at: received,
            ..row
        });
        for child in family.children.clone() {
            let row = self.relation(child, agency, who, Basis::ConferenceInvitation, invited_at);
            let ends_at =
                if past { deadlines::invitation_ends(Calendar::embedded(), london_day(at)).ok() } else { None };
            self.involvements.push(involvement::Model { conference_id: Some(conference_id), ends_at, ..row });
            self.request(family, child, agency, who, conference_id, id, invited_at, due, received);
        }
    }

    fn invitation(
        &mut self,
        family: &Family<'_>,
        agency_id: AgencyId,
        practitioner_id: Option<PractitionerId>,
        scheduled_at: DateTime<Utc>,
        invited_at: DateTime<Utc>,
        attendance: Option<Attendance>,
    ) -> invitation::Model {
        invitation::Model {
            id: InvitationId(mint(self.rng, invited_at)),
            local_authority_id: family.place.authority,
            meeting: Meeting::Conference,
            conference_id: None,
            strategy_meeting_id: None,
            core_group_meeting_id: None,
            agency_id,
            practitioner_id,
            scheduled_at,
            invited_at,
            notice_working_days: 0,
            reply: Reply::Awaited,
            replied_at: None,
            apologies_reason: Sealed::new(None),
            attendance,
            report_due_at: None,
            report_received_at: None,
            version: 1,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table, written once")]
    fn request(
        &mut self,
        family: &Family<'_>,
        child_id: ChildId,
        agency_id: AgencyId,
        author: Option<PractitionerId>,
        conference_id: ConferenceId,
        invitation_id: InvitationId,
        asked_at: DateTime<Utc>,
        due_at: DateTime<Utc>,
        received_at: Option<DateTime<Utc>>,
    ) {
        let id = ReportRequestId(mint(self.rng, asked_at));
        self.requests.push(report_request::Model {
            id,
            conference_id,
            child_id,
            agency_id,
            invitation_id,
            asked_at,
            due_at,
            received_at,
        });
        let (Some(at), Some(author_id)) = (received_at, author) else { return };
        let report_id = ConferenceReportId(mint(self.rng, at));
        // sent to all the others at the table
        let others = family.agencies.iter().filter_map(|i| family.place.agencies.get(*i)).map(|(other, _)| *other);
        self.circulations.extend(others.filter(|other| *other != agency_id).map(|agency_id| circulation::Model {
            conference_report_id: report_id,
            agency_id,
            circulated_at: at,
            withdrawn_at: None,
        }));
        self.reports.push(conference_report::Model {
            id: report_id,
            report_request_id: id,
            conference_id,
            child_id,
            agency_id,
            author_id,
            version: 1,
            state: conference_report::State::Released,
            involvement: Sealed::new("Known to us for two years.".into()),
            worries: Sealed::new("Missed appointments and hunger at home.".into()),
            strengths: Sealed::new("Warm between mother and children.".into()),
            child_voice: Sealed::new(Some("I like it when we eat together.".into())),
            family_views: Sealed::new(None),
            what_must_change: Sealed::new(Some("Regular meals, and help that is let in.".into())),
            safety_score: Sealed::new(Some(self.rng.random_range(2..8))),
            recommendation: Sealed::new(Some(conference_report::Recommendation::CpPlan)),
            shared_with_family_on: Some(london_day(at)),
            submitted_at: at,
            released_at: Some(at),
            receipt: format!("{:064x}", self.rng.random::<u128>()),
        });
    }

    fn plan(
        &mut self,
        family: &Family<'_>,
        child_id: ChildId,
        conference_id: ConferenceId,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    ) {
        let at = self.now;
        let plan_id = PlanId(mint(self.rng, at));
        self.plans.push(plan::Model {
            id: plan_id,
            child_id,
            kind: plan::Kind::Cp,
            conference_id: Some(conference_id),
            category_initial: Sealed::new(Some(AbuseCategory::Neg)),
            category_latest: Sealed::new(Some(AbuseCategory::Neg)),
            danger_statement: Sealed::new(Some("We worry that meals and medical care are missed.".into())),
            safety_statement: Sealed::new(Some("Somebody safe sees to meals and appointments each day.".into())),
            visit_every_days: Sealed::new(14),
            starts_on,
            ends_on,
            version: 1,
        });
        for (i, what) in
            [(0, "Visit every two weeks and see the child alone."), (2, "Health check."), (3, "Breakfast club.")]
        {
            let Some((owner, _)) = family.agencies.get(i).and_then(|a| family.place.agencies.get(*a)) else { continue };
            self.actions.push(plan_action::Model {
                id: PlanActionId(mint(self.rng, at)),
                plan_id,
                child_id,
                description: Sealed::new(what.into()),
                owner_agency_id: *owner,
                owner_id: None,
                due_on: starts_on + Duration::days(28),
                status: plan_action::Status::InProgress,
                done_on: None,
            });
        }
        let id = CoreGroupId(mint(self.rng, at));
        self.core_groups.push(core_group::Model {
            id,
            plan_id,
            child_id,
            lead_id: family.worker,
            formed_on: starts_on,
            first_meeting_due_on: starts_on + Duration::days(14),
            ends_on,
            version: 1,
        });
        let held_at = working_time(noon(starts_on) + Duration::days(10));
        let meeting_id = CoreGroupMeetingId(mint(self.rng, held_at));
        self.meetings.push(core_group_meeting::Model {
            id: meeting_id,
            core_group_id: id,
            child_id,
            held_at,
            progress: Sealed::new("Meals are regular; one appointment was missed.".into()),
            next_meeting_on: None,
            recorded_by: family.worker,
            recorded_at: held_at,
        });
        for i in family.agencies.clone().into_iter().take(4) {
            let Some((agency, _)) = family.place.agencies.get(i).copied() else { continue };
            let who = if i == 0 { Some(family.worker) } else { family.place.leads.get(i).copied() };
            self.members.push(core_group_member::Model {
                id: CoreGroupMemberId(mint(self.rng, at)),
                core_group_id: id,
                agency_id: agency,
                practitioner_id: who,
                starts_on,
                ends_on,
            });
            let row = self.invitation(family, agency, who, held_at, noon(starts_on), Some(Attendance::InPerson));
            self.invitations.push(invitation::Model {
                meeting: Meeting::CoreGroup,
                core_group_meeting_id: Some(meeting_id),
                notice_working_days: 8,
                ..row
            });
        }
    }

    /// Writes the batch.
    pub async fn write(self, bulk: &Bulk) -> Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        bulk.insert::<household::Entity>(self.households).await?;
        bulk.insert::<person::Entity>(self.people).await?;
        bulk.insert::<child::Entity>(self.children).await?;
        bulk.insert::<membership::Entity>(self.memberships).await?;
        bulk.insert::<conference::Entity>(self.conferences).await?;
        bulk.insert::<conference_child::Entity>(self.conference_children).await?;
        bulk.insert::<involvement::Entity>(self.involvements).await?;
        bulk.insert::<plan::Entity>(self.plans).await?;
        bulk.insert::<plan_action::Entity>(self.actions).await?;
        bulk.insert::<core_group::Entity>(self.core_groups).await?;
        bulk.insert::<core_group_member::Entity>(self.members).await?;
        bulk.insert::<core_group_meeting::Entity>(self.meetings).await?;
        bulk.insert::<invitation::Entity>(self.invitations).await?;
        bulk.insert::<report_request::Entity>(self.requests).await?;
        bulk.insert::<conference_report::Entity>(self.reports).await?;
        bulk.insert::<circulation::Entity>(self.circulations).await
    }
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::hours(12)
}

/// Ten in the morning of the first working day from `at` on.
fn working_time(at: DateTime<Utc>) -> DateTime<Utc> {
    let mut day = london_day(at);
    while !Calendar::embedded().is_working_day(day).unwrap_or(true) {
        day += Duration::days(1);
    }
    noon(day) - Duration::hours(2)
}

fn years_before(day: NaiveDate, years: i32) -> Option<NaiveDate> {
    day.checked_sub_months(chrono::Months::new(u32::try_from(years).ok()? * 12 + 5))
}
