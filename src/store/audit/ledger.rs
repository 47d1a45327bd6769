//! What a request was handed: noted where rows leave the store, so that no reader can forget it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::audit::Decision;
use entity::category::{Category, Depth};
use entity::columns::Classified;
use entity::id::{ChildId, ConferenceReportId, TypedId};
use entity::sealed::Disclose;
use entity::{
    access_alert, access_review, access_review_entry, agency, agency_reference, allegation, appointment, assessment,
    attachment, chair_delegation, child, chronology_row, circulation, conference, conference_child, conference_report,
    conflict, core_group, core_group_meeting, core_group_member, deadline, designation, document_copy, document_issue,
    emergency_access, enquiry, entry, episode, escalation, escalation_entry, event, export, family_copy, finished_step,
    household, invitation, involvement, local_authority, membership, non_attendance_letter, notice, person, plan,
    plan_action, plan_version, practitioner, reader_listing, report_answer, report_request, restricted_item,
    strategy_meeting, strategy_meeting_child, transfer_share, webhook, webhook_delivery,
};
use uuid::Uuid;

use super::Asked;
use crate::policy::disclosure::Disclosure;
use crate::policy::visibility::{Visibility, visibility};
use crate::policy::{Shut, Standing};

/// Whom a row is about: a child where the row names one, else the meeting, household or person it belongs to.
pub type Subject = (&'static str, Uuid);

/// A table that says how reading it is recorded. Its columns are classified, or it cannot be read.
pub trait Recorded: Classified {
    /// The noun of its rows; `None` for reference data, which is about no child.
    const NOUN: Option<&'static str>;
    /// The categories its columns can open.
    const CATEGORIES: &'static [Category];
    /// Whom a row is about.
    fn about(row: &Self::Model) -> Option<Subject>;
}

fn of<T: TypedId>(id: T) -> Subject {
    (T::NOUN, id.uuid())
}

macro_rules! recorded {
    ($($table:ident: reference;)+) => { $(
        impl Recorded for $table::Entity {
            const NOUN: Option<&'static str> = None;
            const CATEGORIES: &'static [Category] = &[];
            fn about(_: &Self::Model) -> Option<Subject> { None }
        }
    )+ };
    ($($table:ident $noun:literal [$($category:ident),*]: |$row:ident| $about:expr;)+) => { $(
        impl Recorded for $table::Entity {
            const NOUN: Option<&'static str> = Some($noun);
            const CATEGORIES: &'static [Category] = &[$(Category::$category),*];
            fn about($row: &Self::Model) -> Option<Subject> { $about }
        }
    )+ };
}

/// The record that a row stands on.
macro_rules! on_record {
    ($row:ident) => {
        $row.strategy_meeting_id
            .map(of)
            .or_else(|| $row.enquiry_id.map(of))
            .or_else(|| $row.conference_id.map(of))
            .or_else(|| $row.core_group_meeting_id.map(of))
            .or_else(|| $row.plan_id.map(of))
    };
}

recorded! {
    local_authority: reference;
    agency: reference;
    practitioner: reference;
    appointment: reference;
    designation: reference;
    // who chairs, and nothing of the children
    chair_delegation: reference;
}

recorded! {
    child "Child" [Identity, Legal]: |row| Some(of(row.id));
    involvement "Involvement" []: |row| Some(of(row.child_id));
    agency_reference "AgencyReference" []: |row| Some(of(row.child_id));
    conflict "Conflict" []: |row| Some(of(row.child_id));
    household "Household" [Household, ProtectedAddress]: |row| Some(of(row.id));
    membership "HouseholdMember" [Household]: |row| Some(row.child_id.map_or_else(|| of(row.household_id), of));
    person "Person" [Household]: |row| Some(of(row.id));
    strategy_meeting "StrategyMeeting" []: |row| Some(of(row.id));
    // of a meeting about a professional under the meeting, which not everybody who reads the child's record knows of
    strategy_meeting_child "StrategyMeetingChild" []: |row| {
        Some(if row.discreet { of(row.strategy_meeting_id) } else { of(row.child_id) })
    };
    conference "Conference" [Plan]: |row| Some(of(row.id));
    conference_child "ConferenceChild" [Plan]: |row| Some(of(row.child_id));
    invitation "Invitation" [NonAttendance]: |row| row.conference_id.map(of)
        .or_else(|| row.strategy_meeting_id.map(of))
        .or_else(|| row.core_group_meeting_id.map(of));
    non_attendance_letter "NonAttendanceLetter" [NonAttendance]: |row| Some(of(row.conference_id));
    escalation "Escalation" [NonAttendance]: |row| Some(of(row.id));
    escalation_entry "EscalationEntry" [NonAttendance]: |row| Some(of(row.escalation_id));
    report_request "ReportRequest" []: |row| Some(of(row.child_id));
    conference_report "ConferenceReport" [Education, Health, SocialCareAssessment, FamilyViews]:
        |row| Some(of(row.child_id));
    family_copy "FamilyCopy" []: |row| Some(of(row.child_id));
    circulation "ReportCopy" []: |row| Some(of(row.conference_report_id));
    report_answer "ReportAnswer" [Education, Health, SocialCareAssessment, FamilyViews]:
        |row| Some(of(row.child_id));
    chronology_row "ChronologyRow" [Education, Health, SocialCareAssessment, ProtectedAddress]:
        |row| Some(of(row.child_id));
    attachment "Attachment" [Education, Health, SocialCareAssessment]: |row| Some(of(row.child_id));
    plan "Plan" [Plan, DangerStatements]: |row| Some(of(row.child_id));
    plan_version "PlanVersion" [Plan, DangerStatements]: |row| Some(of(row.child_id));
    plan_action "PlanAction" [Plan]: |row| Some(of(row.child_id));
    core_group "CoreGroup" [Plan]: |row| Some(of(row.child_id));
    core_group_member "CoreGroupMember" []: |row| Some(of(row.core_group_id));
    deadline "Deadline" [Plan]: |row| Some(of(row.child_id));
    enquiry "Enquiry" [SocialCareAssessment]: |row| Some(of(row.child_id));
    episode "Episode" [SocialCareAssessment]: |row| Some(of(row.child_id));
    assessment "Assessment" []: |row| Some(of(row.child_id));
    // of a meeting under the meeting: it may be about a professional, which not everybody who reads the child's record knows
    entry "Entry" [SocialCareAssessment, Plan, FamilyViews, DangerStatements, Health, Legal]:
        |row| row.strategy_meeting_id.map(of).or_else(|| row.child_id.map(of)).or_else(|| on_record!(row));
    finished_step "FinishedStep" []: |row| on_record!(row);
    document_issue "DocumentIssue" []: |row| on_record!(row);
    document_copy "DocumentCopy" []: |row| Some(of(row.document_issue_id));
    core_group_meeting "CoreGroupMeeting" [Plan]: |row| Some(of(row.child_id));
    // about itself, whether it names a child or not: the record of the child does not tell of it
    allegation "Allegation" [Allegation]: |row| Some(of(row.id));
    transfer_share "TransferShare" [Identity, DangerStatements, Plan]: |row| Some(of(row.child_id));
    restricted_item "RestrictedItem" [Restricted, PoliceIntelligence, ProtectedAddress]: |row| Some(of(row.child_id));
    reader_listing "ReaderListing" []: |row| row.restricted_item_id.map(of).or_else(|| row.household_id.map(of))
        .or_else(|| row.allegation_id.map(of));
    access_alert "AccessAlert" []: |_row| None;
    export "Export" []: |row| Some(of(row.id));
    access_review "AccessReview" []: |row| Some(of(row.id));
    access_review_entry "AccessReviewEntry" []: |row| Some(of(row.id));
    event "Event" []: |row| row.conference_id.map(of)
        .or_else(|| row.strategy_meeting_id.map(of))
        .or_else(|| row.core_group_id.map(of))
        .or_else(|| row.conference_report_id.map(of))
        .or_else(|| row.invitation_id.map(of))
        .or_else(|| row.transfer_share_id.map(of))
        .or_else(|| row.involvement_id.map(of))
        .or_else(|| row.conflict_id.map(of))
        .or_else(|| row.restricted_item_id.map(of))
        .or_else(|| row.reader_listing_id.map(of))
        .or_else(|| row.designation_id.map(of))
        .or_else(|| row.emergency_access_id.map(of))
        .or_else(|| row.export_id.map(of))
        .or_else(|| row.access_review_id.map(of))
        .or_else(|| row.allegation_id.map(of))
        .or_else(|| row.deadline_id.map(of))
        .or_else(|| row.enquiry_id.map(of))
        .or_else(|| row.episode_id.map(of))
        .or_else(|| row.plan_id.map(of))
        .or_else(|| row.attachment_id.map(of))
        .or_else(|| row.escalation_id.map(of))
        .or_else(|| row.child_id.map(of));
    webhook "Webhook" []: |row| Some(of(row.id));
    webhook_delivery "WebhookDelivery" []: |row| Some(of(row.webhook_id));
    // about itself, whether it found a child or not
    emergency_access "EmergencyAccess" []: |row| Some(of(row.id));
    notice "Notice" []: |row| row.child_id.map_or_else(|| Some(of(row.id)), |child| Some(of(child)));
}

/// One line of the ledger: rows of one noun under one decision.
#[derive(Clone, Debug)]
pub(in crate::store) struct Noted {
    pub(super) noun: &'static str,
    pub(super) decision: Decision,
    pub(super) rule: &'static str,
    pub(super) touched: usize,
    pub(super) subjects: BTreeSet<Subject>,
    possible: &'static [Category],
}

impl Noted {
    /// The line of a change.
    pub(super) fn change(noun: &'static str, rule: &'static str, subjects: Vec<Subject>) -> Self {
        let subjects = subjects.into_iter().collect();
        Self { noun, decision: Decision::Allowed, rule, touched: 1, subjects, possible: &[] }
    }

    /// Of what was opened in the whole request, what these rows can have shown.
    pub(super) fn categories(&self, opened: &BTreeSet<Category>) -> Vec<Category> {
        self.possible.iter().copied().filter(|c| opened.contains(c)).collect()
    }

    /// All that these rows can show.
    pub(super) const fn all_categories(&self) -> &'static [Category] {
        self.possible
    }
}

