//! What stands on the records of a family's meetings, enquiries and plans.
//!
//! Every family has its enquiries; the first, and one in eight of the others, has entries as well: enough to show what they
//! are, in every part of the process. It has a chance of its own, so that the rest of the demo is the same with and without
//! it.

use chrono::{DateTime, Duration, Utc};
use entity::conference::{Kind, Status};
use entity::document_issue::Document;
use entity::enquiry::{self, Outcome};
use entity::entry::{self, Audience};
use entity::finished_step::{self, Step};
use entity::id::{
    AgencyId, ChildId, DocumentCopyId, DocumentIssueId, EnquiryId, EntryId, FinishedStepId, PractitionerId,
};
use entity::invitation::Attendance;
use entity::sealed::Sealed;
use entity::strategy_meeting_child::Decision;
use entity::{document_copy, document_issue, strategy_meeting};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Maker;
use super::deadlines::{Before, worker};
use super::household::Kid;
use super::ids::mint;
use super::story::Family;
use crate::practice::Practice;
use crate::practice::gaps::Subject;
use crate::practice::standards::Standards;
use crate::store::record::RecordId;

/// The records of one family in the making.
struct Sheets<'m> {
    rng: ChaCha8Rng,
    now: DateTime<Utc>,
    family: &'m Family<'m>,
    standards: &'m Standards,
    enquiries: Vec<enquiry::Model>,
    entries: Vec<entry::Model>,
    steps: Vec<finished_step::Model>,
    documents: Vec<document_issue::Model>,
    copies: Vec<document_copy::Model>,
}

/// An answer in words, a word, a number or an instant.
#[derive(Default)]
struct Says<'t> {
    text: Option<String>,
    choice: Option<&'t str>,
    number: Option<i32>,
    at: Option<DateTime<Utc>>,
}

fn words(text: impl Into<String>) -> Says<'static> {
    Says { text: Some(text.into()), ..Says::default() }
}

impl Sheets<'_> {
    fn says(
        &mut self,
        record: RecordId,
        item: &str,
        (subject, line): (Subject, i32),
        says: Says<'_>,
        at: DateTime<Utc>,
    ) {
        let audience = self.standards.items().get(item).map_or(Audience::SocialCare, |item| item.audience);
        let (by, agency) = (self.family.worker.0, self.family.csc());
        self.entries.push(entry::Model {
            id: EntryId(mint(&mut self.rng, at)),
            local_authority_id: self.family.place.authority,
            strategy_meeting_id: record.strategy_meeting(),
            enquiry_id: record.enquiry(),
            conference_id: record.conference(),
            core_group_meeting_id: record.core_group_meeting(),
            plan_id: record.plan(),
            child_id: subject.child,
            agency_id: subject.agency,
            person_id: subject.person,
            item: item.to_owned(),
            line,
            audience,
            choice: Sealed::new(says.choice.map(str::to_owned)),
            number: Sealed::new(says.number),
            at: Sealed::new(says.at),
            text: Sealed::new(says.text),
            timescale: Sealed::new(None),
            reason_not: Sealed::new(None),
            recorded_at: at,
            recorded_by: by,
            recorded_at_agency_id: agency,
            superseded_at: None,
        });
    }

    fn of_kid(&mut self, record: RecordId, item: &str, kid: &Kid, says: Says<'_>, at: DateTime<Utc>) {
        self.says(record, item, (about(kid.id), 1), says, at);
    }

    fn finished(&mut self, record: RecordId, step: Step, by: PractitionerId, at: DateTime<Utc>) {
        self.steps.push(finished_step::Model {
            id: FinishedStepId(mint(&mut self.rng, at)),
            local_authority_id: self.family.place.authority,
            strategy_meeting_id: record.strategy_meeting(),
            enquiry_id: record.enquiry(),
            conference_id: record.conference(),
            core_group_meeting_id: record.core_group_meeting(),
            plan_id: record.plan(),
            step,
            finished_at: at,
            finished_by: by,
            agency_id: self.family.csc(),
        });
    }

    fn sent(&mut self, record: RecordId, document: Document, agencies: &[AgencyId], at: DateTime<Utc>) {
        let id = DocumentIssueId(mint(&mut self.rng, at));
        self.documents.push(document_issue::Model {
            id,
            local_authority_id: self.family.place.authority,
            strategy_meeting_id: record.strategy_meeting(),
            enquiry_id: record.enquiry(),
            conference_id: record.conference(),
            core_group_meeting_id: record.core_group_meeting(),
            plan_id: record.plan(),
            document,
            unfinished: false,
            issued_at: at,
            issued_by: self.family.worker.0,
            agency_id: self.family.csc(),
            recorded_at: at,
        });
        for agency in agencies {
            let received = self.rng.random_bool(0.7).then(|| at + Duration::hours(self.rng.random_range(1..30)));
            self.copies.push(document_copy::Model {
                id: DocumentCopyId(mint(&mut self.rng, at)),
                document_issue_id: id,
                agency_id: Some(*agency),
                person_id: None,
                received_at: received.filter(|at| *at < self.now),
                received_by: None,
            });
        }
    }
}

