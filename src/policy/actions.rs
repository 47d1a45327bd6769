//! What a standing may do to a row it sees. The row scope has already been applied when these are asked.

use entity::appointment::Post;
use entity::category::Category;
use entity::designation;
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId};

use super::Standing;
use super::allegation::{as_lado, may_close, may_refer};
use super::disclosure::{Cell, cell};
use super::emergency::{AccessFacts, Assurance, may_break_glass, reviews};
use super::exports::{Requester, may_decide, reads_in_full};
use super::oversight::{Reviewed, may_answer};
use super::records::{Finishing, Sending, Writing, may_finish, may_send, may_write};
use super::roles::Role;
use super::transfer::{may_accept, may_share, may_withdraw};

/// Why an act is refused: a fixed sentence that a client may see.
pub type Refusal = &'static str;

/// An act on a resource of one kind. `Facts` is what the decision needs of the locked row.
pub trait Action {
    /// Name in the record of writes, spelled as the mutation.
    const NAME: &'static str;
    /// The row's part in the decision.
    type Facts;
    /// Decides; `Err` carries the refusal.
    fn decide(who: &Standing, facts: &Self::Facts) -> Result<(), Refusal>;
}

macro_rules! actions {
    ($($(#[$meta:meta])* $name:ident = $word:literal, $facts:ty, $decide:expr;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Action for $name {
            const NAME: &'static str = $word;
            type Facts = $facts;
            fn decide(who: &Standing, facts: &$facts) -> Result<(), Refusal> {
                let decide: fn(&Standing, &$facts) -> Result<(), Refusal> = $decide;
                decide(who, facts)
            }
        }
    )+ };
}