/// The rule under which searches by name stand that ended nowhere.
pub(super) const BY_NAME: &str = "NAME";
/// The rule of emergency access.
pub(super) const EMERGENCY: &str = "EMERGENCY";

type Line = (&'static str, Decision, &'static str);

#[derive(Default)]
struct Notes {
    lines: BTreeMap<Line, Noted>,
    opened: BTreeSet<Category>,
    /// Copies of reports of other agencies whose text was read.
    copies: BTreeSet<ConferenceReportId>,
    /// True where the name of the operation, and the children it was about, would tell of an allegation.
    discreet: bool,
}

/// The ledger of one operation. Clones share it.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Notes>>);

impl Ledger {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(
        &self,
        (noun, decision, rule): Line,
        touched: usize,
        subjects: impl Iterator<Item = Subject>,
        possible: &'static [Category],
    ) {
        let mut notes = self.notes();
        let line = notes.lines.entry((noun, decision, rule)).or_insert_with(|| Noted {
            noun,
            decision,
            rule,
            touched: 0,
            subjects: BTreeSet::new(),
            possible,
        });
        line.touched += touched;
        line.subjects.extend(subjects);
    }

    /// Notes an act that policy refused.
    pub(in crate::store) fn refused(&self, noun: &'static str, rule: &'static str) {
        self.note((noun, Decision::Denied, rule), 0, std::iter::empty(), &[]);
    }

