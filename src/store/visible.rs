//! The only row filters of the program: one rule a table, all of them built from the involvement rows in force.
//!
//! Who reaches which involvement is policy (`policy::visibility`); here it becomes SQL. A table without a rule
//! cannot be read: `Scoped::rows` asks for [`Visible`].

use entity::category::Category;
use entity::{
    agency, appointment, child, conference, conference_child, conference_report, core_group, core_group_meeting,
    core_group_member, event, household, invitation, involvement, local_authority, membership, person, plan,
    plan_action, practitioner, report_request, strategy_meeting, strategy_meeting_child,
};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::audit::ledger::Recorded;
use super::{in_force, nothing};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::policy::visibility::{Visibility, visibility};

/// A table with a row rule, and a way its readings are recorded.
pub trait Visible: Recorded {
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
    appointment: |who| appointment::Column::PractitionerId.eq(who.practitioner);

    child: |who| child::Column::Id.in_subquery(children(who));
    involvement: |who| involvement::Column::ChildId.in_subquery(children(who));
    household: |who| household::Column::Id.in_subquery(
        Query::select()
            .column(membership::Column::HouseholdId)
            .from(membership::Entity)
            .and_where(membership::Column::ChildId.in_subquery(children(who)))
            .to_owned(),
    );
    // children of the household outside the reader's scope are left out, and no count betrays them
    membership: |who| Condition::all()
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
    strategy_meeting: |who| if who.role.holds_the_record() {
        strategy_meeting::Column::Id.in_subquery(
            Query::select()
                .column(strategy_meeting_child::Column::StrategyMeetingId)
                .from(strategy_meeting_child::Entity)
                .and_where(strategy_meeting_child::Column::ChildId.in_subquery(children(who)))
                .to_owned(),
        )
    } else {
        strategy_meeting::Column::Id.in_subquery(reached(who, involvement::Column::StrategyMeetingId))
    };
    strategy_meeting_child: |who| Condition::all()
        .add(strategy_meeting_child::Column::ChildId.in_subquery(children(who)))
        .add(strategy_meeting_child::Column::StrategyMeetingId.in_subquery(ids::<strategy_meeting::Entity>(who)));

    // chair and minute taker: the conferences assigned to them; others: those about a child in scope
    conference: |who| match visibility(who) {
        Visibility::Conferences(_) => conference::Column::Id.in_subquery(reached(who, involvement::Column::ConferenceId)),
        Visibility::Named(_) | Visibility::Team(_) | Visibility::Agency(_) | Visibility::Nothing => {
            conference::Column::Id.in_subquery(
                Query::select()
                    .column(conference_child::Column::ConferenceId)
                    .from(conference_child::Entity)
                    .and_where(conference_child::Column::ChildId.in_subquery(children(who)))
                    .to_owned(),
            )
        }
    };
    conference_child: |who| Condition::all()
        .add(conference_child::Column::ChildId.in_subquery(children(who)))
        .add(conference_child::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)));

    invitation: |who| Condition::any()
        .add(own(who, invitation::Column::AgencyId))
        .add(invitation::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
        .add(invitation::Column::StrategyMeetingId.in_subquery(ids::<strategy_meeting::Entity>(who)))
        .add(invitation::Column::CoreGroupMeetingId.in_subquery(ids::<core_group_meeting::Entity>(who)));

    report_request: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, report_request::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(report_request::Column::ChildId.in_subquery(children(who)))
                .add(report_request::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::all()
            .add(report_request::Column::AgencyId.eq(who.agency))
            .add(report_request::Column::ChildId.in_subquery(children(who))),
        Role::SystemAdmin | Role::Auditor => nothing().into_condition(),
    };
    // own reports; submitted ones for those who hold the conference; released ones for the others at the table
    conference_report: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, conference_report::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(conference_report::Column::ChildId.in_subquery(children(who)))
                .add(conference_report::Column::ConferenceId.in_subquery(ids::<conference::Entity>(who)))
                .add(conference_report::Column::State.ne(conference_report::State::Draft)
                    .or(conference_report::Column::AgencyId.eq(who.agency)))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::any()
            // its own submissions stay an agency's own
            .add(own(who, conference_report::Column::AgencyId))
            .add(Condition::all()
                .add(conference_report::Column::ChildId.in_subquery(children(who)))
                .add(conference_report::Column::State.eq(conference_report::State::Released))),
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
    core_group_member: |who| core_group_member::Column::CoreGroupId.in_subquery(ids::<core_group::Entity>(who));
    core_group_meeting: |who| core_group_meeting::Column::ChildId.in_subquery(children(who));

    // an event is as visible as everything it names
    event: |who| Condition::all()
        .add(event::Column::LocalAuthorityId.eq(who.authority))
        .add(absent_or(event::Column::StrategyMeetingId, ids::<strategy_meeting::Entity>(who)))
        .add(absent_or(event::Column::ConferenceId, ids::<conference::Entity>(who)))
        .add(absent_or(event::Column::InvitationId, ids::<invitation::Entity>(who)))
        .add(absent_or(event::Column::ConferenceReportId, ids::<conference_report::Entity>(who)))
        .add(absent_or(event::Column::CoreGroupId, ids::<core_group::Entity>(who)));
}

/// The invitations that count in the non-attendance figures of `who`, by the cell of that category: chairs and
/// service managers count their authority's, workers and managers the meetings they see, other agencies their own.
pub fn counted(who: &Standing) -> Condition {
    match cell(who.role, Category::NonAttendance) {
        Cell::Full | Cell::Aggregate if matches!(who.role, Role::Chair | Role::ServiceManager | Role::Auditor) => {
            // SECURITY: widened from the meetings in scope to the authority; only counts leave
            Condition::all().add(invitation::Column::LocalAuthorityId.eq(who.authority))
        }
        Cell::Full => invitation::Entity::rows(who),
        Cell::Own => Condition::all().add(invitation::Column::AgencyId.eq(who.agency)),
        Cell::Write
        | Cell::Released
        | Cell::OwnAndReleased
        | Cell::Summary
        | Cell::Listed
        | Cell::Aggregate
        | Cell::Nothing => nothing().into_condition(),
    }
}

/// The involvement rows in force that reach `who`, as one column of them.
fn reached(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    let mine = match visibility(who) {
        Visibility::Named(person) => C::PractitionerId.eq(person),
        Visibility::Team(team) => C::TeamId.eq(team),
        Visibility::Agency(agency) => C::AgencyId.eq(agency),
        Visibility::Conferences(person) => C::PractitionerId
            .eq(person)
            .and(C::Basis.is_in([involvement::Basis::Chair, involvement::Basis::MinuteTaker])),
        Visibility::Nothing => nothing(),
    };
    Query::select()
        .column(column)
        .from(involvement::Entity)
        .and_where(mine)
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .and_where(column.is_not_null())
        .to_owned()
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

fn absent_or(column: event::Column, visible: SelectStatement) -> Condition {
    Condition::any().add(column.is_null()).add(column.in_subquery(visible))
}
