//! Which item of practice each rule asks for, and how strictly its own authority holds it: row by row, so that no rule is
//! lost when items or profiles are changed. What is asked for is missing until it has an answer, and for that authority only.

use std::collections::BTreeSet;

use entity::entry::Record;
use entity::id::{AgencyId, ChildId, PersonId};
use entity::local_authority::Profile;
use quorate::practice::gaps::{Said, Sheet, Subject};
use quorate::practice::items::{Answer, Fact, Item, When};
use quorate::practice::standards::{Hold, Standards};
use uuid::Uuid;

/// Rule, item, and how the authority whose rule it is holds it.
#[rustfmt::skip]
const ASKED: &[(&str, &str, &str)] = &[
    ("BIR-CF-01", "CONTRIBUTION", "warn"),
    ("BIR-CF-01", "FAMILY_CONTRIBUTION", "warn"),
    ("BIR-CF-02", "DANGER_STATEMENT_PRESENTED", "warn"),
    ("BIR-CF-03", "CHILD_FEEDBACK", "warn"),
    ("BIR-CF-04", "REASON_EXPLORED", "warn"),
    ("BIR-CF-05", "THRESHOLD_EVENTS", "warn"),
    ("BIR-CF-06", "PATTERNS_CONSIDERED", "warn"),
    ("BIR-CF-07", "SAFETY_STATEMENT", "warn"),
    ("BIR-CF-08", "SUCCESS_PICTURE", "warn"),
    ("BIR-CF-09", "COMMITMENT", "warn"),
    ("BIR-CF-11", "BOTTOM_LINE", "warn"),
    ("BIR-CF-12", "INQUORATE_BECAUSE", "warn"),
    ("BIR-CF-13", "REPORT_NOT_RECEIVED", "warn"),
    ("BIR-CG-01", "DETAILED_PLAN_MADE", "warn"),
    ("BIR-CG-02", "OWN_PART", "warn"),
    ("BIR-CG-03", "CHAIRED_BY_SOCIAL_WORKER", "warn"),
    ("BIR-CG-04", "PROGRESS", "warn"),
    ("BIR-CG-05", "PLAN_UPDATED", "warn"),
    ("BIR-CG-06", "PLAN_CHANGES_TOLD", "warn"),
    ("BIR-CG-08", "ASSESSMENT_CONTRIBUTION", "warn"),
    ("BIR-CG-09", "ACTION", "warn"),
    ("BIR-CG-09", "OUTCOME_ACTION", "warn"),
    ("BIR-CG-10", "OWN_PART", "warn"),
    ("BIR-CG-11", "PROGRESS", "warn"),
    ("BIR-CG-12", "RECOMMENDATION", "warn"),
    ("BIR-CG-12", "RECOMMENDATION_BECAUSE", "warn"),
    ("BIR-CG-13", "ATTENDANCE_TROUBLE", "warn"),
    ("BIR-CG-13", "OWN_PART", "warn"),
    ("BIR-CG-14", "ACTION", "warn"),
    ("BIR-CG-14", "CORE_GROUP_RISK_ANALYSIS", "warn"),
    ("BIR-CG-14", "INFORMATION_EXCHANGED", "warn"),
    ("WAR-CG-03", "DETAILED_PLAN_MADE", "refuse"),
    ("WAR-CG-05", "CHAIRED_BY_SOCIAL_WORKER", "refuse"),
    ("WAR-CG-06", "MINUTE_TAKER", "warn"),
    ("WAR-CG-09", "CHILD_CAME", "warn"),
    ("WAR-CG-09", "FAMILY_CAME", "warn"),
    ("WAR-CG-10", "ACTION", "warn"),
    ("WAR-CG-10", "INFORMATION_EXCHANGED", "warn"),
    ("WAR-CG-10", "PROGRESS", "warn"),
    ("WAR-CG-11", "ENDORSEMENT", "warn"),
    ("WAR-CG-11", "PROGRESS", "warn"),
    ("WAR-CN-06", "ACTION_TIMED", "warn"),
    ("WAR-CN-07", "ACTION_TIMED", "refuse"),
    ("WAR-CN-15", "SIGNED", "refuse"),
    ("WAR-CN-15", "SIGNED_BY_FAMILY", "refuse"),
    ("BIR-DE-01", "AGENCY_VIEW", "warn"),
    ("BIR-DE-01", "CATEGORY_VIEW", "warn"),
    ("BIR-DE-01", "DECIDED_BY", "warn"),
    ("BIR-DE-01", "DISSENT", "warn"),
    ("BIR-DE-01", "FOLLOW_ON", "warn"),
    ("LAN-DE-01", "CESSATION_CRITERIA_MET", "warn"),
    ("LAN-DE-01", "PLAN_PROGRESS", "warn"),
    ("LAN-DE-01", "STILL_AT_RISK", "warn"),
    ("LAN-DE-02", "CONFERENCE_DECISION", "warn"),
    ("LAN-DE-02", "OVERRULED_BECAUSE", "warn"),
    ("WAR-DE-01", "SERVICES_RECOMMENDED", "refuse"),
    ("WAR-DE-02", "NEEDS_CONSIDERED", "warn"),
    ("WAR-DE-03", "FOLLOW_ON", "warn"),
    ("BIR-MI-01", "PLAN_CHANGES", "warn"),
    ("LAN-MI-01", "HEADLINE_NEEDS", "warn"),
    ("LAN-MI-01", "SUPPORT_PROVISION", "warn"),
    ("LAN-MI-01", "THRESHOLD_SUMMARY", "warn"),
    ("WAR-MI-01", "DECISION_REASONS", "warn"),
    ("WAR-MI-01", "DISCUSSION", "warn"),
    ("WAR-MI-01", "ESSENTIAL_FACTS", "warn"),
    ("WAR-MI-02", "DECISION_REASONS", "warn"),
    ("WAR-MI-02", "DISCUSSION", "warn"),
    ("WAR-MI-02", "ESSENTIAL_FACTS", "warn"),
    ("WAR-MI-02", "PLAN_TASKS", "warn"),
    ("WAR-MI-05", "CHAIR_RISK_SUMMARY", "warn"),
    ("WAR-MI-05", "LIKELIHOOD_OF_HARM", "warn"),
    ("BIR-NA-03", "ATTENDANCE_TROUBLE", "off"),
    ("BIR-NA-04", "ATTENDANCE_TROUBLE", "off"),
    ("BIR-NA-05", "ATTENDANCE_TROUBLE", "off"),
    ("BRI-NM-01", "MONTHS_OF_PLAN", "warn"),
    ("BRI-NM-04", "SAFETY_PLAN_REVIEWED", "refuse"),
    ("BRI-NM-05", "NINE_MONTH_OPTION", "warn"),
    ("BRI-NM-06", "WORRIES_ADDRESSED", "offer"),
    ("BRI-NM-07", "CONTINUATION_STEPS", "offer"),
    ("BRI-NM-08", "PROCEEDINGS_TOLD", "refuse"),
    ("BRI-NM-09", "PLAN_BESIDE_PROCEEDINGS", "offer"),
    ("BRI-NM-10", "NINE_MONTH_OPTION", "warn"),
    ("BRI-NM-11", "SUPERVISION_RECORDED", "refuse"),
    ("BRI-NM-13", "NINE_MONTH_CONVERSATION", "refuse"),
    ("BRI-NM-14", "FAMILY_ACCOUNT", "refuse"),
    ("BRI-NM-14", "PROFESSIONAL_ACCOUNT", "refuse"),
    ("BRI-NM-14", "SAFETY_PLAN_PROGRESS", "refuse"),
    ("BRI-NM-16", "SERVICE_AREA", "warn"),
    ("BIR-PL-01", "CONTACT", "warn"),
    ("WAR-PL-01", "OUTCOME", "refuse"),
    ("WAR-PL-01", "OUTCOME_ACTION", "refuse"),
    ("WAR-PL-02", "NON_COOPERATION", "warn"),
    ("WAR-PL-04", "CONTINGENCY", "refuse"),
    ("WAR-PL-05", "LEGAL_ADVICE", "warn"),
    ("WAR-PL-07", "OUTCOME", "warn"),
    ("WAR-PL-08", "OUTCOME_ACTION", "warn"),
    ("WAR-PL-09", "CONTACT", "warn"),
    ("WAR-PL-09", "FAMILY_ROLE", "warn"),
    ("WAR-PL-10", "REVIEW_POINT", "warn"),
    ("WAR-PL-11", "MEMBER_ROLE", "warn"),
    ("WAR-PL-12", "CONTINGENCY", "warn"),
    ("BIR-PR-01", "FAMILY_TOLD_WHY", "warn"),
    ("BIR-PR-02", "WRITTEN_INFORMATION", "warn"),
    ("BIR-PR-03", "FAMILY_INVITED", "warn"),
    ("BIR-PR-04", "CHILD_SUPPORT_TO_TAKE_PART", "warn"),
    ("BIR-PR-04", "SUPPORT_TO_TAKE_PART", "warn"),
    ("BIR-PR-05", "CHAIR_BRIEFING", "warn"),
    ("BIR-PR-06", "DANGER_STATEMENT", "warn"),
    ("BIR-PR-06", "DANGER_STATEMENT_WITH_FAMILY", "warn"),
    ("BIR-PR-08", "FAMILY_MET", "warn"),
    ("BIR-PR-08", "FAMILY_MET_CONCERNS", "warn"),
    ("BIR-PR-08", "FAMILY_MET_PARTICIPATION", "warn"),
    ("BIR-PR-08", "FAMILY_MET_PROCESS", "warn"),
    ("BIR-PR-08", "FAMILY_MET_REASONS", "warn"),
    ("BIR-PR-08", "FAMILY_MET_SENSITIVE", "warn"),
    ("BIR-PR-09", "CHAIR_CONVERSATION", "offer"),
    ("BIR-PR-10", "PLAN_WITH_FAMILY", "warn"),
    ("WAR-PR-01", "ANALYSIS", "warn"),
    ("WAR-PR-01", "DEVELOPMENTAL_NEEDS", "warn"),
    ("WAR-PR-01", "KEY_EVENTS", "warn"),
    ("WAR-PR-01", "PARENTING_CAPACITY", "warn"),
    ("WAR-PR-01", "RECOMMENDATIONS", "warn"),
    ("WAR-PR-01", "RISKS_AND_PROTECTION", "warn"),
    ("WAR-PR-01", "WISHES_AND_FEELINGS", "warn"),
    ("WAR-PR-02", "EXCLUSION", "offer"),
    ("WAR-PR-02", "INTIMIDATION_CONSIDERED", "offer"),
    ("WAR-PR-02", "PROTECTIVE_ARRANGEMENT", "offer"),
    ("WAR-PR-02", "SECTION_ATTENDED", "offer"),
    ("WAR-PR-02", "SECTION_ATTENDED_BY_PARENT", "offer"),
    ("WAR-PR-03", "CHILD_VOICE_ROUTE", "warn"),
    ("WAR-PR-05", "REPORT_AGREED", "refuse"),
    ("WAR-PR-07", "SECTION_47_SO_FAR", "warn"),
    ("WAR-PR-08", "FAMILY_CONTRIBUTION", "warn"),
    ("WAR-PR-09", "PURPOSE_EXPLAINED", "refuse"),
    ("WAR-PR-10", "ATTENDERS_EXPLAINED", "refuse"),
    ("WAR-PR-10", "PROCESS_EXPLAINED", "refuse"),
    ("WAR-PR-10", "PURPOSE_EXPLAINED", "refuse"),
    ("WAR-PR-10", "SUPPORTER_EXPLAINED", "refuse"),
    ("WAR-PR-11", "ADVOCACY_REFERRAL", "warn"),
    ("BIR-RV-01", "PLAN_REVIEW_FINDINGS", "warn"),
    ("BIR-RV-02", "PLAN_DEVELOPMENT", "warn"),
    ("LAN-RV-01", "CESSATION_CRITERIA_MET", "warn"),
    ("LAN-RV-01", "PLAN_PROGRESS", "warn"),
    ("LAN-RV-01", "STILL_AT_RISK", "warn"),
    ("WAR-RV-04", "REPORT_AGREED", "warn"),
    ("WAR-RV-07", "REPORT_TO_CHILD", "warn"),
    ("WAR-S47-01", "LEAD_QUALIFIED", "warn"),
    ("WAR-S47-02", "LEAD_NEWLY_QUALIFIED", "warn"),
    ("WAR-S47-02", "LEAD_SUPPORTED_BY", "warn"),
    ("WAR-S47-03", "RECORD_ACCURATE", "warn"),
    ("WAR-S47-04", "CHILD_SEEN", "refuse"),
    ("WAR-S47-04", "CHILD_VIEWS", "refuse"),
    ("WAR-S47-05", "SEEN_ALONE", "warn"),
    ("WAR-S47-06", "PARENTAL_PERMISSION", "warn"),
    ("WAR-S47-08", "PARENT_VIEWS", "warn"),
    ("WAR-S47-09", "FATHER_SPOKEN_TO", "warn"),
    ("WAR-S47-11", "SAFETY_CONSIDERED", "warn"),
    ("WAR-S47-12", "OTHER_HOUSEHOLD", "offer"),
    ("WAR-S47-13", "PARENT_VIEWS", "warn"),
    ("WAR-S47-14", "ASSESSMENT_OPENED", "warn"),
    ("WAR-S47-15", "ENQUIRY_RISK_ANALYSIS", "warn"),
    ("WAR-S47-15", "HISTORY", "warn"),
    ("WAR-S47-15", "SPECIALIST_ASSESSMENTS", "warn"),
    ("WAR-S47-16", "CONSULTED_ON_OUTCOME", "refuse"),
    ("WAR-S47-16", "NEXT_ACTIONS", "refuse"),
    ("WAR-S47-17", "LATERAL_CHECK", "refuse"),
    ("WAR-S47-17", "LATERAL_CHECKS_AUTHORISED", "refuse"),
    ("BIR-SC-01", "SCORE", "warn"),
    ("BIR-SC-02", "ZERO_SCORES_ESCALATED", "warn"),
    ("BIR-SC-03", "SCORING_DISCUSSION", "warn"),
    ("BIR-SC-04", "CIN_ALTERNATIVE_DISCUSSED", "warn"),
    ("BIR-SD-01", "ENDED_EARLY_BECAUSE", "warn"),
    ("BIR-SD-01", "FOLLOW_ON", "warn"),
    ("BIR-SD-02", "NO_CIN_PLAN_BECAUSE", "warn"),
    ("BIR-SD-03", "DRAFT_CIN_PLAN", "warn"),
    ("BIR-SD-04", "NO_CIN_PLAN_RATIONALE", "warn"),
    ("BIR-SD-05", "HEAD_OF_SERVICE_OVERSIGHT", "warn"),
    ("LAN-SD-01", "SUPPORT_AFTER_PLAN", "warn"),
    ("LAN-SD-02", "CORE_GROUP_ENDORSED", "warn"),
    ("LAN-SD-02", "STEP_DOWN_PROPOSED", "warn"),
    ("LAN-SD-03", "SUPPORT_DISCUSSION", "warn"),
    ("LAN-SD-03", "SUPPORT_LEVEL", "warn"),
    ("LAN-SD-03", "SUPPORT_REFERRAL", "warn"),
    ("LAN-SD-04", "SUPPORT_REFERRAL_OUTCOME", "warn"),
    ("LAN-SD-05", "CHILD_VOICE", "warn"),
    ("LAN-SD-05", "PARENT_VOICE", "warn"),
    ("LAN-SD-06", "RELAPSE_CONTINGENCY", "warn"),
    ("LAN-SD-06", "RELAPSE_PREVENTION", "warn"),
    ("LAN-SD-06", "RELAPSE_RESILIENCE", "warn"),
    ("LAN-SD-06", "RELAPSE_RISK", "warn"),
    ("LAN-SD-07", "CONSENT_TO_SUPPORT", "warn"),
    ("LAN-SD-07", "UNIVERSAL_SERVICES", "warn"),
    ("LAN-SD-08", "FIRST_REVIEW_SCRUTINY", "warn"),
    ("LAN-SD-09", "SUPPORT_QUALITY", "offer"),
    ("LAN-SD-10", "SUPPORT_QUALITY", "warn"),
    ("LAN-SD-12", "MANAGEMENT_OVERSIGHT", "warn"),
    ("LAN-SD-13", "SUPPORT_CONCERN", "off"),
    ("LAN-SD-14", "ADJOURNED_OVER_SUPPORT", "warn"),
    ("LAN-SD-14", "ALTERNATIVES_TRIED", "warn"),
    ("WAR-SD-01", "SERVICES_RECOMMENDED", "refuse"),
    ("WAR-SD-02", "FOLLOW_ON", "warn"),
    ("WAR-SD-04", "RECOMMENDATIONS_USED", "warn"),
    ("WAR-VI-03", "VISITS_SPARSER_BECAUSE", "warn"),
    ("WAR-CN-10", "CIN_VISITS_SPARSER_BECAUSE", "refuse"),
    ("WAR-SM-03", "POLICE_CONSULTED", "offer"),
    ("STA-CF-01", "INQUORATE_BECAUSE", "warn"),
    ("STA-SM-01", "MEETING_INQUORATE_BECAUSE", "refuse"),
    ("WAR-SM-05", "LED_BY_OTHER_BECAUSE", "warn"),
    ("WAR-SM-07", "CONSULTED", "warn"),
    ("WAR-SM-08", "MEETING_INQUORATE_BECAUSE", "refuse"),
    ("WAR-SM-09", "OTHER_AGENCIES", "warn"),
    ("WAR-SM-10", "REFERRER_CONSULTED", "refuse"),
    ("WAR-SM-10", "SCHOOL_CONSULTED", "refuse"),
    ("WAR-SM-11", "CONSULTED", "refuse"),
    ("WAR-SM-14", "RECORD_UPLOADED", "warn"),
    ("WAR-SM-16", "INFORMATION_SHARED", "warn"),
    ("WAR-SM-16", "RISK_ANALYSIS", "warn"),
    ("WAR-SM-16", "RISK_DISCUSSION", "warn"),
    ("WAR-SM-18", "CRIMINAL_INVESTIGATION", "warn"),
    ("WAR-SM-18", "CRIMINAL_INVESTIGATION_CONDUCT", "warn"),
    ("WAR-SM-18", "CRIMINAL_INVESTIGATION_TIMING", "warn"),
    ("WAR-SM-19", "ENQUIRY_PLAN", "warn"),
    ("WAR-SM-19", "MEDICAL_ARRANGEMENTS", "warn"),
    ("WAR-SM-19", "MEDICAL_NEEDED", "warn"),
    ("WAR-SM-20", "IMMEDIATE_SAFETY_ACTION", "warn"),
    ("WAR-SM-20", "IMMEDIATE_SAFETY_NEEDED", "warn"),
    ("WAR-SM-20", "TASK", "warn"),
    ("WAR-SM-21", "TOLD_TO_FAMILY", "warn"),
    ("WAR-SM-22", "LEGAL_ACTION_AGREED", "refuse"),
    ("WAR-SM-22", "LEGAL_ACTION_NEEDED", "refuse"),
    ("WAR-SM-23", "ENQUIRY_CONTINUES", "warn"),
    ("WAR-SM-23", "INTERIM_RISK_PLAN", "warn"),
    ("WAR-SM-24", "PARTICIPATION_SUPPORT", "warn"),
    ("WAR-SM-25", "CULTURAL_CONTEXT", "warn"),
    ("WAR-SM-25", "INTERPRETER_REQUIRED", "warn"),
    ("WAR-SM-26", "DISABILITY_CONSIDERED", "warn"),
    ("WAR-SM-27", "DECISION_BASIS", "warn"),
];