actions! {
    /// Call a strategy meeting about children in scope; social care calls it.
    CallStrategyMeeting = "callStrategyMeeting", (), |who, ()| may_convene(who.role);
    /// Record what a strategy meeting decided.
    RecordStrategyMeetingOutcome = "recordStrategyMeetingOutcome", (), |who, ()| may_convene(who.role);
    /// Schedule a conference about children in scope.
    ScheduleConference = "scheduleConference", (), |who, ()| may_schedule(who.role);
    /// Answer an invitation: the invited agency, for itself. Facts: the invited agency.
    ReplyToInvitation = "replyToInvitation", AgencyId, |who, invited| own_agency(who, *invited);
    /// Submit a report: the agency it was asked of, by its author or by the agency's system.
    SubmitConferenceReport = "submitConferenceReport", Submission, may_report;
    /// Write a draft of a report: as it is submitted.
    SaveConferenceReportDraft = "saveConferenceReportDraft", Submission, may_report;
    /// Put a version in the place of a submitted one: as it was submitted.
    AmendConferenceReport = "amendConferenceReport", Submission, may_report;
    /// Record that the family was given a copy: the agency that reports, and those who hold the conference.
    RecordFamilyCopy = "recordFamilyCopy", AgencyId, |who, author| match who.role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => Ok(()),
        _ => own_agency(who, *author),
    };
    /// Sign a version of a report. Facts: whose it is, and who wrote it.
    SignConferenceReport = "signConferenceReport", Submission, |who, report| {
        own_agency(who, report.asked)?;
        match who.role {
            Role::AgencySystem => Err("A report is signed by a person."),
            Role::SocialWorker => Err("A manager signs a report of social care."),
            Role::Chair | Role::MinuteTaker => Err("Chair and minute taker release reports and sign none."),
            _ if report.author == who.practitioner => Err("Nobody signs a report of their own."),
            _ => Ok(()),
        }
    };
    /// Take a submitted version back: its agency.
    WithdrawConferenceReport = "withdrawConferenceReport", Submission, may_report;
    /// Be given a ticket to send a file for a report. Facts: the agency the report is asked of.
    RequestAttachmentTicket = "requestAttachmentTicket", AgencyId, |who, asked| may_attach(who, *asked);
    /// Send a file for a report. Facts: the agency the report is asked of.
    UploadAttachment = "uploadAttachment", AgencyId, |who, asked| may_attach(who, *asked);
    /// Take a file back. Facts: whose it is.
    RemoveAttachment = "removeAttachment", AgencyId, |who, asked| may_attach(who, *asked);
    /// Record who took part. Facts: chair and minute taker of the conference.
    RecordConferenceAttendance = "recordConferenceAttendance", ConferencePosts, |who, posts| {
        if posts.held_by(who) {
            Ok(())
        } else {
            Err("Only the chair or the minute taker of the conference records attendance.")
        }
    };
    /// Record the outcome. Facts: chair and minute taker of the conference.
    RecordConferenceOutcome = "recordConferenceOutcome", ConferencePosts, |who, posts| {
        if posts.chair == who.practitioner && who.role == Role::Chair {
            Ok(())
        } else {
            Err("Only the chair of the conference records its outcome.")
        }
    };
    /// Have somebody else chair a conference for a time. Facts: its chair, and who is to chair.
    DelegateChair = "delegateChair", Delegation, |who, delegation| {
        if delegation.delegate == who.practitioner {
            return Err("Nobody grants themselves a relationship.");
        }
        may_delegate(who, delegation.chair)
    };
    /// End a delegation of the chair. Facts: the chair, and who chairs meanwhile.
    EndChairDelegation = "endChairDelegation", Delegation, |who, delegation| {
        if who.role == Role::Chair && delegation.delegate == who.practitioner {
            return Ok(());
        }
        may_delegate(who, delegation.chair)
    };
    /// Share a child with another authority.
    ShareTransfer = "shareTransfer", (), |who, ()| may_share(who);
    /// Take a share back. Facts: whose it is.
    WithdrawTransfer = "withdrawTransfer", AgencyId, |who, from| may_withdraw(who, *from);
    /// Accept a share. Facts: with whom the child is shared.
    AcceptTransfer = "acceptTransfer", AgencyId, |who, to| may_accept(who, *to);
    /// Record a meeting of a core group.
    RecordCoreGroupMeeting = "recordCoreGroupMeeting", (), |who, ()| match who.role {
        Role::SocialWorker | Role::TeamManager => Ok(()),
        Role::ServiceManager | Role::Chair | Role::MinuteTaker | Role::Police | Role::Health | Role::Education
        | Role::EarlyHelp | Role::OtherAgency | Role::SystemAdmin | Role::Auditor | Role::AgencySystem => {
            Err("The allocated social worker or the team manager records core group meetings.")
        }
    };
    /// Record that something that was due was done. Facts: who had to do it.
    MeetDeadline = "meetDeadline", AgencyId, |who, agency| {
        if *agency != who.agency {
            return Err("What an agency has to do is recorded by that agency.");
        }
        match who.role {
            Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => Ok(()),
            Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency | Role::SystemAdmin
            | Role::Auditor | Role::AgencySystem => Err("Social care records what it did; reports are submitted."),
        }
    };
    /// Record why something is not due any more. Facts: who had to do it.
    WaiveDeadline = "waiveDeadline", AgencyId, |who, agency| match who.role {
        Role::TeamManager | Role::ServiceManager if *agency == who.agency => Ok(()),
        _ => Err("A manager of the agency decides that something is not due any more."),
    };
    /// Write on a record. Facts: what, and whether the writer is chair or minute taker.
    RecordEntries = "recordEntries", Writing, |who, writing| may_write(who, writing);
    /// Finish a step of a record. Facts: which, and whether the writer chairs.
    FinishStep = "finishStep", Finishing, |who, finishing| may_finish(who, *finishing);
    /// Send a document of a record. Facts: which, and whether the writer is chair or minute taker.
    IssueDocument = "issueDocument", Sending, |who, sending| may_send(who, *sending);
    /// Say that a copy has arrived. Facts: whose it is.
    AcknowledgeDocument = "acknowledgeDocument", Option<AgencyId>, |who, copy| match copy {
        Some(agency) => own_agency(who, *agency),
        None => Err("The copy of a member of the family is not an agency's to acknowledge."),
    };
    /// Put a first strategy meeting off. The manager, once the police were consulted (WAR-SM-03).
    ExtendStrategyMeeting = "extendStrategyMeeting", (), |who, ()| {
        a_manager(who.role, "A manager of social care puts a first strategy meeting off, after talking to the police.")
    };
    /// Call a strategy meeting off. Who calls it.
    CancelStrategyMeeting = "cancelStrategyMeeting", (), |who, ()| may_convene(who.role);
    /// Call a conference off: its chair, or a manager. Facts: chair and minute taker of the conference.
    CancelConference = "cancelConference", ConferencePosts, |who, posts| match who.role {
        Role::TeamManager | Role::ServiceManager => Ok(()),
        Role::Chair if posts.held_by(who) => Ok(()),
        Role::SocialWorker | Role::Chair | Role::MinuteTaker | Role::Police | Role::Health | Role::Education
        | Role::EarlyHelp | Role::OtherAgency | Role::SystemAdmin | Role::Auditor | Role::AgencySystem => {
            Err("The chair of the conference or a manager of social care calls it off.")
        }
    };
    /// Move a conference that has not begun: who convenes it, its chair and its minute taker. Facts: these two.
    MoveConference = "moveConference", ConferencePosts, |who, posts| {
        if posts.held_by(who) || may_convene(who.role).is_ok() {
            Ok(())
        } else {
            Err("Social care that convenes the conference, its chair or its minute taker move it.")
        }
    };
    /// Adjourn a conference. Facts: chair and minute taker of the conference.
    AdjournConference = "adjournConference", ConferencePosts, |who, posts| {
        if posts.chair == who.practitioner && who.role == Role::Chair {
            Ok(())
        } else {
            Err("Only the chair of the conference adjourns it.")
        }
    };
    /// Name who leads an enquiry. The manager, who allocates it (WAR-S47-01).
    LeadEnquiry = "leadEnquiry", (), |who, ()| a_manager(who.role, NAMES_LEAD);
    /// Name who leads a core group. The manager.
    LeadCoreGroup = "leadCoreGroup", (), |who, ()| a_manager(who.role, NAMES_LEAD);
    /// Open a child in need plan.
    OpenCinPlan = "openCinPlan", (), |who, ()| may_convene(who.role);
    /// End a child in need plan.
    EndCinPlan = "endCinPlan", (), |who, ()| may_convene(who.role);
    /// Record how far an action of a plan is. Facts: who does it, and whether it is withdrawn.
    RecordActionProgress = "recordActionProgress", Progress, |who, progress| match who.role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager => Ok(()),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => {
            if progress.withdraws {
                return Err("Social care withdraws what a plan asks for.");
            }
            own_agency(who, progress.owner)
        }
        Role::Chair | Role::MinuteTaker | Role::SystemAdmin | Role::Auditor | Role::AgencySystem => {
            Err("The agency that does it, or the social care staff who hold the record, say how far an action is.")
        }
    };
    /// Record a referral. Facts: the authority whose child it is.
    RecordReferral = "recordReferral", LocalAuthorityId, |who, of| holds_the_case(who, *of);
    /// Begin an assessment. Facts: the authority whose case it is.
    StartAssessment = "startAssessment", LocalAuthorityId, |who, of| holds_the_case(who, *of);
    /// Complete an assessment. Facts: the authority whose case it is.
    CompleteAssessment = "completeAssessment", LocalAuthorityId, |who, of| holds_the_case(who, *of);
    /// Close a case. Facts: the authority whose it is.
    CloseEpisode = "closeEpisode", LocalAuthorityId, |who, of| holds_the_case(who, *of);
    /// Record the death of a child. Facts: the authority whose child it is.
    RecordDeath = "recordDeath", LocalAuthorityId, |who, of| holds_the_case(who, *of);
    /// Grant a relationship to a child. Facts: who is to have it.
    GrantInvolvement = "grantInvolvement", Grantee, |who, grantee| {
        if grantee.practitioner == Some(who.practitioner) {
            return Err("Nobody grants themselves a relationship.");
        }
        match who.role {
            Role::TeamManager => Ok(()),
            Role::SocialWorker if grantee.agency != who.agency => Ok(()),
            Role::SocialWorker => Err("The team manager allocates the worker."),
            role => no_holder(role),
        }
    };
    /// End a relationship to a child. Facts: whose it is.
    EndInvolvement = "endInvolvement", Grantee, |who, grantee| match who.role {
        Role::TeamManager => Ok(()),
        Role::SocialWorker if grantee.agency != who.agency => Ok(()),
        Role::SocialWorker => Err("The team manager ends an allocation."),
        role => no_holder(role),
    };
    /// Record a conflict of interest. Facts: whom it closes the child to.
    RecordConflict = "recordConflict", PractitionerId, |who, person| match who.role {
        Role::SystemAdmin | Role::Auditor | Role::AgencySystem => Err("This post works with no child."),
        Role::TeamManager | Role::ServiceManager => Ok(()),
        Role::SocialWorker | Role::Chair | Role::MinuteTaker | Role::Police | Role::Health | Role::Education
        | Role::EarlyHelp | Role::OtherAgency => {
            if *person == who.practitioner {
                Ok(())
            } else {
                Err("Everybody declares their own conflicts; those of others are recorded by a manager.")
            }
        }
    };
    /// Set the reference of the own agency on a child in scope.
    SetAgencyReference = "setAgencyReference", (), |who, ()| match who.role {
        Role::SystemAdmin | Role::Auditor | Role::AgencySystem => Err("This post works with no child."),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker | Role::Police
        | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Ok(()),
    };
    /// End a conflict of interest. Facts: whom it closes the child to.
    EndConflict = "endConflict", PractitionerId, |who, person| match who.role {
        Role::TeamManager | Role::ServiceManager if *person != who.practitioner => Ok(()),
        _ => Err("A manager ends a conflict of interest, and nobody their own."),
    };
    /// Give somebody a duty beside the post. Facts: the duty.
    GrantDesignation = "grantDesignation", Duty, |who, duty| may_designate(who, duty);
    /// End a duty. Facts: the duty.
    EndDesignation = "endDesignation", Duty, |who, duty| may_designate(who, duty);
    /// Use emergency access. Facts: what the token says.
    OpenEmergencyAccess = "openEmergencyAccess", Assurance, |who, token| {
        if !may_break_glass(who.role) {
            return Err("Emergency access is for police, health and social workers on duty.");
        }
        if token.suffices() { Ok(()) } else { Err("The token does not allow emergency access.") }
    };
    /// Review a use of emergency access. Facts: what bears on it.
    ReviewEmergencyAccess = "reviewEmergencyAccess", AccessFacts<'static>, |who, access| {
        if access.staff.practitioner == who.practitioner {
            return Err("Nobody reviews their own use of emergency access.");
        }
        if reviews(who, access) { Ok(()) } else { Err("The privacy officer reviews it, or at social care the manager.") }
    };
    /// Release a report to the agencies at its conference. Facts: chair and minute taker of the conference.
    ReleaseConferenceReport = "releaseConferenceReport", ConferencePosts, |who, posts| {
        if posts.held_by(who) {
            Ok(())
        } else {
            Err("Only the chair or the minute taker of the conference releases its reports.")
        }
    };
    /// Ask for an export. Facts: the categories it is to show.
    RequestExport = "requestExport", Vec<Category>, |who, categories| if reads_in_full(who.role, categories) {
        Ok(())
    } else {
        Err("An export shows only what the role reads in full.")
    };
    /// Approve an export. Facts: who asked for it.
    ApproveExport = "approveExport", Requester, may_decide;
    /// Refuse an export. Facts: who asked for it.
    RefuseExport = "refuseExport", Requester, may_decide;
    /// Answer an entry of a review of access. Facts: whose access it is, and what is to become of it.
    AnswerAccessReview = "answerAccessReview", Reviewed, may_answer;
    /// Say of a relationship whether its agency tells where a child is.
    MarkLocating = "markLocating", (), |who, ()| holds_the_address(who);
    /// Record a restricted item. Facts: its category.
    RecordRestrictedItem = "recordRestrictedItem", Category, |who, category| may_record_item(who.role, *category);
    /// Refer an allegation against a professional. Facts: whom it is about.
    ReferAllegation = "referAllegation", PractitionerId, |who, subject| may_refer(who, *subject);
    /// Name who leads on an allegation.
    LeadAllegation = "leadAllegation", (), |who, ()| as_lado(who);
    /// Close an allegation. Facts: who leads.
    CloseAllegation = "closeAllegation", Option<PractitionerId>, |who, lead| may_close(who, *lead);
    /// Write to an agency that did not come or report. Facts: chair and minute taker of the conference.
    WriteNonAttendanceLetter = "writeNonAttendanceLetter", ConferencePosts, |who, posts| may_write_to(who, posts);
    /// Write a letter anew that was not sent yet. Facts: chair and minute taker of the conference.
    RewriteNonAttendanceLetter = "rewriteNonAttendanceLetter", ConferencePosts, |who, posts| may_write_to(who, posts);
    /// Record that a letter was sent. Facts: chair and minute taker of the conference.
    SendNonAttendanceLetter = "sendNonAttendanceLetter", ConferencePosts, |who, posts| may_follow_up(who, posts);
    /// Answer a letter: the agency it was sent to. Facts: that agency.
    ReplyToNonAttendanceLetter = "replyToNonAttendanceLetter", AgencyId, |who, asked| may_answer_for(who, *asked);
    /// Take a pattern up with an agency.
    RaiseEscalation = "raiseEscalation", (), |who, ()| may_escalate(who.role);
    /// Contest an entry of the evidence. Facts: whose pattern it is, and who raised it.
    ContestEscalationEntry = "contestEscalationEntry", TakenUp, |who, taken| may_answer_pattern(who, taken);
    /// Answer an escalation. Facts: whose pattern it is, and who raised it.
    AnswerEscalation = "answerEscalation", TakenUp, |who, taken| may_answer_pattern(who, taken);
    /// Record that a meeting was agreed.
    AgreeEscalationMeeting = "agreeEscalationMeeting", (), |who, ()| may_escalate(who.role);
    /// Close an escalation.
    CloseEscalation = "closeEscalation", (), |who, ()| may_escalate(who.role);
    /// Register where the own agency is sent what happens. Facts: for which agency.
    RegisterWebhook = "registerWebhook", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Change where an agency is sent what happens, or pause it. Facts: which agency.
    ChangeWebhook = "changeWebhook", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Have a webhook sign with a new secret. Facts: whose it is.
    RotateWebhookSecret = "rotateWebhookSecret", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Have a webhook follow the own rights. Facts: whose it is.
    TakeOverWebhook = "takeOverWebhook", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Have a webhook sent again what follows a cursor. Facts: whose it is.
    ReplayWebhook = "replayWebhook", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Have a webhook sent again what was given up. Facts: whose it is.
    ReplayWebhookDelivery = "replayWebhookDelivery", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// End a webhook. Facts: whose it is.
    RemoveWebhook = "removeWebhook", AgencyId, |who, of| may_keep_webhook(who, *of);
    /// Put somebody on a reader list. Facts: whose list it is.
    ListReader = "listReader", ReaderList, |who, list| match list {
        ReaderList::Item { originator, .. } if *originator == who.agency => Ok(()),
        ReaderList::Item { .. } => Err("Only the originator widens the reader list of an item."),
        ReaderList::Address => holds_the_address(who),
        ReaderList::Allegation => as_lado(who),
    };
    /// Take somebody off a reader list. Facts: whose list it is.
    UnlistReader = "unlistReader", ReaderList, |who, list| match list {
        ReaderList::Item { originator, .. } if *originator == who.agency => Ok(()),
        ReaderList::Item { category, .. } if cell(who.role, *category) == Cell::Write => Ok(()),
        ReaderList::Item { .. } => Err("The originator or the chair narrows the reader list of an item."),
        ReaderList::Address => holds_the_address(who),
        ReaderList::Allegation => as_lado(who),
    };
}

