//! Allegations against professionals: who reads one, who has a receipt of it, who does what about it.
//! `store::visible::allegation` renders the first two as SQL.

use entity::category::Category;
use entity::designation::Kind as Duty;
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId};

use super::Standing;
use super::actions::Refusal;
use super::decision::{ChildFacts, Decision, Ground, ListEntry, is_listed};
use super::disclosure::cell;
use super::roles::Role;

/// What bears on an allegation.
#[derive(Clone, Copy, Debug)]
pub struct AllegationFacts<'f> {
    /// The authority whose LADO has it.
    pub authority: LocalAuthorityId,
    /// Whom it is about.
    pub subject: PractitionerId,
    /// Where that person works.
    pub subject_agency: AgencyId,
    /// Who referred it, at which agency.
    pub referrer: (PractitionerId, AgencyId),
    /// The Operations Manager who leads.
    pub lead: Option<PractitionerId>,
    /// The child it names.
    pub child: Option<&'f ChildFacts>,
    /// Its reader list.
    pub readers: &'f [ListEntry],
}

/// True for who holds the duty of the LADO, in a post of social care.
pub fn is_lado(who: &Standing) -> bool {
    who.holds(Duty::Lado) && who.role.holds_a_social_care_post()
}

/// True for posts that can read an allegation at all: those that run or audit the machine cannot, nor can systems.
pub fn may_ever_read(role: Role) -> bool {
    cell(role, Category::Allegation).listable()
}

/// Who reads the whole of it, where nothing forbids.
pub(super) fn read_in_whole(who: &Standing, it: &AllegationFacts<'_>) -> Decision {
    if !may_ever_read(who.role) {
        return Decision::DENIED;
    }
    let here = it.authority == who.authority;
    let leads = who.role == Role::ServiceManager && it.lead == Some(who.practitioner);
    if here && (is_lado(who) || leads) {
        return Decision::when(true, Ground::Duty);
    }
    Decision::when(is_listed(who, it.readers), Ground::Listed)
}

/// Who sees that there is one: its readers, and who referred it.
pub(super) fn seen(who: &Standing, it: &AllegationFacts<'_>) -> Decision {
    let whole = read_in_whole(who, it);
    if whole.allow {
        return whole;
    }
    Decision::when(may_ever_read(who.role) && it.referrer == (who.practitioner, who.agency), Ground::Own)
}

/// Any post of social care, and those of other agencies that record restricted items; nobody about themselves.
pub(super) fn may_refer(who: &Standing, subject: PractitionerId) -> Result<(), Refusal> {
    if !who.role.holds_a_social_care_post() && !cell(who.role, Category::Restricted).writes() {
        return Err("Your post refers no allegations.");
    }
    if subject == who.practitioner {
        return Err("Nobody refers an allegation about themselves.");
    }
    Ok(())
}

pub(super) fn as_lado(who: &Standing) -> Result<(), Refusal> {
    if is_lado(who) { Ok(()) } else { Err("The LADO decides who leads on an allegation and who reads it.") }
}

pub(super) fn may_close(who: &Standing, lead: Option<PractitionerId>) -> Result<(), Refusal> {
    if is_lado(who) || (who.role == Role::ServiceManager && lead == Some(who.practitioner)) {
        Ok(())
    } else {
        Err("The LADO, or the Operations Manager who leads, closes an allegation.")
    }
}

/// True for posts that call a meeting about a professional, and lead one (WAR-SM-06).
pub fn is_operations_manager(role: Role) -> bool {
    role == Role::ServiceManager
}