const CHILD: ChildId = ChildId(Uuid::from_u128(1));
const PARENT: PersonId = PersonId(Uuid::from_u128(2));
const AGENCY: AgencyId = AgencyId(Uuid::from_u128(3));

fn profile(rule: &str) -> Profile {
    match rule.get(..3) {
        Some("WAR") => Profile::Warwickshire,
        Some("BIR") => Profile::Birmingham,
        Some("BRI") => Profile::Bristol,
        _ => Profile::Lancashire,
    }
}

fn word(hold: Hold) -> &'static str {
    match hold {
        Hold::Off => "off",
        Hold::Offer => "offer",
        Hold::Warn => "warn",
        Hold::Refuse => "refuse",
    }
}

/// A record with one of everybody, on which nothing stands yet.
fn sheet(record: Record) -> Sheet {
    Sheet {
        record,
        on: "2026-11-24".parse().unwrap(),
        meeting_at: Some("2026-11-24T10:00:00Z".parse().unwrap()),
        facts: BTreeSet::new(),
        children: vec![(CHILD, BTreeSet::new())],
        household: vec![CHILD],
        parents: vec![PARENT],
        fathers: vec![PARENT],
        agencies: vec![AGENCY],
        unreported: vec![AGENCY],
        met: false,
        said: vec![],
        stepped_down: None,
        visits: vec![],
    }
}