const NAMES_LEAD: Refusal = "A manager of social care names the worker who leads.";

/// The managers of social care, and the sentence that all others are told.
const fn a_manager(role: Role, refusal: Refusal) -> Result<(), Refusal> {
    match role {
        Role::TeamManager | Role::ServiceManager => Ok(()),
        Role::SocialWorker
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => Err(refusal),
    }
}

/// The post in which somebody answers for the webhooks of the own agency: the safeguarding lead, at social care the managers.
pub const fn webhook_post(who: &Standing) -> Option<Post> {
    match who.role {
        Role::TeamManager => Some(Post::TeamManager),
        Role::ServiceManager => Some(Post::ServiceManager),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency if who.desk => {
            Some(Post::SafeguardingLead)
        }
        Role::SocialWorker
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => None,
    }
}

/// What is sent to a machine of an agency is answered for by who answers for the agency's safeguarding.
fn may_keep_webhook(who: &Standing, agency: AgencyId) -> Result<(), Refusal> {
    if webhook_post(who).is_none() {
        return Err("The safeguarding lead of an agency, or a manager of social care, keeps its webhooks.");
    }
    if who.agency == agency { Ok(()) } else { Err("An agency keeps its own webhooks.") }
}

/// A role records the restricted items that its cell lets it write: itself, or in the report it stands for.
pub fn may_record_item(role: Role, category: Category) -> Result<(), Refusal> {
    if cell(role, category).writes() { Ok(()) } else { Err("The post does not record items of this kind.") }
}