    /// From now on the operation leaves neither its name nor, with what it changed, the children it was about: whoever
    /// reads the record of a child would know of an allegation.
    pub(in crate::store) fn keep_discreet(&self) {
        self.notes().discreet = true;
    }

    /// Whether the operation is kept so.
    pub(super) fn is_discreet(&self) -> bool {
        self.notes().discreet
    }

    /// True if something was decided so.
    pub(super) fn holds(&self, decision: Decision) -> bool {
        self.notes().lines.keys().any(|(_, held, _)| *held == decision)
    }

    /// Notes that a copy of a report was read.
    pub(super) fn copy_read(&self, report: ConferenceReportId) {
        self.notes().copies.insert(report);
    }

    /// Takes out which copies were read.
    pub(super) fn take_copies(&self) -> BTreeSet<ConferenceReportId> {
        std::mem::take(&mut self.notes().copies)
    }

    /// Takes everything else out.
    pub(super) fn take(&self) -> (Vec<Noted>, BTreeSet<Category>) {
        let mut notes = self.notes();
        let (lines, opened) = (std::mem::take(&mut notes.lines), std::mem::take(&mut notes.opened));
        (lines.into_values().collect(), opened)
    }

    /// Puts back what could not be written.
    pub(in crate::store) fn put_back(&self, noted: Vec<Noted>, opened: BTreeSet<Category>) {
        for each in noted {
            let line = (each.noun, each.decision, each.rule);
            self.note(line, each.touched, each.subjects.into_iter(), each.possible);
        }
        self.notes().opened.extend(opened);
    }
}