/// An answer to an item: this word, where one is asked for.
fn answer(item: &Item, subject: Subject, says: Option<&str>) -> Said {
    let mut said = Said { item: item.code.clone(), subject, line: 1, ..Said::default() };
    match &item.answer {
        Answer::Text => said.has_text = true,
        Answer::YesNo => said.choice = Some(says.unwrap_or("YES").to_owned()),
        Answer::Choice(words) => said.choice = Some(says.unwrap_or(&words[0]).to_owned()),
        Answer::Number(least, _) => said.number = Some(says.map_or(*least, |word| word.parse().unwrap())),
        Answer::At => said.at = Some("2026-11-23T10:00:00Z".parse().unwrap()),
    }
    said
}

/// Makes so what an item waits for.
fn make_so(sheet: &mut Sheet, item: &Item, standards: &Standards) {
    for when in &item.when {
        let (other, says) = match when {
            When::Is(Fact::MostlyZero) => ("SCORE", Some("0")),
            When::Is(Fact::MajorityAboveFive) => ("SCORE", Some("6")),
            When::Is(Fact::SparserVisits) => {
                sheet.visits = vec![(CHILD, 28)];
                continue;
            }
            When::Is(Fact::EndedEarly) => {
                let before: chrono::NaiveDate = "2026-11-24".parse().unwrap();
                sheet.stepped_down = Some((before, before + chrono::Duration::days(30)));
                continue;
            }
            When::Is(fact) => {
                sheet.facts.insert(*fact);
                continue;
            }
            When::SaysNot(..) => continue,
            When::Answered(other) => (other.as_str(), None),
            When::Says(other, word) => (other.as_str(), Some(word.as_str())),
        };
        let other = standards.items().get(other).unwrap();
        make_so(sheet, other, standards);
        let subject = sheet.subjects(other.per)[0];
        let said = answer(other, subject, says);
        sheet.said.push(said);
    }
    if let Some(of) = &item.line_of {
        let of = standards.items().get(of).unwrap();
        let said = answer(of, sheet.subjects(of.per)[0], None);
        sheet.said.push(said);
    }
}