/// Whose a reader list is.
#[derive(Clone, Copy, Debug)]
pub enum ReaderList {
    /// Of a restricted item.
    Item {
        /// The agency it comes from.
        originator: AgencyId,
        /// Its category.
        category: Category,
    },
    /// Of a protected address.
    Address,
    /// Of an allegation.
    Allegation,
}

fn holds_the_address(who: &Standing) -> Result<(), Refusal> {
    if cell(who.role, Category::ProtectedAddress) == Cell::Write {
        Ok(())
    } else {
        Err("The social care staff who hold the record decide who reads a protected address.")
    }
}

/// How far an action of a plan is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The agency that does it.
    pub owner: AgencyId,
    /// True where it is not to be done any more.
    pub withdraws: bool,
}

/// To whom a relationship is granted, or whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Grantee {
    /// The agency.
    pub agency: AgencyId,
    /// The professional, where one is named.
    pub practitioner: Option<PractitionerId>,
}

/// A duty, given or ended.
#[derive(Clone, Copy, Debug)]
pub struct Duty {
    /// Which.
    pub kind: designation::Kind,
    /// Whose.
    pub practitioner: PractitionerId,
    /// At which agency.
    pub agency: AgencyId,
}

/// At social care the managers give and end duties; elsewhere the safeguarding lead, but not that of the officer who
/// looks into allegations, who is the authority's. Nobody their own.
fn may_designate(who: &Standing, duty: &Duty) -> Result<(), Refusal> {
    let own_agency = || {
        if duty.practitioner == who.practitioner {
            Err("Nobody grants themselves a designation, nor ends their own.")
        } else if duty.agency == who.agency {
            Ok(())
        } else {
            Err("Designations are granted by the agency whose they are.")
        }
    };
    match who.role {
        Role::TeamManager | Role::ServiceManager => own_agency(),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency if who.desk => {
            if duty.kind == designation::Kind::Lado {
                return Err("The authority's social care designates its LADO.");
            }
            own_agency()
        }
        Role::SocialWorker
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => Err(
            "A manager of social care, or the safeguarding lead of another agency, designates people of the agency.",
        ),
    }
}

