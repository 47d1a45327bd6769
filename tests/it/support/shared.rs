//! What a share between authorities shows of the record it was made from, as the document has it.

use entity::id::ChildId;
use uuid::Uuid;

use super::expected::Eyes;

impl Eyes<'_> {
    /// True for what a share with this person's social care holds a copy of.
    pub(super) fn was_shared(&self, table: &str, column: &str, id: Uuid) -> bool {
        let facts = self.facts;
        let received = |child: ChildId| {
            facts.transfer_share.iter().any(|s| {
                let mine = self.role_is(&[1, 2]) || (self.role_is(&[0]) && s.worker_id == Some(self.who));
                s.child_id == child && s.to_agency_id == self.agency && s.withdrawn_at.is_none() && mine
            }) && !self.closed.contains(&child)
        };
        match (table, column) {
            (
                "child",
                "given_name"
                | "family_name"
                | "born_on"
                | "expected_on"
                | "nhs_number"
                | "upn"
                | "first_language"
                | "communication_needs",
            ) => facts.child.iter().any(|row| row.id.0 == id && received(row.id)),
            ("plan", "danger_statement" | "safety_statement" | "category_latest" | "visit_every_days") => {
                facts.plan.iter().any(|row| row.id.0 == id && received(row.child_id))
            }
            ("plan_action", "description") => facts.plan_action.iter().any(|r| r.id.0 == id && received(r.child_id)),
            ("conference_child", "outcome") => {
                facts.conference_child.iter().any(|row| row.id.0 == id && received(row.child_id))
            }
            // it speaks of all the children
            ("conference", "summary") => {
                let mut about = facts.conference_child.iter().filter(|row| row.conference_id.0 == id);
                about.next().is_some_and(|row| received(row.child_id)) && about.next().is_none()
            }
            _ => false,
        }
    }
}
