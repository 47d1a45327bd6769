//! The only row filters of the program: one rule a table, all of them built from the involvement rows in force.
//!
//! Who reaches which involvement is policy (`policy::visibility`); here it becomes SQL. A table without a rule
//! cannot be read: `Scoped::rows` asks for [`Visible`].

mod attachments;
mod child_feed;
mod emergency;
mod followup;
mod invitations;
mod kept;
mod officers;
mod oversight;
mod reach;
mod records;
mod transfer;

pub(super) mod allegation;
pub(super) mod lists;

pub(super) use self::child_feed::events_about;
pub(super) use self::emergency::has_officer;
pub(super) use self::followup::{counted_and_closed, entries_kept};
use self::invitations::answered;
pub(super) use self::invitations::{counted, counted_child, invitations_to};
pub(super) use self::kept::status_known;
use self::oversight::{overseen, oversees};
pub(super) use self::reach::unclosed;
use self::reach::{
    about_each, asked_about, children, conferences_about, meeting_within_reach, meetings_about, named_by_reach,
    reached_ever, reaches, with_child, within_reach,
};

use entity::category::Category;
use entity::invitation::Meeting;
use entity::{
    access_alert, access_review, access_review_entry, agency, agency_reference, appointment, assessment, attachment,
    chair_delegation, child, chronology_row, circulation, conference, conference_child, conference_report, conflict,
    core_group, core_group_meeting, core_group_member, deadline, designation, document_copy, document_issue,
    emergency_access, enquiry, entry, episode, escalation, escalation_entry, event, export, family_copy, finished_step,
    household, invitation, involvement, local_authority, membership, non_attendance_letter, notice, person, plan,
    plan_action, plan_version, practitioner, reader_listing, report_answer, report_request, restricted_item,
    strategy_meeting, strategy_meeting_child, transfer_share, webhook, webhook_delivery,
};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{Expr, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName, Iterable as _};
use serde::de::DeserializeOwned;

use super::audit::ledger::Recorded;
use super::nothing;
use super::outbox::Named;
use crate::policy::actions::webhook_post;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::policy::visibility::{Visibility, visibility};
use crate::policy::{Beneath, Standing};

/// A table with a row rule, and a way its readings are recorded.
pub trait Visible: Recorded<Model: DeserializeOwned + Send + Sync> {
    /// The rule of this table: which rows of it `who` may see, where they stand [`beneath`](Standing::beneath) others of these.
    fn rule(who: &Standing) -> Condition;
    /// The rows of this table that `who` may see, wherever they stand.
    fn rows(who: &Standing) -> Condition {
        // whatever a rule asks of another table stands beneath nothing
        if who.beneath.is_some() { Self::rule(&who.beneath(None)) } else { Self::rule(who) }
    }
    /// The id column.
    fn id_column() -> Self::Column;
}

