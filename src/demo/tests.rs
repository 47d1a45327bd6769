//! What must hold of every demo, over several seeds: the invariants of the national return and of this program.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use entity::category::{ByRow, Category, Depth};
use entity::child::Sex;
use entity::conference::{Kind, Status};
use entity::conference_child::Outcome;
use entity::id::{AgencyId, ChildId, ConferenceId};
use entity::invitation::{Attendance, Meeting};
use entity::plan;
use entity::sealed::{Disclose, Sealed};

use super::days::Days;
use super::rows::Rows;
use super::{DemoSettings, Making};
use crate::clock::london_day;
use crate::practice::calendar::Calendar;
use crate::practice::episode::{self, Doing, History, Span};
use crate::practice::patterns::{Method, PROPER_NOTICE, Share};
use crate::practice::{Practice, quorum};

struct Everything;

impl Disclose for Everything {
    fn opens(&self, _: Category, _: Depth) -> bool {
        true
    }
}

fn by_row<T: Clone>(sealed: &Sealed<T, ByRow>) -> T {
    sealed.open_as(&Everything, Category::Identity).unwrap().clone()
}

fn open<T: Clone, M: entity::category::Mark>(sealed: &Sealed<T, M>) -> T {
    sealed.open(&Everything).unwrap().clone()
}

