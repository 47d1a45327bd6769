//! What stands on records: seen with the record it is on, by those it is for.

use entity::category::Category;
use entity::entry::Record;
use entity::{
    conference, core_group_meeting, document_copy, document_issue, enquiry, entry, episode, event, person, plan,
    strategy_meeting,
};
use sea_orm::sea_query::{IntoCondition as _, Query};
use sea_orm::{ColumnTrait, Condition};

use super::reach::{asked_about, reaches, within_reach};
use super::{absent_or_seen, lists, seen};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::records::audiences;
use crate::policy::roles::Role;
use crate::store::nothing;
use crate::store::record::OnARecord;

/// Rows on a record that the reader sees.
pub(super) fn on_seen<E: OnARecord>(who: &Standing) -> Condition {
    Condition::all()
        .add(absent_or_seen::<strategy_meeting::Entity>(who, E::column(Record::StrategyMeeting)))
        .add(absent_or_seen::<enquiry::Entity>(who, E::column(Record::Enquiry)))
        .add(absent_or_seen::<conference::Entity>(who, E::column(Record::Conference)))
        .add(absent_or_seen::<core_group_meeting::Entity>(who, E::column(Record::CoreGroupMeeting)))
        .add(absent_or_seen::<plan::Entity>(who, E::column(Record::Plan)))
}

/// Entries on a record that the reader sees, for readers like them, about a child and a person they see. That a meeting
/// is about a child is told to who was asked for it, and no entry tells where a child is.
pub(super) fn entries(who: &Standing) -> Condition {
    use entry::Column as C;
    let asked = (!who.role.holds_the_record()).then(|| {
        let asked = asked_about(who, C::StrategyMeetingId, C::ChildId);
        Condition::any().add(C::StrategyMeetingId.is_null()).add(asked)
    });
    let child = Condition::all().add(reaches(who, C::ChildId)).add_option(asked);
    Condition::all()
        .add(C::Audience.is_in(audiences(who.role).iter().copied()))
        .add(Condition::any().add(C::ChildId.is_null()).add(child))
        .add(absent_or_seen::<person::Entity>(who, C::PersonId))
        .add(lists::entries(who))
        .add(on_seen::<entry::Entity>(who))
}

/// Enquiries about a child in reach: for those who hold the record and those who were asked to the meeting that began
/// them, with that meeting; for chair and minute taker where it is not about a professional.
pub(super) fn enquiries(who: &Standing) -> Condition {
    use enquiry::Column as C;
    let mine = Condition::all().add(within_reach(who, C::ChildId));
    match who.role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager => {
            mine.add(seen::<strategy_meeting::Entity>(who, C::StrategyMeetingId))
        }
        Role::Chair | Role::MinuteTaker => {
            let about_professionals = Query::select()
                .column(strategy_meeting::Column::Id)
                .from(strategy_meeting::Entity)
                .and_where(strategy_meeting::Column::AllegationId.is_not_null())
                .take();
            mine.add(C::StrategyMeetingId.not_in_subquery(about_professionals))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => mine
            .add(seen::<strategy_meeting::Entity>(who, C::StrategyMeetingId))
            .add(asked_about(who, C::StrategyMeetingId, C::ChildId)),
        Role::SystemAdmin | Role::Auditor | Role::AgencySystem => nothing().into_condition(),
    }
}

/// Episodes of a child in reach: for those who hold the record, and for chair and minute taker. A case is social care's own:
/// no other agency was asked to it.
pub(super) fn episodes(who: &Standing) -> Condition {
    if who.role.holds_a_social_care_post() {
        within_reach(who, episode::Column::ChildId).into_condition()
    } else {
        nothing().into_condition()
    }
}

/// Events of entries for readers like them.
pub(super) fn told(who: &Standing) -> Condition {
    use event::Column as C;
    Condition::any().add(C::Audience.is_null()).add(C::Audience.is_in(audiences(who.role).iter().copied()))
}

/// Copies of a document of a record that the reader sees: the own ones; to whom else it went, for those who send it.
pub(super) fn copies(who: &Standing) -> Condition {
    use document_copy::Column as C;
    let sends = matches!(who.role, Role::Chair | Role::MinuteTaker)
        || cell(who.role, Category::ProtectedAddress) == Cell::Write;
    Condition::all()
        .add_option((!sends).then(|| C::AgencyId.eq(who.agency)))
        .add(seen::<document_issue::Entity>(who, C::DocumentIssueId))
}
