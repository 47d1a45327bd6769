//! The only row filters of the program: one rule a table, all of them built from the involvement rows in force.
//!
//! Who reaches which involvement is policy (`policy::visibility`); here it becomes SQL. A table without a rule
//! cannot be read: `Scoped::rows` asks for [`Visible`].

mod child_feed;
mod emergency;
mod kept;
mod officers;
mod oversight;
mod transfer;

pub(super) mod allegation;

pub(super) use self::child_feed::events_about;
pub(super) use self::emergency::has_officer;
pub(super) use self::kept::status_known;
use self::oversight::{overseen, oversees};

use entity::category::Category;
use entity::{
    access_alert, access_review, access_review_entry, agency, appointment, chair_delegation, child, circulation,
    conference, conference_child, conference_report, conflict, core_group, core_group_meeting, core_group_member,
    designation, emergency_access, event, export, household, invitation, involvement, local_authority, membership,
    notice, person, plan, plan_action, practitioner, reader_listing, report_request, restricted_item, strategy_meeting,
    strategy_meeting_child, transfer_share,
};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{Expr, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _};
use serde::de::DeserializeOwned;

use super::audit::ledger::Recorded;
use super::{in_force, nothing};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::policy::visibility::{Visibility, visibility};

pub(super) mod lists;

/// A table with a row rule, and a way its readings are recorded.
pub trait Visible: Recorded<Model: DeserializeOwned + Send + Sync> {
    /// The rows of this table that `who` may see.
    fn rows(who: &Standing) -> Condition;
    /// The id column.
    fn id_column() -> Self::Column;
}

macro_rules! visible {
    ($($table:ident: |$who:ident| $rule:expr;)+) => { $(
        impl Visible for $table::Entity {
            fn rows($who: &Standing) -> Condition { ($rule).into_condition() }
            fn id_column() -> Self::Column { $table::Column::Id }
        }
    )+ };
}