const fn no_holder(_: Role) -> Result<(), Refusal> {
    Err("The social care staff who hold the record grant and end relationships.")
}

/// A delegation of the chair of a conference.
#[derive(Clone, Copy, Debug)]
pub struct Delegation {
    /// The chair of the conference.
    pub chair: PractitionerId,
    /// Who chairs meanwhile.
    pub delegate: PractitionerId,
}

fn may_delegate(who: &Standing, chair: PractitionerId) -> Result<(), Refusal> {
    if who.role == Role::ServiceManager || (who.role == Role::Chair && who.practitioner == chair) {
        Ok(())
    } else {
        Err("The chair of the conference or a service manager delegates the chair.")
    }
}

/// Who holds which post at a conference.
#[derive(Clone, Copy, Debug)]
pub struct ConferencePosts {
    /// Who chairs: the chair, or the delegate while there is one.
    pub chair: PractitionerId,
    /// The minute taker, where there is one.
    pub minute_taker: Option<PractitionerId>,
}

impl ConferencePosts {
    /// True if the person is named for the post that the request is made in.
    pub fn held_by(&self, who: &Standing) -> bool {
        match who.role {
            Role::Chair => self.chair == who.practitioner,
            Role::MinuteTaker => self.minute_taker == Some(who.practitioner),
            _ => false,
        }
    }
}

