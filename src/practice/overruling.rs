//! The chair's power to overrule a conference that would end a plan (LAN-DE-02): what the conference decided stands beside what
//! the chair decided, and the two do not contradict each other.

use entity::conference_child::Outcome;
use entity::id::ChildId;

use super::gaps::{Said, Sheet};
use super::items::Fact;

/// The item that says what the conference decided.
pub const DECISION: &str = "CONFERENCE_DECISION";
/// What it says.
pub const ENDS: &str = "CP_PLAN_ENDS";
/// The rule.
pub const RULE: &str = "LAN-DE-02";

/// The children about whom a record says that the chair overruled its conference.
pub fn overruled(sheet: &Sheet) -> Vec<ChildId> {
    let says = |said: &&Said| said.item == DECISION && said.choice.as_deref() == Some(ENDS);
    sheet.said.iter().filter(says).filter_map(|said| said.subject.child).collect()
}

/// Whether it was decided for a child already, and otherwise than that its plan goes on: there is nothing that the chair could
/// have overruled.
pub fn contradicts(sheet: &Sheet, child: ChildId) -> bool {
    let facts = sheet.children.iter().filter(|(id, _)| *id == child).flat_map(|(_, facts)| facts);
    let made_here = sheet.facts.contains(&Fact::Initial);
    facts.into_iter().any(|fact| match fact {
        Fact::PlanEnds | Fact::WithoutPlan | Fact::NoPlan => true,
        Fact::CpPlan => made_here,
        _ => false,
    })
}

/// Whether the outcome for a child is the one that an override leads to.
pub fn goes_on(outcome: Outcome) -> bool {
    outcome == Outcome::CpPlanContinues
}

/// Whether a plan goes on that a record says the conference would have ended.
pub fn is_overruled(sheet: &Sheet, child: ChildId) -> bool {
    let of = sheet.children.iter().find(|(id, _)| *id == child);
    of.is_some_and(|(_, facts)| facts.contains(&Fact::CpPlan)) && !contradicts(sheet, child)
}

#[cfg(test)]
mod tests {
    use entity::entry::Record;
    use uuid::Uuid;

    use super::super::gaps::Subject;
    use super::*;

    const CHILD: ChildId = ChildId(Uuid::from_u128(1));

    fn sheet(kind: Fact, of_child: &[Fact]) -> Sheet {
        let mut sheet = Sheet::blank(Record::Conference, "2026-11-24");
        sheet.facts.insert(kind);
        sheet.children = vec![(CHILD, of_child.iter().copied().collect())];
        sheet
    }

    #[test]
    fn an_override_stands_where_the_plan_goes_on() {
        let table = [
            (Fact::Review, &[][..], false, false),
            (Fact::Review, &[Fact::CpPlan], false, true),
            (Fact::Review, &[Fact::PlanEnds, Fact::WithoutPlan], true, false),
            (Fact::Initial, &[Fact::CpPlan], true, false),
            (Fact::Initial, &[Fact::NoPlan, Fact::WithoutPlan], true, false),
        ];
        for (kind, facts, against, stands) in table {
            let sheet = sheet(kind, facts);
            assert_eq!(
                (contradicts(&sheet, CHILD), is_overruled(&sheet, CHILD)),
                (against, stands),
                "{kind:?} {facts:?}"
            );
        }
        let mut said = sheet(Fact::Review, &[]);
        assert_eq!(overruled(&said), []);
        let subject = Subject { child: Some(CHILD), ..Subject::default() };
        said.said.push(Said { item: DECISION.into(), subject, choice: Some(ENDS.into()), ..Said::default() });
        assert_eq!(overruled(&said), [CHILD]);
        assert!(goes_on(Outcome::CpPlanContinues) && !goes_on(Outcome::CpPlanEnds));
    }
}