/// A standing, together with the ledger of what it is handed.
#[derive(Clone)]
pub(in crate::store) struct Watched {
    who: Arc<Standing>,
    asked: Arc<Asked>,
    ledger: Ledger,
    /// False where what is read is counted elsewhere, as an export is.
    counted: bool,
}

impl From<Standing> for Watched {
    fn from(who: Standing) -> Self {
        Self { who: Arc::new(who), asked: Arc::default(), ledger: Ledger::default(), counted: true }
    }
}

impl Deref for Watched {
    type Target = Standing;
    fn deref(&self) -> &Standing {
        &self.who
    }
}

impl Watched {
    /// The same reader under every rule, whatever was read of it.
    pub(in crate::store) fn under_every_rule(self) -> Self {
        let shut = Shut { conflicts: true, alleged: true };
        Self { who: Arc::new(Standing { shut, ..(*self.who).clone() }), ..self }
    }

    pub(super) fn asking(self, asked: Arc<Asked>) -> Self {
        Self { asked, ..self }
    }

    /// The same reader with a ledger apart, whose children are not counted with the others.
    pub(super) fn apart(&self) -> Self {
        Self { ledger: Ledger::default(), counted: false, ..self.clone() }
    }

    /// Whether the children that are handed out are counted.
    pub(super) const fn is_counted(&self) -> bool {
        self.counted
    }

    pub(in crate::store) fn asked(&self) -> &Asked {
        &self.asked
    }