/// A report to be submitted.
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    /// The agency it was asked of.
    pub asked: AgencyId,
    /// Who wrote it.
    pub author: PractitionerId,
}

fn may_report(who: &Standing, submission: &Submission) -> Result<(), Refusal> {
    own_agency(who, submission.asked)?;
    match who.role {
        Role::Chair | Role::MinuteTaker => Err("Chair and minute taker release reports and submit none."),
        Role::AgencySystem => Ok(()),
        _ if submission.author == who.practitioner => Ok(()),
        _ => Err("A report is submitted by who wrote it; only an agency's system names another author."),
    }
}

fn may_attach(who: &Standing, asked: AgencyId) -> Result<(), Refusal> {
    own_agency(who, asked)?;
    match who.role {
        Role::Chair | Role::MinuteTaker => Err("Chair and minute taker release reports and submit none."),
        _ => Ok(()),
    }
}

fn may_convene(role: Role) -> Result<(), Refusal> {
    match role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager => Ok(()),
        Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => Err("Children's social care calls and records strategy meetings."),
    }
}

/// The case of a child is kept by the social care staff of its own authority who hold the record.
fn holds_the_case(who: &Standing, of: LocalAuthorityId) -> Result<(), Refusal> {
    if !who.role.holds_the_record() {
        return Err("The social care staff who hold the record keep the case.");
    }
    if who.authority == of { Ok(()) } else { Err("The child's own authority keeps its case.") }
}