fn about(child: ChildId) -> Subject {
    Subject { child: Some(child), ..Subject::default() }
}

impl Maker<'_> {
    /// Writes what stands on the records of a family, of the rows that came after `before`.
    pub fn records(&mut self, family: &Family<'_>, before: &Before) {
        let Some(first) = family.kids.first() else { return };
        let practice = Practice::embedded();
        let mut sheets = Sheets {
            rng: ChaCha8Rng::seed_from_u64(first.id.0.as_u64_pair().1 ^ 1),
            now: self.days.start,
            family,
            standards: &practice.standards,
            enquiries: vec![],
            entries: vec![],
            steps: vec![],
            documents: vec![],
            copies: vec![],
        };
        let whole = family.is_first || sheets.rng.random_bool(0.125);
        self.enquiries(before, &mut sheets, whole);
        if whole {
            self.conference_entries(before, &mut sheets);
            self.plan_entries(before, &mut sheets);
        }
        let Sheets { enquiries, entries, steps, documents, copies, .. } = sheets;
        self.rows.enquiries.extend(enquiries);
        self.rows.entries.extend(entries);
        self.rows.steps.extend(steps);
        self.rows.documents.extend(documents);
        self.rows.copies.extend(copies);
    }

    /// Enquiries that strategy meetings began: one at a time about a child, agreed within its conference or ten days.
    fn enquiries(&self, before: &Before, sheets: &mut Sheets<'_>, whole: bool) {
        for meeting in self.rows.strategies.iter().skip(before.strategies) {
            let (strategy_meeting::Status::Held, Some(held_at)) = (meeting.status, meeting.held_at) else { continue };
            let record = RecordId::StrategyMeeting(meeting.id);
            let children = self.rows.strategy_children.iter().skip(before.strategy_children);
            for child in children.filter(|child| child.strategy_meeting_id == meeting.id) {
                let Some(kid) = sheets.family.kids.iter().find(|kid| kid.id == child.child_id) else { continue };
                let decision = child.decision.open(&worker()).copied().flatten();
                if matches!(decision, Some(Decision::Section47Joint | Decision::Section47SingleAgency)) {
                    self.enquiry(before, sheets, (kid, meeting, held_at), whole);
                }
                if whole {
                    let at = held_at + Duration::minutes(50);
                    let risk = format!("{} is at risk as long as nobody outside the home sees the day.", kid.name);
                    sheets.of_kid(record, "RISK_ANALYSIS", kid, words(risk), at);
                    let basis = format!("What police and health know of {} fits what the referrer saw.", kid.name);
                    sheets.of_kid(record, "DECISION_BASIS", kid, words(basis), at);
                }
            }
            if whole {
                let at = held_at + Duration::minutes(55);
                let told = "The parents are told of the referral by the social worker today, and not who made it.";
                sheets.says(record, "TOLD_TO_FAMILY", (Subject::default(), 1), words(told), at);
                let sent = held_at + Duration::days(4);
                if sent < sheets.now {
                    let invited = self.rows.invitations.iter().rev();
                    let of = invited.filter(|row| row.strategy_meeting_id == Some(meeting.id));
                    let agencies: Vec<_> = of.map(|row| row.agency_id).collect();
                    sheets.finished(record, Step::StrategyRecord, sheets.family.worker.0, sent);
                    sheets.sent(record, Document::StrategyRecord, &agencies, sent);
                }
            }
        }
    }

    fn enquiry(
        &self,
        before: &Before,
        sheets: &mut Sheets<'_>,
        (kid, meeting, held_at): (&Kid, &strategy_meeting::Model, DateTime<Utc>),
        whole: bool,
    ) {
        if sheets.enquiries.iter().any(|row| row.child_id == kid.id && row.agreed_at.is_none_or(|at| at > held_at)) {
            return;
        }
        let conference = self.rows.conferences.iter().skip(before.conferences).find(|row| {
            row.scheduled_at > held_at
                && row.status != Status::Cancelled
                && self.at_conference(before, row, kid.id).is_some()
        });
        let (agreed_at, outcome) = match conference {
            Some(row) => (row.convened_at.max(held_at + Duration::days(1)), Outcome::Conference),
            None => (held_at + Duration::days(10), Outcome::NoFurtherAction),
        };
        let agreed_at = Some(agreed_at).filter(|at| *at < sheets.now);
        let completed_at = agreed_at.map(|at| at - Duration::hours(5));
        let id = EnquiryId(mint(&mut sheets.rng, held_at));
        sheets.enquiries.push(enquiry::Model {
            id,
            local_authority_id: sheets.family.place.authority,
            agency_id: sheets.family.csc(),
            team_id: Some(sheets.family.worker.1),
            child_id: kid.id,
            strategy_meeting_id: meeting.id,
            lead_id: sheets.family.worker.0,
            started_at: held_at,
            status: agreed_at.map_or(enquiry::Status::Enquiring, |_| enquiry::Status::OutcomeAgreed),
            completed_at,
            outcome: Sealed::new(agreed_at.map(|_| outcome)),
            agreed_at,
            agreed_by: agreed_at.map(|_| sheets.family.worker.0),
            version: if agreed_at.is_some() { 3 } else { 1 },
        });
        if !whole {
            return;
        }
        let record = RecordId::Enquiry(id);
        let seen = held_at + Duration::hours(20);
        if seen < sheets.now {
            let at = Says { at: Some(seen), ..words(format!("{} was seen at home, in the bedroom.", kid.name)) };
            sheets.of_kid(record, "CHILD_SEEN", kid, at, seen + Duration::hours(2));
            let views = format!("{} wants to sleep without being woken by shouting.", kid.name);
            sheets.of_kid(record, "CHILD_VIEWS", kid, words(views), seen + Duration::hours(2));
            let alone = Says { choice: Some("YES"), ..Says::default() };
            sheets.of_kid(record, "SEEN_ALONE", kid, alone, seen + Duration::hours(2));
        }
        if let (Some(completed), Some(agreed)) = (completed_at, agreed_at) {
            sheets.finished(record, Step::Enquiries, sheets.family.worker.0, completed);
            sheets.finished(record, Step::EnquiryOutcome, sheets.family.worker.0, agreed);
        }
    }

    fn conference_entries(&self, before: &Before, sheets: &mut Sheets<'_>) {
        for row in self.rows.conferences.iter().skip(before.conferences) {
            if row.status == Status::Cancelled {
                continue;
            }
            let record = RecordId::Conference(row.id);
            let prepared = (row.convened_at + Duration::hours(30)).min(row.scheduled_at);
            let invited = self.rows.invitations.iter().rev().filter(|each| each.conference_id == Some(row.id));
            let agencies: Vec<_> = invited.map(|each| each.agency_id).collect();
            for kid in &sheets.family.kids {
                if self.at_conference(before, row, kid.id).is_none() {
                    continue;
                }
                if prepared < sheets.now {
                    let route = Says { choice: Some("REPORT"), ..Says::default() };
                    sheets.of_kid(record, "CHILD_VOICE_ROUTE", kid, route, prepared);
                    let danger = format!("{} is left alone at night and may come to harm.", kid.name);
                    sheets.of_kid(record, "DANGER_STATEMENT", kid, words(danger), prepared);
                }
                if row.kind == Kind::Review && prepared < sheets.now {
                    let proposed = Says { choice: Some("KEY_WORKER"), ..Says::default() };
                    sheets.of_kid(record, "STEP_DOWN_PROPOSED", kid, proposed, prepared);
                }
                let Some(over) = row.concluded_at else { continue };
                for (line, _) in agencies.iter().take(4).enumerate() {
                    let number = Some(sheets.rng.random_range(1..=8));
                    let line = i32::try_from(line).unwrap_or_default() + 1;
                    let says = Says { number, ..Says::default() };
                    sheets.says(record, "SCORE", (about(kid.id), line), says, over);
                }
                let risk = format!("The risk to {} has grown less, and is not over.", kid.name);
                sheets.of_kid(record, "CHAIR_RISK_SUMMARY", kid, words(risk), over + Duration::days(2));
                let why = format!("Decided for {} on what was heard from everybody at the table.", kid.name);
                sheets.of_kid(record, "DECISION_REASONS", kid, words(why), over + Duration::days(2));
            }
            let Some(over) = row.concluded_at else { continue };
            sheets.sent(record, Document::Decisions, &agencies, over + Duration::hours(5));
            let minutes = over + Duration::days(9);
            if minutes < sheets.now {
                sheets.finished(record, Step::Minutes, sheets.family.chair, minutes);
                sheets.sent(record, Document::Minutes, &agencies, minutes);
            }
        }
    }

    fn plan_entries(&self, before: &Before, sheets: &mut Sheets<'_>) {
        for group in self.rows.core_groups.iter().skip(before.core_groups) {
            let Some(kid) = sheets.family.kids.iter().find(|kid| kid.id == group.child_id) else { continue };
            let record = RecordId::Plan(group.plan_id);
            let of = |met: &&entity::core_group_meeting::Model| met.core_group_id == group.id;
            let met: Vec<_> = self.rows.meetings.iter().skip(before.meetings).filter(of).collect();
            let Some(first) = met.iter().map(|met| met.held_at).min() else { continue };
            let none = (Subject::default(), 1);
            let outcome = format!("{} is safe at home on every night of the week.", kid.name);
            sheets.says(record, "OUTCOME", none, words(outcome), first);
            let act = format!("The health visitor calls on {} each Tuesday and weighs up the week.", kid.name);
            let act = Says { at: Some(first + Duration::days(60)), ..words(act) };
            sheets.says(record, "OUTCOME_ACTION", none, act, first);
            let else_ = format!("{} stays with the grandmother until it is clear who is in the home.", kid.name);
            sheets.says(record, "CONTINGENCY", none, words(else_), first);
            for meeting in met {
                let record = RecordId::CoreGroupMeeting(meeting.id);
                let heard = format!("School and health visitor told how {} has been since the last time.", kid.name);
                sheets.says(record, "INFORMATION_EXCHANGED", none, words(heard), meeting.recorded_at);
                let away = self.rows.invitations.iter().rev().find(|row| {
                    row.core_group_meeting_id == Some(meeting.id) && row.attendance == Some(Attendance::NoWord)
                });
                if let Some(away) = away {
                    let subject = Subject { agency: Some(away.agency_id), ..Subject::default() };
                    let noted = Says { choice: Some("NOTED"), ..Says::default() };
                    sheets.says(record, "ATTENDANCE_TROUBLE", (subject, 1), noted, meeting.recorded_at);
                }
                let at = meeting.recorded_at + Duration::hours(20);
                if at < sheets.now {
                    sheets.finished(record, Step::CoreGroupMinutes, sheets.family.worker.0, at);
                }
            }
        }
    }
}