#[test]
fn each_rule_asks_for_its_items_until_they_are_answered() {
    let standards = Standards::embedded().unwrap();
    for (rule, code, hold) in ASKED {
        let item = standards.items().get(code).unwrap_or_else(|| panic!("{code} is no item"));
        assert!(item.rules.iter().any(|each| each == rule), "{rule} asks for {code}");
        let own = standards.book(profile(rule));
        let mut sheet = sheet(item.record);
        assert_eq!(word(own.hold(rule, sheet.on)), *hold, "{rule}");
        make_so(&mut sheet, item, &standards);
        let asks = |sheet: &Sheet, book| {
            let gaps = sheet.missing(standards.items(), book, item.step);
            gaps.into_iter().find(|gap| gap.item == *code && gap.rules.iter().any(|each| each == rule))
        };
        let is_asked = item.step.is_some() && ["warn", "refuse"].contains(hold);
        let gap = asks(&sheet, own);
        assert_eq!(gap.is_some(), is_asked, "{rule} and {code}: {:?}", item.when);
        for other in [Profile::Warwickshire, Profile::Birmingham, Profile::Bristol, Profile::Lancashire] {
            // what every authority is asked, each asks (AMB-28)
            if other != profile(rule) && !rule.starts_with("STA") {
                assert!(asks(&sheet, standards.book(other)).is_none(), "{rule} is held by its own authority alone");
            }
        }
        if let Some(gap) = gap {
            sheet.said.push(answer(item, gap.subject, None));
            assert!(asks(&sheet, own).is_none(), "{code} is answered: {rule}");
        }
    }
}