visible! {
    // who works where is no secret among those who work together
    local_authority: |_who| Condition::all();
    agency: |_who| Condition::all();
    practitioner: |_who| Condition::all();
    designation: |_who| Condition::all();
    appointment: |who| appointment::Column::PractitionerId.eq(who.practitioner);

    child: |who| child::Column::Id.in_subquery(children(who));
    // what a meeting gave betrays the meeting: it is told to those who may know of that
    involvement: |who| Condition::all()
        .add(involvement::Column::ChildId.in_subquery(children(who)))
        .add(absent_or(involvement::Column::StrategyMeetingId, ids::<strategy_meeting::Entity>(who)))
        .add(absent_or(involvement::Column::ConferenceId, ids::<conference::Entity>(who)))
        .add_option((!who.role.holds_the_record())
            .then(|| involvement::Column::Basis.ne(involvement::Basis::BreakGlass)))
        .add(lists::involvements(who));
    // told to those who hold the record; never to the person it closes or closed the child to. An allegation is for the
    // service manager and who recorded it
    conflict: |who| if who.role.holds_the_record() {
        Condition::all()
            .add(conflict::Column::ChildId.in_subquery(children(who)))
            .add(conflict::Column::PractitionerId.ne(who.practitioner))
            .add(allegation::told(who, conflict::Column::AllegationId))
            .add_option((who.role != Role::ServiceManager).then(|| {
                conflict::Column::Kind.ne(conflict::Kind::AllegationSubject)
                    .or(conflict::Column::RecordedBy.eq(who.practitioner))
            }))
    } else {
        nothing().into_condition()
    };
    household: |who| Condition::all()
        .add(household::Column::Id.in_subquery(
            with_child(membership::Column::HouseholdId, membership::Column::ChildId, children(who)),
        ))
        .add(household::Column::Id.not_in_subquery(
            with_child(membership::Column::HouseholdId, membership::Column::ChildId, conflicted(who)),
        ));
    // children of the household outside the reader's scope are left out, and no count betrays them; adults are for those
    // who read the household, not its summary
    membership: |who| Condition::all()
        .add_option((cell(who.role, Category::Household) == Cell::Summary)
            .then(|| membership::Column::ChildId.is_not_null()))
        .add(membership::Column::HouseholdId.in_subquery(ids::<household::Entity>(who)))
        .add(membership::Column::ChildId.is_null().or(membership::Column::ChildId.in_subquery(children(who))));
    person: |who| person::Column::Id.in_subquery(
        Query::select()
            .column(membership::Column::PersonId)
            .from(membership::Entity)
            .and_where(membership::Column::PersonId.is_not_null())
            .cond_where(membership::Entity::rows(who))
            .to_owned(),
    );

    // only those who were asked, and the social care staff who hold the record: an agency that is involved but was
    // not asked gets no object, no event, no count
    strategy_meeting: |who| {
        let record = who.role.holds_the_record();
        let mine = if record {
            meetings_about(children(who))
        } else {
            // the record of a meeting stays with those who were asked to it; the child's does not
            reached_ever(who, involvement::Column::StrategyMeetingId)
        };
        let mine = Condition::all()
            .add(strategy_meeting::Column::Id.in_subquery(mine))
            .add(if record { allegation::meetings_told(who) } else { allegation::meetings_told_at_agency(who) });
        Condition::all()
            .add(Condition::any().add(mine).add_option(allegation::meetings_of_lado(who)))
            .add(strategy_meeting::Column::Id.not_in_subquery(meetings_about(conflicted(who))))
            .add(strategy_meeting::Column::Id.not_in_subquery(allegation::meetings_about(who)))
    };
    // a meeting is about several children, and an agency is asked for some of them
    strategy_meeting_child: |who| Condition::all()
        .add(if who.role.holds_the_record() {
            strategy_meeting_child::Column::ChildId.in_subquery(children(who))
        } else {
            asked_about(who)
        })
        .add(strategy_meeting_child::Column::StrategyMeetingId.in_subquery(ids::<strategy_meeting::Entity>(who)));

    // those about a child in scope; chair and minute taker: of these the ones that are or were assigned to them
    conference: |who| {
        let assigned = match visibility(who) {
            Visibility::Conferences(_) => Some(reached_ever(who, involvement::Column::ConferenceId)),
            Visibility::Named(_) | Visibility::Team(_) | Visibility::Agency(_) | Visibility::Nothing => None,
        };
        Condition::all()
            .add(conference::Column::Id.in_subquery(conferences_about(children(who))))
            .add_option(assigned.map(|those| conference::Column::Id.in_subquery(those)))
            .add(conference::Column::Id.not_in_subquery(conferences_about(conflicted(who))))
    };
    transfer_share: |who| transfer::shares(who);
    chair_delegation: |who| chair_delegation::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who));
    conference_child: |who| Condition::all()
        .add(conference_child::Column::ChildId.in_subquery(children(who)))
        .add(conference_child::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)));

    invitation: |who| Condition::all().add(lists::invitations(who)).add(Condition::any()
        .add(to_no_closed_meeting(who).add(own(who, invitation::Column::AgencyId)))
        .add(invitation::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
        .add(invitation::Column::StrategyMeetingId.in_subquery(ids::<strategy_meeting::Entity>(who)))
        .add(invitation::Column::CoreGroupMeetingId.in_subquery(ids::<core_group_meeting::Entity>(who))));

    report_request: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, report_request::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(report_request::Column::ChildId.in_subquery(children(who)))
                .add(report_request::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::all()
            .add(report_request::Column::AgencyId.eq(who.agency))
            .add(report_request::Column::ConferenceId.not_in_subquery(conferences_about(conflicted(who))))
            .add(report_request::Column::ChildId.in_subquery(children(who))),
        Role::SystemAdmin | Role::Auditor => nothing().into_condition(),
    };
    // own reports; submitted ones for those who hold the conference; for the other agencies the copies they were sent:
    // both stay an agency's own when its involvement has ended, and earlier ones do not open to who joins later
    conference_report: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, conference_report::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(conference_report::Column::ChildId.in_subquery(children(who)))
                .add(conference_report::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
                .add(conference_report::Column::State.ne(conference_report::State::Draft)
                    .or(conference_report::Column::AgencyId.eq(who.agency)))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::all()
            .add(conference_report::Column::ChildId.not_in_subquery(conflicted(who)))
            .add(conference_report::Column::ConferenceId.not_in_subquery(conferences_about(conflicted(who))))
            .add(Condition::any()
                .add(conference_report::Column::AgencyId.eq(who.agency))
                .add(conference_report::Column::Id.in_subquery(circulated_to(who))))
            .add(kept_by(who, conference_report::Column::ChildId, conference_report::Column::AuthorId)),
        Role::SystemAdmin | Role::Auditor => nothing().into_condition(),
    };

    plan: |who| plan::Column::ChildId.in_subquery(children(who));
    plan_action: |who| if who.role == Role::OtherAgency {
        Condition::all()
            .add(plan_action::Column::ChildId.in_subquery(children(who)))
            .add(plan_action::Column::OwnerAgencyId.eq(who.agency))
    } else {
        Condition::all().add(plan_action::Column::ChildId.in_subquery(children(who)))
    };
    core_group: |who| core_group::Column::ChildId.in_subquery(children(who));
    core_group_member: |who| Condition::all()
        .add(core_group_member::Column::CoreGroupId.in_subquery(ids::<core_group::Entity>(who)))
        .add(lists::core_group_members(who));
    core_group_meeting: |who| core_group_meeting::Column::ChildId.in_subquery(children(who));

    restricted_item: |who| lists::items(who);
    reader_listing: |who| lists::listings(who);
    emergency_access: |who| emergency::accesses(who);
    notice: |who| emergency::notices(who);

    // how an agency uses the record is read by those who oversee it, and by nobody about themselves
    access_alert: |who| Condition::all()
        .add(overseen(who, access_alert::Column::AgencyId))
        .add(access_alert::Column::PractitionerId.ne(who.practitioner));

    access_review: |who| oversees(who).add(access_review::Column::LocalAuthorityId.eq(who.authority));
    // where they oversee the agency; managers also the relationships to children their agency works with; nobody
    // about themselves, and nothing of a child that is closed to them
    access_review_entry: |who| {
        use access_review_entry::Column as C;
        let mut mine = Condition::any().add(overseen(who, C::AgencyId));
        if who.role == Role::ServiceManager {
            mine = mine.add(C::ChildId.in_subquery(children(who)));
        }
        Condition::all()
            .add(C::AccessReviewId.in_subquery(ids::<access_review::Entity>(who)))
            .add(mine)
            .add(C::PractitionerId.is_null().or(C::PractitionerId.ne(who.practitioner)))
            .add(C::ChildId.is_null().or(C::ChildId.not_in_subquery(conflicted(who))))
    };

    // who asked for it, those who may decide about it, and who audits: what it says of itself, never its rows
    export: |who| {
        use export::Column as C;
        let own = C::RequestedBy.eq(who.practitioner).and(C::AgencyId.eq(who.agency));
        match who.role {
            Role::TeamManager | Role::ServiceManager | Role::Auditor => {
                Condition::any().add(own).add(C::LocalAuthorityId.eq(who.authority))
            }
            Role::SocialWorker | Role::Chair | Role::MinuteTaker | Role::Police | Role::Health | Role::Education
            | Role::EarlyHelp | Role::OtherAgency | Role::SystemAdmin | Role::AgencySystem => Condition::any().add(own),
        }
    };

    // an event is as visible as everything it names; emergency access is named to those who have a notice of it
    event: |who| Condition::all()
        .add(event::Column::LocalAuthorityId.eq(who.authority))
        .add(absent_or(event::Column::StrategyMeetingId, ids::<strategy_meeting::Entity>(who)))
        .add(absent_or(event::Column::ConferenceId, ids::<conference::Entity>(who)))
        .add(absent_or(event::Column::InvitationId, answered(who)))
        .add(absent_or(event::Column::ConferenceReportId, ids::<conference_report::Entity>(who)))
        .add(absent_or(event::Column::CoreGroupId, ids::<core_group::Entity>(who)))
        .add(absent_or(event::Column::InvolvementId, ids::<involvement::Entity>(who)))
        .add(absent_or(event::Column::ConflictId, ids::<conflict::Entity>(who)))
        .add(absent_or(event::Column::RestrictedItemId, ids::<restricted_item::Entity>(who)))
        .add(absent_or(event::Column::ReaderListingId, ids::<reader_listing::Entity>(who)))
        .add(absent_or(event::Column::TransferShareId, ids::<transfer_share::Entity>(who)))
        .add(absent_or(event::Column::DesignationId, ids::<designation::Entity>(who)))
        .add(absent_or(event::Column::EmergencyAccessId, emergency::noticed(who)))
        .add(absent_or(event::Column::ExportId, ids::<export::Entity>(who)))
        .add(absent_or(event::Column::AccessReviewId, ids::<access_review::Entity>(who)))
        .add(allegation::told_events(who));
}