    pub(in crate::store) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Notes rows on their way out.
    pub(in crate::store) fn handed<'r, E: Recorded>(&self, rows: impl IntoIterator<Item = &'r E::Model>)
    where
        E::Model: 'r,
    {
        let Some(noun) = E::NOUN else { return };
        let mut count = 0;
        let subjects: Vec<_> = rows.into_iter().inspect(|_| count += 1).filter_map(E::about).collect();
        if count > 0 {
            let line = (noun, Decision::Allowed, rule_of(&self.who));
            self.ledger.note(line, count, subjects.into_iter(), E::CATEGORIES);
        }
    }

    /// Notes that a list was asked for, whatever stood in it.
    pub(in crate::store) fn listed<E: Recorded>(&self) {
        let Some(noun) = E::NOUN else { return };
        self.ledger.note((noun, Decision::Allowed, rule_of(&self.who)), 0, std::iter::empty(), E::CATEGORIES);
    }

    /// Notes that the text of a report was read: where it is a copy that was sent to the reader's agency, its opening is
    /// written down with the access record.
    pub(in crate::store) fn read_report(&self, report: &conference_report::Model) {
        if report.released_at.is_some() && report.agency_id != self.who.agency {
            self.ledger.copy_read(report.id);
        }
    }

    /// Notes that ids were asked for and not found, or not visible: the two are one here as well.
    pub(in crate::store) fn missed<E: Recorded>(&self, ids: impl Iterator<Item = Uuid>) {
        let Some(noun) = E::NOUN else { return };
        let subjects: Vec<_> = ids.map(|id| (noun, id)).collect();
        if !subjects.is_empty() {
            let line = (noun, Decision::NotFound, rule_of(&self.who));
            self.ledger.note(line, 0, subjects.into_iter(), &[]);
        }
    }

    /// Notes a search for a child that did not end at one. Searches by name are counted, because many of them that end
    /// nowhere are told to the privacy officer.
    pub(in crate::store) fn searched(&self, decision: Decision, by_name: bool) {
        let (rule, times) = if by_name { (BY_NAME, 1) } else { (rule_of(&self.who), 0) };
        self.ledger.note((ChildId::NOUN, decision, rule), times, std::iter::empty(), &[]);
    }

    /// Notes a search by emergency access, and whom it found.
    pub(in crate::store) fn searched_in_emergency(&self, found: Option<ChildId>) {
        let decision = if found.is_some() { Decision::Allowed } else { Decision::NotFound };
        self.ledger.note((ChildId::NOUN, decision, EMERGENCY), 1, found.map(of).into_iter(), &[]);
    }

    /// Notes what emergency access showed of children.
    pub(in crate::store) fn showed_in_emergency(&self, children: &[ChildId]) {
        if !children.is_empty() {
            let line = ("EmergencySummary", Decision::Allowed, EMERGENCY);
            let possible = &[Category::Identity, Category::DangerStatements, Category::Plan];
            self.ledger.note(line, children.len(), children.iter().copied().map(of), possible);
        }
    }

    /// Notes figures over many rows.
    pub(in crate::store) fn counted(&self, noun: &'static str, rows: usize) {
        self.ledger.notes().opened.insert(Category::NonAttendance);
        let line = (noun, Decision::Allowed, "AGGREGATE");
        self.ledger.note(line, rows, std::iter::empty(), &[Category::NonAttendance]);
    }

    /// Notes the child that an act is about, where nothing of it was read.
    pub(in crate::store) fn concerned(&self, noun: &'static str, child: ChildId) {
        self.ledger.note((noun, Decision::Allowed, rule_of(&self.who)), 0, std::iter::once(of(child)), &[]);
    }

    /// Notes a reading of the access record itself.
    pub(in crate::store) fn read_log(&self, child: ChildId, rows: usize) {
        self.ledger.notes().opened.insert(Category::AuditLog);
        let line = ("AccessRecord", Decision::Allowed, rule_of(&self.who));
        self.ledger.note(line, rows, std::iter::once(of(child)), &[Category::AuditLog]);
    }
}

/// The rule that gave or refused a row: how the reader reaches children.
const fn rule_of(who: &Standing) -> &'static str {
    match visibility(who) {
        Visibility::Named(_) => "NAMED",
        Visibility::Team(_) => "TEAM",
        Visibility::Agency(_) => "AGENCY",
        Visibility::Conferences(_) => "CONFERENCES",
        Visibility::Nothing => "NOTHING",
    }
}

/// A disclosure that notes what it opens.
pub struct Opening {
    disclosure: Disclosure,
    ledger: Ledger,
}

impl Opening {
    pub(in crate::store) fn new(disclosure: Disclosure, who: &Watched) -> Self {
        Self { disclosure, ledger: who.ledger.clone() }
    }

    /// Those of `categories` that this reader cannot open in full: what a field's null stands for.
    pub fn withheld(&self, categories: &[(Category, Depth)]) -> Vec<Category> {
        self.disclosure.withheld(categories)
    }
}

impl Opening {
    /// The same on a row whose reader list the reader is on.
    #[must_use]
    pub fn listed(self, listed: bool) -> Self {
        Self { disclosure: self.disclosure.listed(listed), ..self }
    }
}

impl Disclose for Opening {
    fn opens(&self, category: Category, depth: Depth) -> bool {
        let opens = self.disclosure.opens(category, depth);
        if opens {
            self.ledger.notes().opened.insert(category);
        }
        opens
    }
}
