//! What is due because of what a conference has written down: support that is referred and discussed before a plan ends, and
//! the plan that follows one.

use entity::deadline::Kind;
use entity::id::ChildId;

use super::gaps::Sheet;
use super::items::Fact;

/// The level of the continuum of need at which support can be given.
pub const SUPPORT_LEVEL: &str = "SUPPORT_LEVEL";
/// The plan that follows.
pub const FOLLOW_ON: &str = "FOLLOW_ON";
/// What can be due so.
pub const FOLLOWING: [Kind; 3] = [Kind::SupportReferral, Kind::SupportDiscussion, Kind::FollowOnPlan];

/// What is due by what stands on the record of a conference now: support at level 3 is referred and discussed (LAN-SD-03); a
/// plan that was recommended where a child protection plan ends is made (WAR-SD-02), and not where none was made (AMB-37).
pub fn following(sheet: &Sheet) -> Vec<(Kind, ChildId)> {
    let mut due = Vec::new();
    for (child, facts) in &sheet.children {
        let mut said = sheet.said.iter().filter(|said| said.subject.child == Some(*child));
        let of_support = |item: &str, number: Option<i32>| item == SUPPORT_LEVEL && number == Some(3);
        if said.clone().any(|said| of_support(&said.item, said.number)) {
            due.extend([(Kind::SupportReferral, *child), (Kind::SupportDiscussion, *child)]);
        }
        let plan = said
            .any(|said| said.item == FOLLOW_ON && matches!(said.choice.as_deref(), Some("CIN_PLAN" | "EARLY_HELP")));
        if plan && facts.contains(&Fact::PlanEnds) {
            due.push((Kind::FollowOnPlan, *child));
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use entity::entry::Record;

    use super::super::gaps::{Said, Subject};
    use super::*;

    #[test]
    fn what_follows_is_what_stands_on_the_record() {
        use Kind::{FollowOnPlan, SupportDiscussion, SupportReferral};
        let child = ChildId(uuid::Uuid::from_u128(1));
        let with = |facts: &[Fact], item: &str, choice: Option<&str>, number: Option<i32>| {
            let said = Said {
                item: item.to_owned(),
                subject: Subject { child: Some(child), ..Subject::default() },
                choice: choice.map(str::to_owned),
                number,
                ..Said::default()
            };
            let sheet = Sheet {
                children: vec![(child, facts.iter().copied().collect())],
                said: vec![said],
                ..Sheet::blank(Record::Conference, "2026-11-24")
            };
            following(&sheet).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
        };
        let ends = [Fact::PlanEnds, Fact::WithoutPlan];
        assert_eq!(with(&ends, FOLLOW_ON, Some("CIN_PLAN"), None), [FollowOnPlan]);
        assert_eq!(with(&ends, FOLLOW_ON, Some("EARLY_HELP"), None), [FollowOnPlan]);
        assert_eq!(with(&ends, FOLLOW_ON, Some("NONE"), None), []);
        assert_eq!(with(&[Fact::NoPlan, Fact::WithoutPlan], FOLLOW_ON, Some("CIN_PLAN"), None), [], "AMB-37");
        assert_eq!(with(&[], FOLLOW_ON, Some("CIN_PLAN"), None), [], "not decided yet");
        assert_eq!(with(&[], SUPPORT_LEVEL, None, Some(3)), [SupportReferral, SupportDiscussion]);
        assert_eq!(with(&[], SUPPORT_LEVEL, None, Some(2)), []);
    }
}