fn may_schedule(role: Role) -> Result<(), Refusal> {
    match role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => Ok(()),
        Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => Err("Children's social care schedules conferences."),
    }
}

/// The chair writes to who stayed away (BIR-NA-01).
fn may_write_to(who: &Standing, posts: &ConferencePosts) -> Result<(), Refusal> {
    if who.role == Role::Chair && posts.held_by(who) {
        Ok(())
    } else {
        Err("The chair of the conference writes to who stayed away.")
    }
}

/// Business support sends what the chair has written.
fn may_follow_up(who: &Standing, posts: &ConferencePosts) -> Result<(), Refusal> {
    if posts.held_by(who) {
        Ok(())
    } else {
        Err("The chair of the conference sends the letter; the minute taker may do it for the chair.")
    }
}

/// An agency answers for itself; at social care those who chair and write the minutes ask, and do not answer.
fn may_answer_for(who: &Standing, agency: AgencyId) -> Result<(), Refusal> {
    own_agency(who, agency)?;
    match who.role {
        Role::Chair | Role::MinuteTaker => Err("Chair and minute taker ask, and do not answer themselves."),
        _ => Ok(()),
    }
}

/// A pattern that was taken up.
#[derive(Clone, Copy, Debug)]
pub struct TakenUp {
    /// With which agency.
    pub agency: AgencyId,
    /// Who raised it.
    pub raised_by: PractitionerId,
}

/// An agency answers for itself. Where that is social care, those who take patterns up are a party to it, and do not answer:
/// neither who raised it, in whatever post, nor a service manager.
fn may_answer_pattern(who: &Standing, taken: &TakenUp) -> Result<(), Refusal> {
    may_answer_for(who, taken.agency)?;
    if who.role == Role::ServiceManager || who.practitioner == taken.raised_by {
        return Err("Who takes patterns up does not answer them.");
    }
    Ok(())
}

/// Patterns go up through chairs and the management of conferences (BIR-NA-02).
fn may_escalate(role: Role) -> Result<(), Refusal> {
    match role {
        Role::Chair | Role::ServiceManager => Ok(()),
        Role::SocialWorker
        | Role::TeamManager
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => Err("Chairs and service managers take patterns up with an agency."),
    }
}

fn own_agency(who: &Standing, agency: AgencyId) -> Result<(), Refusal> {
    match who.role {
        Role::SystemAdmin | Role::Auditor => Err("This post does not act for an agency."),
        Role::SocialWorker
        | Role::TeamManager
        | Role::ServiceManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::AgencySystem => {
            if who.agency == agency {
                Ok(())
            } else {
                Err("Only the agency that was asked may answer.")
            }
        }
    }
}