fn now() -> DateTime<Utc> {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

fn make(seed: u64, children: u32, now: DateTime<Utc>) -> Rows {
    let (mut making, mut all) = Making::begin(&DemoSettings { children, seed }, now);
    while let Some(rows) = making.next().unwrap() {
        all.extend(rows);
    }
    all
}

/// Every seed is looked at by every rule.
fn each(rule: impl Fn(&Rows)) {
    for seed in [1, 7, 42] {
        rule(&make(seed, 700, now()));
    }
}

#[test]
fn the_same_seed_and_day_make_the_same_rows() {
    let morning = make(5, 300, now());
    assert!(morning == make(5, 300, now() + chrono::Duration::hours(14)), "the hour does not matter");
    assert!(morning != make(6, 300, now()) && morning != make(5, 300, now() + chrono::Duration::days(1)));
}

#[test]
fn plans_obey_the_national_return() {
    each(|rows| {
        let days: HashMap<_, _> = rows.conferences.iter().map(|c| (c.id, (c, london_day(c.scheduled_at)))).collect();
        let decided: HashMap<_, _> =
            rows.conference_children.iter().map(|c| ((c.conference_id, c.child_id), open(&c.outcome))).collect();
        let mut of_child: BTreeMap<ChildId, Vec<&plan::Model>> = BTreeMap::new();
        for plan in &rows.plans {
            of_child.entry(plan.child_id).or_default().push(plan);
            assert!(plan.ends_on.is_none_or(|end| end > plan.starts_on && end <= now().date_naive()));
            let cp = plan.kind == plan::Kind::Cp;
            assert_eq!(open(&plan.category_initial).is_some(), cp);
            if let Some(id) = plan.conference_id {
                let (conference, day) = days[&id];
                assert_eq!((day, conference.status), (plan.starts_on, Status::Concluded), "rule 2885");
                let outcome = decided[&(id, plan.child_id)];
                assert_eq!(outcome == Some(Outcome::CpPlan), cp, "{outcome:?}");
            }
            assert!(!cp || plan.conference_id.is_some());
        }
        for plans in of_child.values_mut() {
            plans.sort_by_key(|plan| plan.starts_on);
            for pair in plans.windows(2) {
                assert!(pair[0].ends_on.is_some_and(|end| end < pair[1].starts_on), "rules 8935, 8940, 4001, 4016");
            }
        }
        let open_cp = rows.plans.iter().filter(|p| p.kind == plan::Kind::Cp && p.ends_on.is_none()).count();
        let open_cin = rows.plans.iter().filter(|p| p.kind == plan::Kind::Cin && p.ends_on.is_none()).count();
        let changed = rows.plans.iter().filter(|p| open(&p.category_initial) != open(&p.category_latest)).count();
        assert!(open_cp > 50 && open_cin > 20 && changed > 5, "{open_cp} {open_cin} {changed}");
        for ((id, child), outcome) in &decided {
            let (conference, day) = days[id];
            if matches!(outcome, Some(Outcome::CpPlanContinues | Outcome::CpPlanEnds)) {
                let plans = &of_child[child];
                assert_eq!(conference.kind, Kind::Review);
                assert!(
                    plans.iter().any(|p| p.kind == plan::Kind::Cp
                        && p.starts_on < day
                        && p.ends_on.is_none_or(|end| end >= day)
                        && (p.ends_on == Some(day)) == (*outcome == Some(Outcome::CpPlanEnds))),
                    "rule 8841"
                );
            }
            assert!(
                *outcome != Some(Outcome::CpPlan) || of_child[child].iter().any(|p| p.conference_id == Some(*id)),
                "the plan is there"
            );
        }
    });
}

#[test]
fn conferences_are_believable() {
    each(|rows| {
        let agencies: HashMap<AgencyId, _> = rows.agencies.iter().map(|a| (a.id, a.kind)).collect();
        let mut there: HashMap<ConferenceId, Vec<_>> = HashMap::new();
        for row in rows.invitations.iter().filter(|row| row.meeting == Meeting::Conference) {
            there.entry(row.conference_id.unwrap()).or_default().push((agencies[&row.agency_id], row.attendance));
        }
        let today = london_day(now());
        let mut seen = BTreeSet::new();
        for row in &rows.conferences {
            let day = london_day(row.scheduled_at);
            assert!(Calendar::embedded().is_working_day(day).unwrap(), "{day}");
            assert!(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
            assert!(row.convened_at < row.scheduled_at && row.convened_at < Days::of(now()).start);
            assert!(day <= today + chrono::Duration::days(62) && day > today - chrono::Duration::days(730), "{day}");
            assert!(row.status != Status::Concluded && row.status != Status::Held || day < today);
            let attendance = &there[&row.id];
            assert!(attendance.len() > 2);
            let recorded: Vec<_> = attendance.iter().filter_map(|(kind, a)| Some((*kind, (*a)?))).collect();
            assert!(recorded.is_empty() || recorded.len() == attendance.len());
            let quorate = (!recorded.is_empty()).then(|| {
                let practice = Practice::embedded();
                let profile = entity::local_authority::Profile::Warwickshire;
                practice.conference_quorum(profile, london_day(now())).unwrap().is_met(recorded)
            });
            assert_eq!(row.quorate, quorate);
            seen.insert((row.kind, row.status));
        }
        let kinds: BTreeSet<_> = seen.iter().map(|(kind, _)| *kind).collect();
        let statuses: BTreeSet<_> = seen.iter().map(|(_, status)| *status).collect();
        assert_eq!((kinds.len(), statuses.len()), (4, 4), "{seen:?}");
        let outcomes: HashSet<_> = rows.conference_children.iter().map(|c| open(&c.outcome)).collect();
        assert_eq!(outcomes.len(), 9, "eight, and none yet");
    });
}

/// An initial conference follows the strategy meeting that began the enquiries (rule 8615). The family the personas
/// work with has none: they call the first.
#[test]
fn initial_conferences_follow_enquiries() {
    each(|rows| {
        let held = rows.strategies.iter().filter_map(|s| Some((s.id, s.held_at?))).collect::<HashMap<_, _>>();
        let mut enquiries: HashMap<ChildId, Vec<DateTime<Utc>>> = HashMap::new();
        for row in &rows.strategy_children {
            assert_eq!(open(&row.decision).is_some(), held.contains_key(&row.strategy_meeting_id));
            if let Some(at) = held.get(&row.strategy_meeting_id) {
                enquiries.entry(row.child_id).or_default().push(*at);
            }
        }
        let conferences: HashMap<_, _> = rows.conferences.iter().map(|c| (c.id, c)).collect();
        let first: Vec<_> = rows.children.iter().take(3).map(|child| child.id).collect();
        for row in rows.conference_children.iter().filter(|row| !first.contains(&row.child_id)) {
            let conference = conferences[&row.conference_id];
            let before = |at: &&DateTime<Utc>| **at < conference.convened_at.max(conference.scheduled_at);
            let last = enquiries.get(&row.child_id).and_then(|all| all.iter().filter(before).max());
            if matches!(conference.kind, Kind::Initial | Kind::PreBirth) {
                let last = last.expect("an enquiry");
                assert!(conference.scheduled_at - *last < chrono::Duration::days(45), "{last}");
            }
        }
        assert_eq!(rows.strategies.iter().map(|s| s.status).collect::<HashSet<_>>().len(), 3);
    });
}

/// What was done about a child lies in its episodes, where it has any: by the rules that the server goes by.
#[test]
fn episodes_hold_what_was_done() {
    each(|rows| {
        let mut histories: HashMap<ChildId, History> = HashMap::new();
        for row in &rows.episodes {
            let (status, referred_on, closed_on) = (row.status, row.referred_on, row.closed_on);
            let history = histories.entry(row.child_id).or_default();
            assert!(episode::refers(history, &[], false, referred_on).is_empty(), "{row:?} {history:?}");
            assert_eq!(open(&row.closed_because).is_some(), closed_on.is_some());
            history.episodes.push(Span { status, referred_on, closed_on });
        }
        assert!(histories.len() > 20 && histories.len() < rows.children.len(), "{}", histories.len());
        let closed = rows.episodes.iter().filter(|row| row.closed_on.is_some()).count();
        assert!(closed > 5 && closed < rows.episodes.len(), "{closed}");
        let holds = |child: ChildId, doing, day| {
            let Some(history) = histories.get(&child) else { return };
            assert_eq!(episode::begins(history, doing, day), Vec::<String>::new(), "{day} {history:?}");
        };
        for plan in &rows.plans {
            holds(plan.child_id, Doing::of_plan(plan.kind), plan.starts_on);
        }
        for row in &rows.enquiries {
            holds(row.child_id, Doing::Enquiry, london_day(row.started_at));
        }
        for row in &rows.assessments {
            holds(row.child_id, Doing::Assessment, row.started_on);
        }
        let conferences: HashMap<_, _> = rows.conferences.iter().map(|c| (c.id, c)).collect();
        for row in &rows.conference_children {
            let conference = conferences[&row.conference_id];
            if let (Status::Concluded, Some(doing)) = (conference.status, Doing::of_conference(conference.kind)) {
                holds(row.child_id, doing, london_day(conference.scheduled_at));
            }
        }
    });
}

#[test]
fn invitations_and_reports_agree() {
    each(|rows| {
        let start = Days::of(now()).start;
        let mut attendances = HashSet::new();
        for row in &rows.invitations {
            let told = Calendar::embedded().notice(london_day(row.invited_at), london_day(row.scheduled_at)).unwrap();
            assert!(row.notice_working_days == Sealed::new(told));
            assert!(row.invited_at < row.scheduled_at && row.invited_at < start);
            assert!(row.replied_at.is_none_or(|at| at > row.invited_at && at < row.scheduled_at && at < start));
            assert!(row.attendance.is_none() || row.scheduled_at < start);
            let apologises = row.attendance == Some(Attendance::Apologies);
            assert!(!apologises || open(&row.apologies_reason).is_some());
            attendances.insert(row.attendance);
        }
        assert_eq!(attendances.len(), 6, "five, and not recorded");
        let invitations: HashMap<_, _> = rows.invitations.iter().map(|row| (row.id, row)).collect();
        let mut last: HashMap<_, Option<Option<DateTime<Utc>>>> = HashMap::new();
        for request in &rows.requests {
            let invitation = invitations[&request.invitation_id];
            assert_eq!(invitation.report_due_at, Some(request.due_at));
            assert!(
                request
                    .received_at
                    .is_none_or(|at| at >= request.asked_at && at < invitation.scheduled_at && at < start)
            );
            let so_far = last.entry(request.invitation_id).or_insert(Some(request.received_at));
            let later = so_far.flatten().zip(request.received_at).map(|(one, other)| one.max(other));
            *so_far = Some(later);
        }
        for (id, received) in last {
            assert_eq!(invitations[&id].report_received_at, received.flatten());
        }
        let received = rows.requests.iter().filter(|r| r.received_at.is_some()).count();
        let late = rows.requests.iter().filter(|r| r.received_at.is_some_and(|at| at > r.due_at)).count();
        assert_eq!(rows.reports.len(), received);
        assert!(late > received / 50 && received < rows.requests.len() * 9 / 10, "{late} {received}");
    });
}

#[test]
fn the_feed_has_no_gap_and_no_disorder() {
    each(|rows| {
        for counter in &rows.feeds {
            let of_place = rows.events.iter().filter(|e| e.local_authority_id == counter.local_authority_id);
            let (mut position, mut before) = (0, DateTime::<Utc>::MIN_UTC);
            for event in of_place {
                position += 1;
                assert_eq!(event.position, position);
                assert!(event.occurred_at >= before && event.occurred_at < now());
                before = event.occurred_at;
            }
            assert_eq!(counter.position, position);
            assert!(position > 50);
        }
        let kinds: HashSet<_> = rows.events.iter().map(|e| e.kind).collect();
        assert_eq!((rows.feeds.len(), kinds.len()), (4, 10));
    });
}

#[test]
fn children_differ() {
    let mut ethnicities = HashSet::new();
    let mut disabilities = HashSet::new();
    for seed in [1, 7, 42] {
        let rows = make(seed, 700, now());
        let mut numbers = HashSet::new();
        for child in &rows.children {
            let number = open(&child.nhs_number);
            assert_eq!(number.is_none(), child.sex == Sex::U);
            assert!(number.is_none_or(|n| n.starts_with("999") && numbers.insert(n)));
            assert!(open(&child.upn).is_none_or(|upn| numbers.insert(upn)));
            assert_eq!(open(&child.born_on).is_none(), child.sex == Sex::U);
            ethnicities.insert(open(&child.ethnicity));
            let codes = open(&child.disabilities);
            let list: Vec<_> = codes.split(' ').collect();
            assert!(!list.contains(&"NONE") || list.len() == 1);
            assert_eq!(list.iter().collect::<HashSet<_>>().len(), list.len());
            disabilities.extend(list.into_iter().map(str::to_owned));
        }
    }
    assert_eq!((ethnicities.len(), disabilities.len()), (20, 13));
}

/// Brothers and sisters share a home, and no text.
#[test]
fn no_text_is_about_two_children() {
    each(|rows| {
        let mut about: HashMap<String, ChildId> = HashMap::new();
        let mut homes: HashMap<ChildId, HashSet<_>> = HashMap::new();
        for row in &rows.memberships {
            if let Some(child) = row.child_id {
                homes.entry(child).or_default().insert(row.household_id);
            }
        }
        let texts = rows.reports.iter().flat_map(|r| {
            [by_row(&r.involvement), by_row(&r.worries), by_row(&r.strengths)].map(|text| (r.child_id, text))
        });
        let texts = texts
            .chain(rows.plans.iter().filter_map(|p| Some((p.child_id, open(&p.danger_statement)?))))
            .chain(rows.actions.iter().map(|a| (a.child_id, open(&a.description))))
            .chain(rows.meetings.iter().map(|m| (m.child_id, open(&m.progress))));
        for (child, text) in texts {
            let other = *about.entry(text.clone()).or_insert(child);
            assert!(other == child || homes[&other].is_disjoint(&homes[&child]), "{text}");
        }
        assert!(homes.values().any(|homes| homes.len() > 1), "some children have had two homes");
        let moved = rows.memberships.iter().filter(|m| m.ends_on.is_some()).count();
        let protected: HashSet<_> = rows.households.iter().map(|h| h.address_status.word()).collect();
        assert!(moved > 20 && protected.len() == 3);
    });
}

#[test]
fn relationships_are_of_the_past_the_present_and_the_future() {
    each(|rows| {
        let start = Days::of(now()).start;
        let mut bases = HashSet::new();
        let (mut ended, mut coming) = (0, 0);
        for row in &rows.involvements {
            assert!(row.ends_at.is_none_or(|end| end > row.starts_at));
            ended += usize::from(row.ends_at.is_some_and(|end| end < start));
            coming += usize::from(row.starts_at > start);
            bases.insert(row.basis);
        }
        assert!(ended > 100 && coming > 0 && bases.len() == 9, "{ended} {coming} {bases:?}");
    });
}

#[test]
fn caseloads_are_those_of_people() {
    let rows = make(3, 4000, now());
    let start = Days::of(now()).start;
    let personas: HashMap<_, _> = super::personas().into_iter().map(|p| (p.key, p)).collect();
    let in_force = |r: &&entity::involvement::Model| r.starts_at <= start && r.ends_at.is_none_or(|end| end > start);
    let children_of = |key: &str| {
        let who = personas[key].practitioner;
        let rows = rows.involvements.iter().filter(in_force).filter(|r| r.practitioner_id == Some(who));
        rows.map(|r| r.child_id).collect::<HashSet<_>>().len()
    };
    for key in ["social_worker", "chair", "school_dsl", "early_help"] {
        let n = children_of(key);
        assert!((8..130).contains(&n), "{key}: {n}");
    }
    let agencies: BTreeSet<_> = rows.agencies.iter().map(|a| a.kind.word()).collect();
    assert_eq!(agencies.len(), 10);
}

#[test]
fn some_agencies_stay_away_and_most_do_not() {
    let rows = make(9, 4000, now());
    let mut counts: BTreeMap<AgencyId, (u32, u32)> = BTreeMap::new();
    for row in &rows.invitations {
        if let Some(attendance) = row.attendance {
            let count = counts.entry(row.agency_id).or_default();
            count.0 += 1;
            count.1 += u32::from(!quorum::took_part(attendance));
        }
    }
    let often = counts.values().filter(|(all, absent)| *all >= 30 && absent * 4 > *all).count();
    let seldom = counts.values().filter(|(all, absent)| *all >= 30 && absent * 6 < *all).count();
    assert!((4..60).contains(&often) && seldom > often, "{often} {seldom}");
    // of those asked a few times only, some look as bad
    let unlucky = counts.values().filter(|(all, absent)| *all <= 15 && absent * 3 >= *all).count();
    let few = counts.values().filter(|(all, _)| *all <= 15).count();
    assert!(unlucky > 0 && few > unlucky, "{unlucky} of {few}");
}

/// What became of the agencies of a demo.
#[derive(Default, Debug)]
struct Found {
    /// Of the agencies that were made to stay away: so often invited that it can be told, and found.
    plain: u32,
    caught: u32,
    /// Of the others: looked at, flagged, and those who were asked a few times only and missed a quarter or more.
    others: u32,
    flagged: u32,
    unlucky: u32,
}

/// So many invitations with proper notice tell a rate of 0.42 from one of 0.1: of fewer a pattern can look like bad luck.
const PLAIN: i64 = 80;

fn flag(seed: u64, found: &mut Found) {
    let (making, _) = Making::begin(&DemoSettings { children: 4000, seed }, now());
    let agencies = making.staff.places.iter().flat_map(|place| &place.agencies);
    let seeded: BTreeMap<AgencyId, bool> = agencies.map(|agency| (agency.id, agency.habits.absent > 0.2)).collect();
    let mut shares: BTreeMap<_, BTreeMap<AgencyId, Share>> = BTreeMap::new();
    for row in &make(seed, 4000, now()).invitations {
        let proper = open(&row.notice_working_days) >= PROPER_NOTICE;
        if let Some(attendance) = row.attendance.filter(|_| proper) {
            let share = shares.entry(row.local_authority_id).or_default().entry(row.agency_id).or_default();
            share.of += 1;
            share.some += i64::from(!quorum::took_part(attendance));
        }
    }
    let method = Method::default();
    for agencies in shares.values() {
        let sum = |of: fn(&Share) -> i64| agencies.values().map(of).sum();
        let centre = Share { of: sum(|s| s.of), some: sum(|s| s.some) }.rate().unwrap();
        for (agency, share) in agencies {
            let flagged = method.flags(*share, centre, agencies.len());
            if seeded.get(agency).copied().unwrap_or_default() {
                found.plain += u32::from(share.of >= PLAIN);
                found.caught += u32::from(flagged && share.of >= PLAIN);
            } else {
                found.others += 1;
                found.flagged += u32::from(flagged);
                found.unlucky += u32::from(share.of <= 15 && share.some * 4 >= share.of && share.some > 0);
            }
        }
    }
}

/// The method that flags patterns finds the agencies that were made to stay away, and none of the others; who was asked a few
/// times only and was unlucky is not flagged (BIR-NA-02). `QUORATE_SEEDS=20` looks at so many demos.
#[test]
fn patterns_are_found_and_bad_luck_is_not() {
    #[expect(clippy::disallowed_methods, reason = "how many demos are looked at")]
    let seeds: u64 = std::env::var("QUORATE_SEEDS").map_or(1, |text| text.parse().unwrap());
    let mut found = Found::default();
    for seed in 9..9 + seeds {
        flag(seed, &mut found);
    }
    eprintln!("{seeds} demos: {found:?}");
    let demos = u32::try_from(seeds).unwrap();
    assert!(found.plain >= 2 * demos && found.unlucky >= 3 * demos, "{found:?}");
    // four partnerships a demo, of which one in a hundred may flag somebody by bad luck
    assert!(found.flagged <= demos / 10, "{found:?}");
    assert!(found.caught * 100 >= found.plain * 99, "{found:?}");
}

#[test]
fn every_day_of_the_calendar_makes_a_demo() {
    let first: DateTime<Utc> = "2026-01-05T09:00:00Z".parse().unwrap();
    for n in 0..80 {
        let today = first + chrono::Duration::days(8 * n);
        let rows = make(u64::try_from(n).unwrap(), 60, today);
        assert!(rows.children.len() >= 60 && rows.conferences.len() > 10, "{today}");
    }
}

#[test]
fn the_calendar_ends_with_an_error() {
    let late: DateTime<Utc> = "2027-12-20T09:00:00Z".parse().unwrap();
    let (mut making, _) = Making::begin(&DemoSettings { children: 200, seed: 1 }, late);
    assert!(making.next().is_err(), "no working day is guessed");
    let last: NaiveDate = "2027-12-31".parse().unwrap();
    assert!(Calendar::embedded().is_working_day(last).is_ok());
}