impl Visible for entity::allegation::Entity {
    fn rows(who: &Standing) -> Condition {
        allegation::seen(who)
    }
    fn id_column() -> Self::Column {
        entity::allegation::Column::Id
    }
}

/// The invitations that count in the non-attendance figures of `who`, by the cell of that category: chairs and
/// service managers count their authority's, workers and managers the meetings they see, other agencies their own. None
/// to a meeting that a conflict of interest closes.
pub fn counted(who: &Standing) -> Condition {
    match cell(who.role, Category::NonAttendance) {
        Cell::Full | Cell::Aggregate if matches!(who.role, Role::Chair | Role::ServiceManager | Role::Auditor) => {
            // SECURITY: widened from the meetings in scope to the authority; only counts leave
            to_no_closed_meeting(who)
                .add(invitation::Column::LocalAuthorityId.eq(who.authority))
                // but for meetings about professionals, whose number alone would tell of them
                .add(absent_or_not(invitation::Column::StrategyMeetingId, allegation::meetings_about_anybody()))
        }
        Cell::Full => invitation::Entity::rows(who),
        Cell::Own => invitation::Entity::rows(who).add(invitation::Column::AgencyId.eq(who.agency)),
        Cell::Write
        | Cell::Released
        | Cell::OwnAndReleased
        | Cell::Summary
        | Cell::Listed
        | Cell::ListedAndOwn
        | Cell::Aggregate
        | Cell::Nothing => nothing().into_condition(),
    }
}

