//! Every clock of every authority: something makes it run and something stops it. A time that nothing starts is a promise
//! nobody keeps, and one that nothing meets is missed whatever is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use entity::deadline::Kind;
use entity::entry::Record;
use entity::local_authority::Profile;
use quorate::practice::deadlines::is_said;
use quorate::practice::items::Item;
use quorate::practice::standards::{Hold, Standards};
use sea_orm::Iterable as _;

const PROFILES: [Profile; 4] = [Profile::Warwickshire, Profile::Birmingham, Profile::Bristol, Profile::Lancashire];

/// The steps that make something due or meet it, in the code.
const DUE: &str = "src/actions/due.rs";
const SENT: &str = "src/practice/circulation.rs";
const FOLLOWS: &str = "src/practice/following.rs";

/// Where a clock begins: the file and what stands there.
fn made(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::FirstStrategyMeeting => (DUE, "dues.add(&[Kind::FirstStrategyMeeting], *child, received_at)"),
        Kind::StrategyOutcomeDocument | Kind::StrategyDocument | Kind::StrategyRecordCirculated => {
            (DUE, "dues.add(&papers, *child, held_at)")
        }
        Kind::InitialConference => (DUE, "dues.add(&[Kind::InitialConference], *child, held_at)"),
        Kind::ReportToFamily
        | Kind::ReportToProfessionals
        | Kind::FamilyMetByChair
        | Kind::ReviewReportToFamily
        | Kind::ReviewReportToUnit
        | Kind::CoreGroupRecommendation => (DUE, "dues.add(before, *child, conference.at)"),
        Kind::NineMonthSupervision | Kind::NineMonthConversation => {
            (DUE, "dues.add(BEFORE_NINE_MONTH_REVIEW, child, conference.at)")
        }
        Kind::AgencyReport | Kind::AgencyReportToReview => (DUE, "dues.push(kind, asked.child, limit.clone())"),
        Kind::DecisionsCirculated | Kind::MinutesCirculated => {
            (DUE, "dues.add(&[Kind::DecisionsCirculated, Kind::MinutesCirculated], *child, held_at)")
        }
        Kind::OutlinePlan | Kind::FirstCoreGroup | Kind::FirstReview => {
            (DUE, "dues.add(&[Kind::OutlinePlan, Kind::FirstCoreGroup, Kind::FirstReview], *child, held_at)")
        }
        Kind::NextReview => (DUE, "dues.add(&[Kind::NextReview], *child, held_at)"),
        Kind::NextCoreGroup => (DUE, "dues.add(&[Kind::NextCoreGroup], child, held_at)"),
        Kind::CoreGroupPapers => (DUE, "dues.add(&[Kind::CoreGroupPapers], child, noon(day))"),
        Kind::SupportReferral | Kind::SupportDiscussion => {
            (FOLLOWS, "due.extend([(Kind::SupportReferral, *child), (Kind::SupportDiscussion, *child)])")
        }
        Kind::FollowOnPlan => (FOLLOWS, "due.push((Kind::FollowOnPlan, *child))"),
        Kind::CinPlanCopies => (DUE, "dues.add(&[Kind::CinPlanCopies], child, met_at)"),
    }
}