#[test]
fn every_item_of_a_rule_is_in_the_table() {
    let standards = Standards::embedded().unwrap();
    let records =
        [Record::StrategyMeeting, Record::Enquiry, Record::Conference, Record::CoreGroupMeeting, Record::Plan];
    for item in records.into_iter().flat_map(|record| standards.items().of_record(record)) {
        for rule in item.rules.iter().filter(|rule| !standards.rule(rule).unwrap().is_guidance()) {
            let there = ASKED.iter().any(|(of, code, _)| of == rule && *code == item.code);
            assert!(there, "{rule} asks for {}: say so in the table", item.code);
        }
    }
}

/// Birmingham's guidance sets no hard and fast rules: nothing of it holds a step up, whatever is missing.
#[test]
fn a_guidance_refuses_nothing() {
    let standards = Standards::embedded().unwrap();
    let refusing = ASKED.iter().filter(|(rule, ..)| rule.starts_with("BIR")).filter(|(.., hold)| *hold == "refuse");
    assert_eq!(refusing.count(), 0);
    let book = standards.book(Profile::Birmingham);
    for record in [Record::StrategyMeeting, Record::Enquiry, Record::Conference, Record::CoreGroupMeeting, Record::Plan]
    {
        let mut all = sheet(record);
        for item in standards.items().of_record(record) {
            make_so(&mut all, item, &standards);
        }
        let gaps = all.missing(standards.items(), book, None);
        let of_birmingham = |rule: &String| rule.starts_with("BIR") || rule.starts_with("STA");
        assert!(gaps.iter().all(|gap| gap.hold < Hold::Refuse && gap.rules.iter().all(of_birmingham)));
    }
}

