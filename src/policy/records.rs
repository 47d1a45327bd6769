//! Who writes on the records of meetings, enquiries and plans, who reads what stands there, who finishes and sends them.

use entity::document_issue::Document;
use entity::entry::{Audience, Writer};
use entity::finished_step::Step;
use entity::id::AgencyId;

use super::Standing;
use super::actions::Refusal;
use super::roles::Role;

/// An entry that somebody wants to write.
#[derive(Clone, Debug)]
pub struct Written {
    /// Who may write such entries.
    pub by: Vec<Writer>,
    /// The agency it is about.
    pub agency: Option<AgencyId>,
}

/// What somebody wants to write, and whether they are chair or minute taker of the conference it is about.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The entries.
    pub entries: Vec<Written>,
    /// True for chair and minute taker.
    pub at_the_table: bool,
}

/// Whether all of it may be written. One entry that may not be written refuses the whole.
pub(super) fn may_write(who: &Standing, writing: &Writing) -> Result<(), Refusal> {
    let may = |entry: &Written| entry.by.iter().any(|by| writes(who, *by, entry.agency, writing.at_the_table));
    if writing.entries.iter().all(may) {
        Ok(())
    } else {
        Err("An entry is written by who its item names: social care, a manager, the chair, or the agency it is about.")
    }
}

fn writes(who: &Standing, by: Writer, about: Option<AgencyId>, at_the_table: bool) -> bool {
    match by {
        Writer::SocialCare => who.role.holds_the_record(),
        Writer::Manager => matches!(who.role, Role::TeamManager | Role::ServiceManager),
        Writer::Operations => who.role == Role::ServiceManager,
        Writer::Chair => at_the_table,
        Writer::Agency => {
            about == Some(who.agency)
                && !matches!(who.role, Role::SystemAdmin | Role::Auditor | Role::AgencySystem | Role::MinuteTaker)
        }
    }
}

/// Which entries of a record that they read somebody reads.
pub const fn audiences(role: Role) -> &'static [Audience] {
    match role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager => {
            &[Audience::Meeting, Audience::Chair, Audience::SocialCare]
        }
        Role::Chair | Role::MinuteTaker => &[Audience::Meeting, Audience::Chair],
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => &[Audience::Meeting],
        Role::SystemAdmin | Role::Auditor | Role::AgencySystem => &[],
    }
}

/// A step, and whether who wants to finish it is the chair of the conference.
#[derive(Clone, Copy, Debug)]
pub struct Finishing {
    /// Which.
    pub step: Step,
    /// True for the chair.
    pub chairs: bool,
}

pub(super) const fn may_finish(who: &Standing, finishing: Finishing) -> Result<(), Refusal> {
    match finishing.step {
        Step::StrategyRecord
        | Step::Enquiries
        | Step::Preparation
        | Step::CoreGroupMinutes
        | Step::DetailedPlan
        | Step::CinPlan => {
            if who.role.holds_the_record() {
                Ok(())
            } else {
                Err("The social care staff who hold the record finish this step.")
            }
        }
        // the line manager agrees the outcome (WAR-S47-16), signs the report (WAR-PR-05) and the plan (WAR-PL-03)
        Step::EnquiryOutcome | Step::SocialWorkReport | Step::PlanSignOff => {
            if matches!(who.role, Role::TeamManager | Role::ServiceManager) {
                Ok(())
            } else {
                Err("A manager of social care agrees the outcome and signs report and plan.")
            }
        }
        Step::Minutes => {
            if finishing.chairs {
                Ok(())
            } else {
                Err("The chair of the conference finishes its minutes.")
            }
        }
    }
}

/// A document, and whether who wants to send it is chair or minute taker of the conference.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Which.
    pub document: Document,
    /// True for chair and minute taker.
    pub at_the_table: bool,
}

pub(super) const fn may_send(who: &Standing, sending: Sending) -> Result<(), Refusal> {
    let may = match sending.document {
        Document::StrategyOutcome
        | Document::StrategyRecord
        | Document::SocialWorkReport
        | Document::CoreGroupPapers
        | Document::Plan => who.role.holds_the_record(),
        Document::Decisions | Document::Minutes => sending.at_the_table || who.role.holds_the_record(),
    };
    if may { Ok(()) } else { Err("Social care sends its documents; chair and minute taker those of the conference.") }
}