/// What meets a clock: a step in the code, a document that reached everybody, or an answer to an item.
enum Met {
    By(&'static str, &'static str),
    Sent,
    Item(&'static str),
}

fn met(kind: Kind) -> Met {
    match kind {
        Kind::FirstStrategyMeeting => Met::By(DUE, "tx.met(&[Kind::FirstStrategyMeeting], &children, about, held_at)"),
        Kind::StrategyDocument => Met::By(DUE, "Step::StrategyRecord => tx.met(&[Kind::StrategyDocument]"),
        Kind::InitialConference | Kind::FirstReview | Kind::NextReview => {
            Met::By(DUE, "tx.met(asked, &all, About::default(), held_at)")
        }
        Kind::AgencyReport | Kind::AgencyReportToReview => {
            Met::By(DUE, "tx.met(&[Kind::AgencyReport, Kind::AgencyReportToReview], &[child], about, tx.who().at)")
        }
        Kind::OutlinePlan => Met::By(DUE, "tx.met(&[Kind::OutlinePlan], outlined, about, tx.who().at)"),
        Kind::FirstCoreGroup | Kind::NextCoreGroup => {
            Met::By(DUE, "tx.met(&[Kind::FirstCoreGroup, Kind::NextCoreGroup], &[child]")
        }
        Kind::FollowOnPlan => Met::By(DUE, "tx.met(&[Kind::FollowOnPlan], &[child], About::default(), met_at)"),
        Kind::StrategyOutcomeDocument
        | Kind::StrategyRecordCirculated
        | Kind::ReportToFamily
        | Kind::ReportToProfessionals
        | Kind::ReviewReportToFamily
        | Kind::ReviewReportToUnit
        | Kind::DecisionsCirculated
        | Kind::MinutesCirculated
        | Kind::CoreGroupPapers
        | Kind::CinPlanCopies => Met::Sent,
        Kind::FamilyMetByChair => Met::Item("FAMILY_MET"),
        Kind::CoreGroupRecommendation => Met::Item("RECOMMENDATION"),
        Kind::NineMonthSupervision => Met::Item("SUPERVISION_RECORDED"),
        Kind::NineMonthConversation => Met::Item("NINE_MONTH_CONVERSATION"),
        Kind::SupportReferral => Met::Item("SUPPORT_REFERRAL"),
        Kind::SupportDiscussion => Met::Item("SUPPORT_DISCUSSION"),
    }
}

/// Times that an authority holds and that make nothing due here, with the reason.
const NO_CLOCK: [(&str, &str); 4] = [
    (
        "BIR-NA-01",
        "how long a letter about a conference leaves for its answer: a date on the letter, and no deadline of a child",
    ),
    ("BIR-SD-01", "how long a child in need plan is kept at the least: nothing is due before it is over"),
    ("WAR-VI-03", "the longest time between visits that a plan may say: visits themselves are not recorded here"),
    ("WAR-CN-10", "the same for a child in need"),
];

/// A file without its comments and its tests.
fn code(path: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let runs = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = runs.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

fn items(standards: &Standards) -> BTreeMap<&str, &Item> {
    let records =
        [Record::StrategyMeeting, Record::Enquiry, Record::Conference, Record::CoreGroupMeeting, Record::Plan];
    let all = records.into_iter().flat_map(|record| standards.items().of_record(record));
    all.map(|item| (item.code.as_str(), item)).collect()
}

#[test]
fn every_clock_begins_somewhere_and_is_met_by_something() {
    let standards = Standards::embedded().unwrap();
    let items = items(&standards);
    let runs = |(path, what): (&str, &str)| code(path).contains(what);
    for kind in Kind::iter() {
        assert!(runs(made(kind)), "{kind:?} is made by nothing: {:?}", made(kind));
        match met(kind) {
            Met::By(path, what) => assert!(runs((path, what)), "{kind:?} is met by nothing: {what}"),
            Met::Sent => {
                assert!(runs((SENT, &format!("Kind::{kind:?}, "))), "{kind:?} is met by no document");
                assert!(is_said(kind), "{kind:?}: what went out elsewhere can be said");
            }
            Met::Item(code) => assert!(items[code].meets.contains(&kind), "{kind:?} is not met by {code}"),
        }
    }
    let by_items: BTreeSet<_> = items.values().flat_map(|item| &item.meets).map(|kind| kind.word()).collect();
    let known = Kind::iter().filter(|kind| matches!(met(*kind), Met::Item(_))).map(Kind::word);
    assert_eq!(by_items, known.collect(), "what an item meets is named above");
}

#[test]
fn every_time_that_an_authority_holds_is_a_clock_or_has_a_reason() {
    let standards = Standards::embedded().unwrap();
    let (mut clocks, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    for standard in PROFILES.iter().flat_map(|profile| standards.book(*profile).standards()) {
        if standard.hold == Hold::Off || standard.within.is_none() {
            continue;
        }
        if standard.deadline.is_some() || standard.extends.is_some() {
            clocks.extend(standard.deadline.into_iter().chain(standard.also).chain(standard.extends).map(Kind::word));
        } else {
            reasons.insert(standard.rule.clone());
        }
    }
    let known: BTreeSet<_> = NO_CLOCK.iter().map(|(rule, _)| (*rule).to_owned()).collect();
    let known: BTreeSet<_> = known.into_iter().chain(["STA-VI-01".to_owned()]).collect();
    assert_eq!(reasons, known, "a time that makes nothing due says why");
    let all: BTreeSet<_> = Kind::iter().map(Kind::word).collect();
    assert_eq!(clocks, all, "a clock that no authority holds");
}
