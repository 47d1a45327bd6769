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
use entity::invitation::Meeting;
use entity::{
    access_alert, access_review, access_review_entry, agency, appointment, chair_delegation, child, circulation,
    conference, conference_child, conference_report, conflict, core_group, core_group_meeting, core_group_member,
    designation, emergency_access, event, export, household, invitation, involvement, local_authority, membership,
    notice, person, plan, plan_action, practitioner, reader_listing, report_request, restricted_item, strategy_meeting,
    strategy_meeting_child, transfer_share,
};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{Expr, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _, Iterable as _};
use serde::de::DeserializeOwned;

use super::audit::ledger::Recorded;
use super::{in_force, lasts, nothing};
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
            // as one term: whoever narrows the rows must not add an alternative to the rule
            fn rows($who: &Standing) -> Condition { Condition::all().add(($rule).into_condition()) }
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
        .add(absent_or_seen::<strategy_meeting::Entity>(who, involvement::Column::StrategyMeetingId))
        .add(absent_or_seen::<conference::Entity>(who, involvement::Column::ConferenceId))
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
        .add(unclosed(who, household::Column::Id, |closed| {
            with_child(membership::Column::HouseholdId, membership::Column::ChildId, closed)
        }));
    // children of the household outside the reader's scope are left out, and no count betrays them; adults are for those
    // who read the household, not its summary
    membership: |who| Condition::all()
        .add_option((cell(who.role, Category::Household) == Cell::Summary)
            .then(|| membership::Column::ChildId.is_not_null()))
        .add(membership::Column::HouseholdId.in_subquery(ids::<household::Entity>(who)))
        .add(Condition::any().add(membership::Column::ChildId.is_null()).add(reaches(who, membership::Column::ChildId)));
    person: |who| person::Column::Id.in_subquery(
        Query::select()
            .column(membership::Column::PersonId)
            .from(membership::Entity)
            .and_where(membership::Column::PersonId.is_not_null())
            .cond_where(membership::Entity::rows(who))
            .take(),
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
            .add(unclosed(who, strategy_meeting::Column::Id, meetings_about))
            .add_option(who.shut.alleged.then(|| strategy_meeting::Column::Id.not_in_subquery(allegation::meetings_about(who))))
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
        let in_reach = if who.broad {
            about_each(who)
        } else {
            conference::Column::Id.in_subquery(conferences_about(children(who)))
        };
        Condition::all()
            .add(in_reach)
            .add_option(assigned.map(|those| conference::Column::Id.in_subquery(those)))
            .add(unclosed(who, conference::Column::Id, conferences_about))
    };
    transfer_share: |who| transfer::shares(who);
    chair_delegation: |who| chair_delegation::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who));
    conference_child: |who| Condition::all()
        .add(conference_child::Column::ChildId.in_subquery(children(who)))
        .add(conference_child::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)));

    invitation: |who| Meeting::iter().fold(Condition::any(), |any, meeting| any.add(invitations_to(who, meeting)));

    report_request: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, report_request::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(report_request::Column::ChildId.in_subquery(children(who)))
                .add(report_request::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::all()
            .add(report_request::Column::AgencyId.eq(who.agency))
            .add(unclosed(who, report_request::Column::ConferenceId, conferences_about))
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
            .add(unclosed(who, conference_report::Column::ChildId, |closed| closed))
            .add(unclosed(who, conference_report::Column::ConferenceId, conferences_about))
            .add(Condition::any()
                .add(conference_report::Column::AgencyId.eq(who.agency))
                .add(Expr::exists(circulated_to(who))))
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
            .add(unclosed(who, C::ChildId, |closed| closed))
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
        .add(absent_or_seen::<strategy_meeting::Entity>(who, event::Column::StrategyMeetingId))
        .add(absent_or_seen::<conference::Entity>(who, event::Column::ConferenceId))
        .add(absent_or(event::Column::InvitationId, answered(who)))
        .add(absent_or_seen::<conference_report::Entity>(who, event::Column::ConferenceReportId))
        .add(absent_or_seen::<core_group::Entity>(who, event::Column::CoreGroupId))
        .add(absent_or_seen::<involvement::Entity>(who, event::Column::InvolvementId))
        .add(absent_or_seen::<conflict::Entity>(who, event::Column::ConflictId))
        .add(absent_or_seen::<restricted_item::Entity>(who, event::Column::RestrictedItemId))
        .add(absent_or_seen::<reader_listing::Entity>(who, event::Column::ReaderListingId))
        .add(absent_or_seen::<transfer_share::Entity>(who, event::Column::TransferShareId))
        .add(absent_or_seen::<designation::Entity>(who, event::Column::DesignationId))
        .add(absent_or(event::Column::EmergencyAccessId, emergency::noticed(who)))
        .add(absent_or_seen::<export::Entity>(who, event::Column::ExportId))
        .add(absent_or_seen::<access_review::Entity>(who, event::Column::AccessReviewId))
        .add(allegation::told_events(who));
}