/// Every authority asks why a conference or a strategy meeting went on without its quorum (AMB-28); one that holds the rule
/// as `refuse` holds the minutes up until it is said.
#[test]
fn every_authority_asks_why_a_quorum_was_missed() {
    let standards = Standards::embedded().unwrap();
    for profile in [Profile::Warwickshire, Profile::Birmingham, Profile::Bristol, Profile::Lancashire] {
        for (record, item) in
            [(Record::Conference, "INQUORATE_BECAUSE"), (Record::StrategyMeeting, "MEETING_INQUORATE_BECAUSE")]
        {
            let mut sheet = sheet(record);
            let asks = |sheet: &Sheet| {
                let gaps = sheet.missing(standards.items(), standards.book(profile), None);
                gaps.into_iter().find(|gap| gap.item == item)
            };
            assert!(asks(&sheet).is_none(), "{profile:?} {item}");
            sheet.facts.insert(Fact::Inquorate);
            let gap = asks(&sheet).unwrap_or_else(|| panic!("{profile:?} asks {item}"));
            let refuses = record == Record::StrategyMeeting && profile != Profile::Birmingham;
            assert_eq!(gap.hold == Hold::Refuse, refuses, "{profile:?} {item}");
        }
    }
}

/// A «no» that needs a reason is no answer without one, and what has to lie before the meeting is none after it.
#[test]
fn half_an_answer_is_none() {
    let standards = Standards::embedded().unwrap();
    let book = standards.book(Profile::Warwickshire);
    let missing =
        |sheet: &Sheet, code: &str| sheet.missing(standards.items(), book, None).iter().any(|gap| gap.item == code);
    let child = Subject { child: Some(CHILD), ..Subject::default() };
    let mut enquiry = sheet(Record::Enquiry);
    enquiry.said.push(answer(standards.items().get("SEEN_ALONE").unwrap(), child, Some("NO")));
    assert!(missing(&enquiry, "SEEN_ALONE"), "why not? (WAR-S47-05)");
    enquiry.said[0].has_reason = true;
    assert!(!missing(&enquiry, "SEEN_ALONE"));
    // «tried» says nothing of an effort without what was tried (WAR-SM-10)
    let mut tried = sheet(Record::StrategyMeeting);
    tried.said.push(answer(standards.items().get("SCHOOL_CONSULTED").unwrap(), child, Some("TRIED")));
    assert!(missing(&tried, "SCHOOL_CONSULTED"));
    tried.said[0].has_text = true;
    assert!(!missing(&tried, "SCHOOL_CONSULTED"));
    let agency = Subject { agency: Some(AGENCY), ..Subject::default() };
    let mut meeting = sheet(Record::StrategyMeeting);
    meeting.said.push(answer(standards.items().get("CONSULTED").unwrap(), agency, None));
    assert!(!missing(&meeting, "CONSULTED"));
    meeting.said[0].at = meeting.meeting_at;
    assert!(missing(&meeting, "CONSULTED"), "before the meeting (WAR-SM-11)");
    // each line of an outcome has an action of its own (WAR-PL-08)
    let mut plan = sheet(Record::Plan);
    plan.facts.insert(Fact::Cp);
    let (outcome, action) =
        (standards.items().get("OUTCOME").unwrap(), standards.items().get("OUTCOME_ACTION").unwrap());
    for line in [1, 2] {
        plan.said.push(Said { line, ..answer(outcome, Subject::default(), None) });
    }
    plan.said.push(answer(action, Subject::default(), None));
    let gaps = plan.missing(standards.items(), book, None);
    let open: Vec<_> = gaps.iter().filter(|gap| gap.item == "OUTCOME_ACTION").map(|gap| gap.line).collect();
    assert_eq!(open, [Some(2)]);
}