/// The invitations whose answer is told: the own ones, and all where other agencies' answers are open.
fn answered(who: &Standing) -> SelectStatement {
    let mut select = ids::<invitation::Entity>(who);
    if cell(who.role, Category::NonAttendance) != Cell::Full {
        select.and_where(invitation::Column::AgencyId.eq(who.agency));
    }
    select
}

/// The involvement rows that reach `who`, whenever they are in force, as one column of them. None of a child that a
/// conflict of interest closes.
fn reached_ever(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    let mine = match visibility(who) {
        // the relationship is the agency's: it does not follow the person to another
        Visibility::Named(person) => C::PractitionerId.eq(person).and(C::AgencyId.eq(who.agency)),
        Visibility::Team(teams) => C::TeamId.is_in(teams.iter().copied()),
        Visibility::Agency(agency) => C::AgencyId.eq(agency),
        Visibility::Conferences(person) => C::PractitionerId
            .eq(person)
            .and(C::AgencyId.eq(who.agency))
            .and(C::Basis.is_in([involvement::Basis::Chair, involvement::Basis::MinuteTaker])),
        Visibility::Nothing => nothing(),
    };
    Query::select()
        .column(column)
        .from(involvement::Entity)
        .and_where(mine)
        .and_where(C::StartsAt.lte(who.at))
        .and_where(C::ChildId.not_in_subquery(conflicted(who)))
        .and_where(column.is_not_null())
        .to_owned()
}

/// Children of a strategy meeting for whom the reader was asked to it.
fn asked_about(who: &Standing) -> Expr {
    let same =
        |own: strategy_meeting_child::Column, row: involvement::Column| own.into_expr().equals(row.as_column_ref());
    let asked = reached_ever(who, involvement::Column::Id)
        .and_where(same(strategy_meeting_child::Column::StrategyMeetingId, involvement::Column::StrategyMeetingId))
        .and_where(same(strategy_meeting_child::Column::ChildId, involvement::Column::ChildId))
        .to_owned();
    Expr::exists(asked)
}

/// The involvement rows in force that reach `who`, as one column of them.
fn reached(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    reached_ever(who, column).cond_where(in_force(C::StartsAt, C::EndsAt, who.at)).to_owned()
}