impl Visible for entity::allegation::Entity {
    fn rows(who: &Standing) -> Condition {
        Condition::all().add(allegation::seen(who))
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
        .cond_where(unclosed(who, C::ChildId, |closed| closed))
        // every relationship is to a child, and not every one comes from a meeting
        .and_where_option((!matches!(column, C::ChildId)).then(|| column.is_not_null()))
        .take()
}

/// Children of a strategy meeting for whom the reader was asked to it.
fn asked_about(who: &Standing) -> Expr {
    let same =
        |own: strategy_meeting_child::Column, row: involvement::Column| own.into_expr().equals(row.as_column_ref());
    let asked = reached_ever(who, involvement::Column::Id)
        .and_where(same(strategy_meeting_child::Column::StrategyMeetingId, involvement::Column::StrategyMeetingId))
        .and_where(same(strategy_meeting_child::Column::ChildId, involvement::Column::ChildId))
        .take();
    Expr::exists(asked)
}

/// The involvement rows in force that reach `who`, as one column of them.
fn reached(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    // that it has begun is said there
    reached_ever(who, column).cond_where(lasts(C::EndsAt, who.at)).take()
}

/// Leaves out rows that a conflict of interest closes, by a column and the values of it that are about `closed` children.
pub(super) fn unclosed<C: ColumnTrait>(
    who: &Standing,
    column: C,
    about: impl FnOnce(SelectStatement) -> SelectStatement,
) -> Condition {
    // as one term, which others are added to
    let open = Condition::all();
    if who.shut.conflicts { open.add(absent_or_not(column, about(conflicted(who)))) } else { open }
}

/// The children that a conflict of interest in force closes to the person, whatever else would open them.
fn conflicted(who: &Standing) -> SelectStatement {
    use conflict::Column as C;
    Query::select()
        .column(C::ChildId)
        .from(conflict::Entity)
        .and_where(C::PractitionerId.eq(who.practitioner))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .take()
}

/// One column of the rows of a table whose child is among `children`.
fn with_child<C: ColumnTrait>(column: C, child: C, children: SelectStatement) -> SelectStatement {
    Query::select()
        .column(column)
        .from(C::EntityName::default().table_ref())
        .and_where(child.in_subquery(children))
        .and_where(column.is_not_null())
        .take()
}

fn meetings_about(children: SelectStatement) -> SelectStatement {
    use strategy_meeting_child::Column as C;
    with_child(C::StrategyMeetingId, C::ChildId, children)
}

fn conferences_about(children: SelectStatement) -> SelectStatement {
    use conference_child::Column as C;
    with_child(C::ConferenceId, C::ChildId, children)
}

/// The invitations to one kind of meeting that `who` may see: to meetings in scope, and the own ones. The rule of all
/// invitations is made of these; below a meeting, the one of its kind says the same in a third of the words.
pub(super) fn invitations_to(who: &Standing, meeting: Meeting) -> Condition {
    use invitation::Column as C;
    let (column, seen) = match meeting {
        Meeting::Conference => (C::ConferenceId, seen::<conference::Entity>(who, C::ConferenceId)),
        Meeting::StrategyMeeting => (C::StrategyMeetingId, seen::<strategy_meeting::Entity>(who, C::StrategyMeetingId)),
        Meeting::CoreGroup => (C::CoreGroupMeetingId, seen::<core_group_meeting::Entity>(who, C::CoreGroupMeetingId)),
    };
    Condition::all()
        .add(column.is_not_null())
        .add(lists::invitations(who, meeting))
        .add(Condition::any().add(open_meetings(who, meeting).add(own(who, C::AgencyId))).add(seen))
}

/// The invitations to meetings of one kind that nothing closes to the reader.
fn open_meetings(who: &Standing, meeting: Meeting) -> Condition {
    use invitation::Column as C;
    match meeting {
        Meeting::Conference => unclosed(who, C::ConferenceId, conferences_about),
        Meeting::CoreGroup => unclosed(who, C::CoreGroupMeetingId, core_group_meetings_about),
        Meeting::StrategyMeeting => {
            let alleged = || {
                Condition::all()
                    .add(absent_or_not(C::StrategyMeetingId, allegation::meetings_about(who)))
                    .add(absent_or_not(C::StrategyMeetingId, allegation::meetings_about_colleagues(who)))
            };
            Condition::all()
                .add(unclosed(who, C::StrategyMeetingId, meetings_about))
                .add_option(who.shut.alleged.then(alleged))
        }
    }
}

/// The invitations to what nothing closes to the reader.
fn to_no_closed_meeting(who: &Standing) -> Condition {
    Meeting::iter().fold(Condition::all(), |all, meeting| all.add(open_meetings(who, meeting)))
}

fn core_group_meetings_about(children: SelectStatement) -> SelectStatement {
    use core_group_meeting::Column as C;
    with_child(C::Id, C::ChildId, children)
}

/// That a version of a report was sent to the reader's agency and not taken back.
fn circulated_to(who: &Standing) -> SelectStatement {
    use circulation::Column as C;
    Query::select()
        .expr(Expr::val(1))
        .from(circulation::Entity)
        .and_where(C::ConferenceReportId.into_expr().equals(conference_report::Column::Id.as_column_ref()))
        .and_where(C::AgencyId.eq(who.agency))
        .and_where(C::WithdrawnAt.is_null())
        .take()
}

/// What an agency keeps: open to all its posts, or, in NAMED mode, to the author and to those who were ever named.
fn kept_by(who: &Standing, child: impl ColumnTrait, author: impl ColumnTrait) -> Condition {
    match visibility(who) {
        Visibility::Agency(_) => Condition::all(),
        Visibility::Named(person) => Condition::any().add(author.eq(person)).add(Expr::exists(
            reached_ever(who, involvement::Column::ChildId)
                .and_where(involvement::Column::ChildId.into_expr().equals(child.as_column_ref()))
                .take(),
        )),
        Visibility::Team(_) | Visibility::Conferences(_) | Visibility::Nothing => nothing().into_condition(),
    }
}

/// True of rows about a child that `who` reaches. Correlated like [`seen`], for where it stands among alternatives.
fn reaches(who: &Standing, child: impl ColumnTrait) -> Expr {
    use involvement::Column as C;
    Expr::exists(reached(who, C::ChildId).and_where(C::ChildId.into_expr().equals(child.as_column_ref())).take())
}

/// That a conference is about a child in reach, asked of each conference on the way along a list. The offset keeps the
/// planner from turning it round, which for an agency of thousands of children makes all their conferences first.
fn about_each(who: &Standing) -> Expr {
    use conference_child::Column as C;
    let about = Query::select()
        .expr(Expr::val(1))
        .from(conference_child::Entity)
        .and_where(C::ConferenceId.into_expr().equals(conference::Column::Id.as_column_ref()))
        .and_where(reaches(who, C::ChildId))
        .limit(1)
        .offset(0)
        .take();
    Expr::exists(about)
}

/// The ids of the children `who` reaches.
fn children(who: &Standing) -> SelectStatement {
    reached(who, involvement::Column::ChildId)
}

/// The ids of the rows of another table that `who` may see: rules compose by this.
fn ids<E: Visible>(who: &Standing) -> SelectStatement {
    Query::select().column(E::id_column()).from(E::default()).cond_where(E::rows(who)).take()
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

/// Rows whose `column` names a row of another table that `who` may see. Correlated, because it stands among alternatives:
/// there a subquery would be made of everything that is visible, for each question anew.
fn seen<E: Visible>(who: &Standing, column: impl ColumnTrait) -> Expr {
    let named = Query::select()
        .expr(Expr::val(1))
        .from(E::default())
        .and_where(E::id_column().into_expr().equals(column.as_column_ref()))
        .cond_where(E::rows(who))
        .take();
    Expr::exists(named)
}

/// Rows whose `column` names nothing, or a row that `who` may see.
fn absent_or_seen<E: Visible>(who: &Standing, column: impl ColumnTrait) -> Condition {
    Condition::any().add(column.is_null()).add(seen::<E>(who, column))
}

fn absent_or(column: impl ColumnTrait, visible: SelectStatement) -> Condition {
    Condition::any().add(column.is_null()).add(column.in_subquery(visible))
}

fn absent_or_not(column: impl ColumnTrait, closed: SelectStatement) -> Condition {
    Condition::any().add(column.is_null()).add(column.not_in_subquery(closed))
}
