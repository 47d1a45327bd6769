//! What may leave in an export, and who asks for and approves one.

use entity::category::Category;
use entity::id::{LocalAuthorityId, PractitionerId};

use super::Standing;
use super::actions::Refusal;
use super::disclosure::{Cell, cell};
use super::roles::Role;

/// The categories an export can show. What is withheld item by item, and all that would give a protected address away,
/// is never in one.
pub const EXPORTABLE: [Category; 5] = [
    Category::Identity,
    Category::Plan,
    Category::DangerStatements,
    // of these, what stands on the records of the process
    Category::SocialCareAssessment,
    Category::FamilyViews,
];

/// Who asked for an export, and at which authority.
#[derive(Clone, Copy, Debug)]
pub struct Requester {
    /// The person.
    pub practitioner: PractitionerId,
    /// The authority.
    pub authority: LocalAuthorityId,
}

/// Whether `role` reads each of `categories` in full.
pub fn reads_in_full(role: Role, categories: &[Category]) -> bool {
    categories.iter().all(|category| match cell(role, *category) {
        Cell::Write | Cell::Full => true,
        Cell::Released
        | Cell::Own
        | Cell::OwnAndReleased
        | Cell::Summary
        | Cell::Listed
        | Cell::ListedAndOwn
        | Cell::Aggregate
        | Cell::Nothing => false,
    })
}

/// A manager of the same authority decides about an export, and nobody about their own.
pub(super) fn may_decide(who: &Standing, requester: &Requester) -> Result<(), Refusal> {
    if requester.practitioner == who.practitioner {
        return Err("Nobody decides about an export of their own.");
    }
    match who.role {
        Role::TeamManager | Role::ServiceManager if requester.authority == who.authority => Ok(()),
        _ => Err("A manager of the same authority decides about exports."),
    }
}