/// The children that a conflict of interest in force closes to the person, whatever else would open them.
pub(super) fn conflicted(who: &Standing) -> SelectStatement {
    use conflict::Column as C;
    Query::select()
        .column(C::ChildId)
        .from(conflict::Entity)
        .and_where(C::PractitionerId.eq(who.practitioner))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .to_owned()
}

/// One column of the rows of a table whose child is among `children`.
fn with_child<C: ColumnTrait>(column: C, child: C, children: SelectStatement) -> SelectStatement {
    Query::select()
        .column(column)
        .from(C::EntityName::default().table_ref())
        .and_where(child.in_subquery(children))
        .and_where(column.is_not_null())
        .to_owned()
}

fn meetings_about(children: SelectStatement) -> SelectStatement {
    use strategy_meeting_child::Column as C;
    with_child(C::StrategyMeetingId, C::ChildId, children)
}

fn conferences_about(children: SelectStatement) -> SelectStatement {
    use conference_child::Column as C;
    with_child(C::ConferenceId, C::ChildId, children)
}

/// The invitations to what no conflict of interest closes.
fn to_no_closed_meeting(who: &Standing) -> Condition {
    Condition::all()
        .add(absent_or_not(invitation::Column::ConferenceId, conferences_about(conflicted(who))))
        .add(absent_or_not(invitation::Column::StrategyMeetingId, meetings_about(conflicted(who))))
        .add(absent_or_not(invitation::Column::StrategyMeetingId, allegation::meetings_about(who)))
        .add(absent_or_not(invitation::Column::StrategyMeetingId, allegation::meetings_about_colleagues(who)))
        .add(absent_or_not(invitation::Column::CoreGroupMeetingId, core_group_meetings_about(conflicted(who))))
}

fn core_group_meetings_about(children: SelectStatement) -> SelectStatement {
    use core_group_meeting::Column as C;
    with_child(C::Id, C::ChildId, children)
}

/// The versions of reports that were sent to the reader's agency and not taken back.
fn circulated_to(who: &Standing) -> SelectStatement {
    use circulation::Column as C;
    Query::select()
        .column(C::ConferenceReportId)
        .from(circulation::Entity)
        .and_where(C::AgencyId.eq(who.agency))
        .and_where(C::WithdrawnAt.is_null())
        .to_owned()
}

/// What an agency keeps: open to all its posts, or, in NAMED mode, to the author and to those who were ever named.
fn kept_by(who: &Standing, child: impl ColumnTrait, author: impl ColumnTrait) -> Condition {
    match visibility(who) {
        Visibility::Agency(_) => Condition::all(),
        Visibility::Named(person) => Condition::any()
            .add(author.eq(person))
            .add(child.in_subquery(reached_ever(who, involvement::Column::ChildId))),
        Visibility::Team(_) | Visibility::Conferences(_) | Visibility::Nothing => nothing().into_condition(),
    }
}

/// The ids of the children `who` reaches.
fn children(who: &Standing) -> SelectStatement {
    reached(who, involvement::Column::ChildId)
}

/// The ids of the rows of another table that `who` may see: rules compose by this.
fn ids<E: Visible>(who: &Standing) -> SelectStatement {
    Query::select().column(E::id_column()).from(E::default()).cond_where(E::rows(who)).to_owned()
}

/// Rows of the reader's own agency; nobody for posts that act for no agency, the named professionals only where
/// the agency is in NAMED mode (they come in by the child's rule instead).
fn own(who: &Standing, agency: impl ColumnTrait) -> sea_orm::sea_query::Expr {
    match who.role {
        Role::SystemAdmin | Role::Auditor => nothing(),
        Role::AgencySystem => agency.eq(who.agency),
        Role::SocialWorker
        | Role::TeamManager
        | Role::ServiceManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency => match visibility(who) {
            Visibility::Agency(_) => agency.eq(who.agency),
            Visibility::Named(_) | Visibility::Team(_) | Visibility::Conferences(_) | Visibility::Nothing => nothing(),
        },
    }
}

fn absent_or(column: impl ColumnTrait, visible: SelectStatement) -> Condition {
    Condition::any().add(column.is_null()).add(column.in_subquery(visible))
}

fn absent_or_not(column: impl ColumnTrait, closed: SelectStatement) -> Condition {
    Condition::any().add(column.is_null()).add(column.not_in_subquery(closed))
}