macro_rules! visible {
    ($($table:ident: |$who:ident| $rule:expr;)+) => { $(
        impl Visible for $table::Entity {
            // as one term: whoever narrows the rows must not add an alternative to the rule
            fn rule($who: &Standing) -> Condition { Condition::all().add(($rule).into_condition()) }
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

    child: |who| within_reach(who, child::Column::Id);
    // how an agency names a child is for that agency, as far as its people reach the child
    agency_reference: |who| Condition::all()
        .add(agency_reference::Column::AgencyId.eq(who.agency))
        .add(within_reach(who, agency_reference::Column::ChildId));
    // what a meeting gave betrays the meeting: it is told to those who may know of that
    involvement: |who| Condition::all()
        // found first: relationships that are asked about by relationships would be asked about by themselves
        .add(unless_read::<child::Entity, _>(who, involvement::Column::ChildId, |child| child.in_subquery(children(who))))
        .add(absent_or_seen::<strategy_meeting::Entity>(who, involvement::Column::StrategyMeetingId))
        .add(absent_or_seen::<conference::Entity>(who, involvement::Column::ConferenceId))
        .add_option((!who.role.holds_the_record())
            .then(|| involvement::Column::Basis.ne(involvement::Basis::BreakGlass)))
        .add(lists::involvements(who));
    // told to those who hold the record; never to the person it closes or closed the child to. An allegation is for the
    // service manager and who recorded it
    conflict: |who| if who.role.holds_the_record() {
        Condition::all()
            .add(within_reach(who, conflict::Column::ChildId))
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
        .add(home_unclosed(who, household::Column::Id));
    // children of the household outside the reader's scope are left out, and no count betrays them; adults are for those
    // who read the household, not its summary
    membership: |who| Condition::all()
        .add_option((cell(who.role, Category::Household) == Cell::Summary)
            .then(|| membership::Column::ChildId.is_not_null()))
        // the home of a child in reach is seen, unless it is closed
        .add(if is_read::<child::Entity, _>(who, membership::Column::ChildId) {
            home_unclosed(who, membership::Column::HouseholdId)
        } else {
            among::<household::Entity>(who, membership::Column::HouseholdId).into_condition()
        })
        .add(Condition::any().add(membership::Column::ChildId.is_null()).add(reaches(who, membership::Column::ChildId)));
    person: |who| {
        let mut homes = Query::select()
            .column(membership::Column::PersonId)
            .from(membership::Entity)
            .and_where(membership::Column::PersonId.is_not_null())
            .cond_where(membership::Entity::rows(who))
            .take();
        if who.broad {
            let own = membership::Column::PersonId.into_expr().equals(person::Column::Id.as_column_ref());
            Expr::exists(homes.and_where(own).limit(1).offset(0).take())
        } else {
            person::Column::Id.in_subquery(homes)
        }
    };

    // only those who were asked, and the social care staff who hold the record: an agency that is involved but was
    // not asked gets no object, no event, no count
    strategy_meeting: |who| {
        let record = who.role.holds_the_record();
        let mine = if record {
            meeting_within_reach(who)
        } else {
            // the record of a meeting stays with those who were asked to it; the child's does not
            named_by_reach(who, strategy_meeting::Column::Id, involvement::Column::StrategyMeetingId)
        };
        let mine = Condition::all()
            .add(mine)
            .add(if record { allegation::meetings_told(who) } else { allegation::meetings_told_at_agency(who) });
        Condition::all()
            .add(Condition::any().add(mine).add_option(allegation::meetings_of_lado(who)))
            .add(unclosed(who, strategy_meeting::Column::Id, meetings_about))
            .add_option(who.shut.alleged.then(|| strategy_meeting::Column::Id.not_in_subquery(allegation::meetings_about(who))))
    };
    // a meeting is about several children, and an agency is asked for some of them
    strategy_meeting_child: |who| Condition::all()
        .add(if who.role.holds_the_record() {
            within_reach(who, strategy_meeting_child::Column::ChildId)
        } else {
            asked_about(
                who,
                strategy_meeting_child::Column::StrategyMeetingId,
                strategy_meeting_child::Column::ChildId,
            )
        })
        .add(among::<strategy_meeting::Entity>(who, strategy_meeting_child::Column::StrategyMeetingId));

    // those about a child in scope, as far as they are open
    conference: |who| {
        let in_reach = if who.broad {
            about_each(who)
        } else {
            conference::Column::Id.in_subquery(conferences_about(children(who)))
        };
        Condition::all().add(in_reach).add(open_conferences(who, conference::Column::Id))
    };
    transfer_share: |who| transfer::shares(who);
    chair_delegation: |who| among::<conference::Entity>(who, chair_delegation::Column::ConferenceId);
    conference_child: |who| Condition::all()
        .add(within_reach(who, conference_child::Column::ChildId))
        // that it is about a child in reach says the row itself
        .add(open_conferences(who, conference_child::Column::ConferenceId));

    invitation: |who| Meeting::iter().fold(Condition::any(), |any, meeting| any.add(invitations_to(who, meeting)));

    // with the invitation it is about, as far as its answer is told; the agency has it once it is sent
    non_attendance_letter: |who| followup::letters(who);
    escalation: |who| followup::escalations(who);
    escalation_entry: |who| followup::entries(who);

    report_request: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, report_request::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(within_reach(who, report_request::Column::ChildId))
                .add(among::<conference::Entity>(who, report_request::Column::ConferenceId))
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => Condition::all()
            .add(report_request::Column::AgencyId.eq(who.agency))
            .add(unclosed(who, report_request::Column::ConferenceId, conferences_about))
            .add(within_reach(who, report_request::Column::ChildId)),
        Role::SystemAdmin | Role::Auditor => nothing().into_condition(),
    };
    // own reports; submitted ones for those who hold the conference; for the other agencies the copies they were sent:
    // both stay an agency's own when its involvement has ended, and earlier ones do not open to who joins later
    conference_report: |who| match who.role {
        Role::AgencySystem => Condition::all().add(own(who, conference_report::Column::AgencyId)),
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            Condition::all()
                .add(within_reach(who, conference_report::Column::ChildId))
                .add(among::<conference::Entity>(who, conference_report::Column::ConferenceId))
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

    report_answer: |who| seen::<conference_report::Entity>(who, report_answer::Column::ConferenceReportId);
    chronology_row: |who| seen::<conference_report::Entity>(who, chronology_row::Column::ConferenceReportId);
    family_copy: |who| reports_told(who, family_copy::Column::ConferenceReportId);

    attachment: |who| attachments::seen_by(who);

    plan: |who| within_reach(who, plan::Column::ChildId);
    plan_action: |who| if who.role == Role::OtherAgency {
        Condition::all()
            .add(within_reach(who, plan_action::Column::ChildId))
            .add(plan_action::Column::OwnerAgencyId.eq(who.agency))
    } else {
        Condition::all().add(within_reach(who, plan_action::Column::ChildId))
    };
    plan_version: |who| within_reach(who, plan_version::Column::ChildId);
    // what is due is seen with all that it is about: of a report that was asked by who sees the request
    deadline: |who| Condition::all()
        .add(within_reach(who, deadline::Column::ChildId))
        .add(absent_or_seen::<strategy_meeting::Entity>(who, deadline::Column::StrategyMeetingId))
        // that a meeting is about this child is told to who was asked for it
        .add_option((!who.role.holds_the_record()).then(|| {
            Condition::any()
                .add(deadline::Column::StrategyMeetingId.is_null())
                .add(asked_about(who, deadline::Column::StrategyMeetingId, deadline::Column::ChildId))
        }))
        .add(absent_or_seen::<conference::Entity>(who, deadline::Column::ConferenceId))
        .add(absent_or_seen::<report_request::Entity>(who, deadline::Column::ReportRequestId));
    enquiry: |who| records::enquiries(who);
    episode: |who| records::episodes(who);
    assessment: |who| seen::<episode::Entity>(who, assessment::Column::EpisodeId);
    entry: |who| records::entries(who);
    finished_step: |who| records::on_seen::<finished_step::Entity>(who);
    document_issue: |who| records::on_seen::<document_issue::Entity>(who);
    document_copy: |who| records::copies(who);
    core_group: |who| within_reach(who, core_group::Column::ChildId);
    core_group_member: |who| Condition::all()
        .add(among::<core_group::Entity>(who, core_group_member::Column::CoreGroupId))
        .add(lists::core_group_members(who));
    core_group_meeting: |who| within_reach(who, core_group_meeting::Column::ChildId);

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
            mine = mine.add(within_reach(who, C::ChildId));
        }
        Condition::all()
            .add(among::<access_review::Entity>(who, C::AccessReviewId))
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

    // where an agency is sent what happens is for those of its people who answer for that
    webhook: |who| webhook_post(who).map_or_else(nothing, |_| webhook::Column::AgencyId.eq(who.agency));
    // of one that follows somebody else, what the reader may hear of as well: the kind alone tells that it happened
    webhook_delivery: |who| {
        use webhook_delivery::Column as C;
        webhook_post(who).map_or_else(nothing, |_| {
            let told = C::Kind.is_null().or(told_at(who));
            C::AgencyId.eq(who.agency).and(told)
        })
    };

    event: |who| events_naming(who, Named::ALL);
}

/// The rule of events: one is as visible as everything it names, and emergency access is named to those who have a notice of it.
/// An event that names more than `named` is hidden, so that where it is known what some events name nothing else is asked.
pub(super) fn events_naming(who: &Standing, named: Named) -> Condition {
    use event::Column as C;
    let when_named = |column: C, rule: &dyn Fn() -> Condition| {
        if named.holds(column) { rule() } else { column.is_null().into_condition() }
    };
    macro_rules! seen_each {
        ($($table:ident: $column:ident,)+) => {
            Condition::all()$(.add(when_named(C::$column, &|| absent_or_seen::<$table::Entity>(who, C::$column))))+
        };
    }
    seen_each! {
        strategy_meeting: StrategyMeetingId,
        conference: ConferenceId,
        conference_report: ConferenceReportId,
        core_group: CoreGroupId,
        involvement: InvolvementId,
        conflict: ConflictId,
        restricted_item: RestrictedItemId,
        reader_listing: ReaderListingId,
        transfer_share: TransferShareId,
        deadline: DeadlineId,
        enquiry: EnquiryId,
        episode: EpisodeId,
        plan: PlanId,
        attachment: AttachmentId,
        escalation: EscalationId,
        designation: DesignationId,
        export: ExportId,
        access_review: AccessReviewId,
    }
    .add(C::LocalAuthorityId.eq(who.authority))
    .add(C::AgencyId.is_null().or(C::AgencyId.eq(who.agency)))
    .add(records::told(who))
    .add(when_named(C::ChildId, &|| absent_or(C::ChildId, reaches(who, C::ChildId))))
    .add(when_named(C::InvitationId, &|| absent_or(C::InvitationId, answered(who, C::InvitationId))))
    .add(when_named(C::EmergencyAccessId, &|| {
        absent_or(C::EmergencyAccessId, C::EmergencyAccessId.in_subquery(emergency::noticed(who)))
    }))
    .add(when_named(C::AllegationId, &|| allegation::told_events(who)))
}

impl Visible for entity::allegation::Entity {
    fn rule(who: &Standing) -> Condition {
        Condition::all().add(allegation::seen(who))
    }
    fn id_column() -> Self::Column {
        entity::allegation::Column::Id
    }
}

impl Visible for circulation::Entity {
    fn rule(who: &Standing) -> Condition {
        Condition::all().add(reports_told(who, circulation::Column::ConferenceReportId))
    }
    fn id_column() -> Self::Column {
        circulation::Column::ConferenceReportId
    }
}

/// Rows whose `column` names a report of which is told where it went: to its agency, and to those who hold the conference.
fn reports_told(who: &Standing, column: impl ColumnTrait) -> Expr {
    match who.role {
        Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::MinuteTaker => {
            seen::<conference_report::Entity>(who, column)
        }
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => {
            let own = conference_report::Column::AgencyId.eq(who.agency);
            seen_where::<conference_report::Entity>(who, column, Some(own))
        }
        Role::AgencySystem | Role::SystemAdmin | Role::Auditor => nothing(),
    }
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

/// Conferences in reach that are open to the reader: chair and minute taker see those that are or were assigned to them.
fn open_conferences<C: ColumnTrait>(who: &Standing, conference: C) -> Condition {
    if is_read::<conference::Entity, _>(who, conference) {
        return Condition::all();
    }
    let assigned = match visibility(who) {
        Visibility::Conferences(_) => Some(named_by_reach(who, conference, involvement::Column::ConferenceId)),
        Visibility::Named(_) | Visibility::Team(_) | Visibility::Agency(_) | Visibility::Nothing => None,
    };
    Condition::all().add_option(assigned).add(unclosed(who, conference, conferences_about))
}

/// Households that no conflict of interest closes.
fn home_unclosed(who: &Standing, household: impl ColumnTrait) -> Condition {
    unclosed(who, household, |closed| with_child(membership::Column::HouseholdId, membership::Column::ChildId, closed))
}

/// Rows whose `column` names a row of another table that `who` may see: rules compose by this.
fn among<E: Visible>(who: &Standing, column: impl ColumnTrait) -> Expr {
    if who.broad {
        return seen::<E>(who, column);
    }
    unless_read::<E, _>(who, column, |column| column.in_subquery(ids::<E>(who)))
}

/// True where the rows that are asked for stand beneath rows of `E`, which `column` names.
fn is_read<E: EntityName + Default, C: ColumnTrait>(who: &Standing, column: C) -> bool {
    who.beneath.as_deref() == Some(&beneath::<E, C>(column))
}

/// A rule about what `column` names, where that was not read already.
fn unless_read<E: EntityName + Default, C: ColumnTrait>(
    who: &Standing,
    column: C,
    rule: impl FnOnce(C) -> Expr,
) -> Expr {
    if is_read::<E, C>(who, column) { Expr::cust("TRUE") } else { rule(column) }
}

/// Rows whose `column` names rows of `E` that were read.
pub(super) fn beneath<E: EntityName + Default, C: ColumnTrait>(column: C) -> Beneath {
    let table = C::EntityName::default().table_name();
    Beneath { table, column: column.as_str(), of: E::default().table_name() }
}

/// True where who sees a row of `P` sees the row of `E` that `column` of it names, by what the rule of `P` says.
pub(super) fn shown_by<P: Visible, E: Visible>(column: P::Column) -> bool {
    macro_rules! shown {
        ($($table:ident: $($column:ident => $of:ident),+;)+) => {
            [$($(beneath::<$of::Entity, _>($table::Column::$column)),+),+]
        };
    }
    let shown = shown! {
        membership: HouseholdId => household, ChildId => child, PersonId => person;
        conference_child: ConferenceId => conference, ChildId => child;
        chair_delegation: ConferenceId => conference;
        involvement: ChildId => child, ConferenceId => conference, StrategyMeetingId => strategy_meeting;
        deadline: ChildId => child, ConferenceId => conference, StrategyMeetingId => strategy_meeting,
            ReportRequestId => report_request;
        strategy_meeting_child: StrategyMeetingId => strategy_meeting;
        plan: ChildId => child;
        plan_action: ChildId => child;
        plan_version: ChildId => child;
        core_group: ChildId => child;
        core_group_meeting: ChildId => child;
    };
    shown.contains(&beneath::<E, _>(column))
}

/// The ids of the rows of another table that `who` may see.
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
/// there a subquery would be made of everything that is visible, for each question anew. The offset keeps the planner from
/// making that list all the same, which for a reader of many children takes seconds where a page takes a millisecond.
fn seen<E: Visible>(who: &Standing, column: impl ColumnTrait) -> Expr {
    unless_read::<E, _>(who, column, |column| seen_where::<E>(who, column, None))
}

/// The same, of which more is asked.
fn seen_where<E: Visible>(who: &Standing, column: impl ColumnTrait, more: Option<Expr>) -> Expr {
    let named = Query::select()
        .expr(Expr::val(1))
        .from(E::default())
        .and_where(E::id_column().into_expr().equals(column.as_column_ref()))
        .cond_where(E::rows(&who.one_by_one()))
        .cond_where(Condition::all().add_option(more))
        .limit(1)
        .offset(0)
        .take();
    Expr::exists(named)
}

/// What a row of the log of a webhook is about is the reader's to hear of.
fn told_at(who: &Standing) -> Expr {
    use webhook_delivery::Column as C;
    let place = event::Column::Position.into_expr().equals((webhook_delivery::Entity, C::Position));
    let rows = event::Entity::rows(who).add(place);
    Expr::exists(Query::select().expr(Expr::val(1)).from(event::Entity).cond_where(rows).take())
}

/// Rows whose `column` names nothing, or a row that `who` may see.
fn absent_or_seen<E: Visible>(who: &Standing, column: impl ColumnTrait) -> Condition {
    absent_or(column, seen::<E>(who, column))
}

fn absent_or(column: impl ColumnTrait, told: Expr) -> Condition {
    Condition::any().add(column.is_null()).add(told)
}

fn absent_or_not(column: impl ColumnTrait, closed: SelectStatement) -> Condition {
    absent_or(column, column.not_in_subquery(closed))
}
