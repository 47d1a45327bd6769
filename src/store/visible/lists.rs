//! Reader lists: which restricted items and protected addresses they open, and what would locate a child to those who
//! are on none.

use entity::category::Category;
use entity::invitation::Meeting;
use entity::restricted_item::Kind;
use entity::{
    conference, conference_child, core_group, core_group_meeting, core_group_member, entry, household, invitation,
    involvement, membership, plan, reader_listing, restricted_item, strategy_meeting_child,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _, EntityTrait, Iterable, QueryFilter, Select};

use super::super::{in_force, lasts, nothing};
use super::{children, kept_by, reaches, seen, seen_where, unclosed, with_child};
use crate::clock::london_day;
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;

/// The kinds of item whose cell meets a test.
fn kinds(who: &Standing, meets: impl Fn(Cell) -> bool) -> Vec<Kind> {
    Kind::iter().filter(|kind| meets(cell(who.role, kind.category()))).collect()
}

/// The items a reader may see: the own ones, those on whose list it is while it works with the child, and those its
/// cell opens wherever it holds the record or the conference. What was taken back is left with where it comes from.
pub(super) fn items(who: &Standing) -> Condition {
    use restricted_item::Column as C;
    let own = Condition::all().add(C::Kind.is_in(kinds(who, Cell::writes))).add(originated(who));
    let listed = Condition::all()
        .add(C::Kind.is_in(kinds(who, Cell::listable)))
        .add(C::Id.in_subquery(listed(who, reader_listing::Column::RestrictedItemId)))
        .add(C::WithdrawnAt.is_null())
        .add(reaches(who, C::ChildId));
    let held = Condition::all()
        .add(C::Kind.is_in(kinds(who, |cell| cell == Cell::Write)))
        .add(C::WithdrawnAt.is_null())
        .add(held(who));
    Condition::all()
        .add(unclosed(who, C::ChildId, |closed| closed))
        .add(Condition::any().add(own).add(listed).add(held))
}

/// Items that come from the reader: from its agency, or in social care from the person.
fn originated(who: &Standing) -> Condition {
    use restricted_item::Column as C;
    let from = Condition::all().add(C::OriginatorAgencyId.eq(who.agency));
    if who.role.holds_a_social_care_post() {
        from.add(C::OriginatorId.eq(who.practitioner)).add(reaches(who, C::ChildId))
    } else {
        from.add(kept_by(who, C::ChildId, C::OriginatorId))
    }
}

/// Items within the reach of a cell that holds the category itself: a chair's, those of its conferences; the record
/// holders', those of their children.
fn held(who: &Standing) -> Condition {
    use restricted_item::Column as C;
    match who.role {
        Role::Chair => Condition::all().add(seen::<conference::Entity>(who, C::ConferenceId)),
        role if role.holds_the_record() => Condition::all().add(reaches(who, C::ChildId)),
        _ => Condition::all().add(nothing()),
    }
}

/// The listings a reader may see: its own, and all of a list it may narrow or widen.
pub(super) fn listings(who: &Standing) -> Condition {
    use reader_listing::Column as C;
    let changes = restricted_item::Column::OriginatorAgencyId
        .eq(who.agency)
        .or(restricted_item::Column::Kind.is_in(kinds(who, |cell| cell == Cell::Write)));
    let of_items = seen_where::<restricted_item::Entity>(who, C::RestrictedItemId, Some(changes));
    let mut any =
        Condition::any().add(of_items).add(own_listings(who).add(
            Condition::any().add(seen::<restricted_item::Entity>(who, C::RestrictedItemId)).add(seen::<
                household::Entity,
            >(
                who, C::HouseholdId
            )),
        ));
    any = any.add(super::allegation::listings(who));
    if cell(who.role, Category::ProtectedAddress) == Cell::Write {
        any = any.add(seen::<household::Entity>(who, C::HouseholdId));
    }
    any
}

/// The reader's own entries in force.
pub(super) fn own_listings(who: &Standing) -> Condition {
    use reader_listing::Column as C;
    mine(who).add(in_force(C::StartsAt, C::EndsAt, who.at))
}

fn mine(who: &Standing) -> Condition {
    use reader_listing::Column as C;
    Condition::all()
        .add(C::AgencyId.eq(who.agency))
        .add(C::PractitionerId.is_null().or(C::PractitionerId.eq(who.practitioner)))
}

/// What the reader is listed for, as one column of the listings in force.
pub(in crate::store) fn listed(who: &Standing, column: reader_listing::Column) -> SelectStatement {
    use reader_listing::Column as C;
    Query::select()
        .column(column)
        .from(reader_listing::Entity)
        .cond_where(mine(who))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .and_where(column.is_not_null())
        .take()
}

/// The children whose protected address the reader may read, and the column they stand in: whoever asks about one child
/// compares it with that. As a set it is everybody the agency works with.
fn addresses(who: &Standing) -> (SelectStatement, Expr) {
    use membership::Column as C;
    let of_members = C::ChildId.into_expr();
    match cell(who.role, Category::ProtectedAddress) {
        Cell::Write => (children(who), involvement::Column::ChildId.into_expr()),
        Cell::Listed => {
            let listed = with_child(C::ChildId, C::ChildId, children(who))
                .and_where(C::HouseholdId.in_subquery(listed(who, reader_listing::Column::HouseholdId)))
                .cond_where(in_force(C::StartsOn, C::EndsOn, london_day(who.at)))
                .take();
            (listed, of_members)
        }
        _ => {
            let none = Query::select().column(C::ChildId).from(membership::Entity).and_where(nothing()).take();
            (none, of_members)
        }
    }
}

/// That the reader may read the protected address of the child in `column`: asked of each, never as the list of all.
fn reads_address(who: &Standing, column: impl ColumnTrait) -> Expr {
    let read = Expr::col(("read", involvement::Column::ChildId));
    let of_child = Query::select()
        .expr(Expr::val(1))
        .from_subquery(addresses(who).0, "read")
        .and_where(read.equals(column.as_column_ref()))
        .take();
    Expr::exists(of_child)
}

/// True for those who see who comes to a conference whatever the addresses: they send the invitations.
const fn convenes(role: Role) -> bool {
    matches!(role, Role::Chair | Role::MinuteTaker)
}

/// The relationships, under the name `l`, that would locate a child to this reader.
fn locating(who: &Standing) -> SelectStatement {
    use involvement::Column as C;
    let l = |column: C| Expr::col(("l", column));
    let (mut open, child) = addresses(who);
    open.and_where(child.eq(l(C::ChildId)));
    Query::select()
        .expr(Expr::val(1))
        .from_as(involvement::Entity, "l")
        .and_where(l(C::Locates)) // bare, so that the partial index serves it
        .cond_where(Condition::any().add(l(C::EndsAt).is_null()).add(l(C::EndsAt).gt(who.at)))
        .and_where(Expr::exists(open).not())
        .take()
}

/// No relationship that would locate a child ties `agency` to a child on this way.
fn tells_nothing<A: ColumnTrait>(who: &Standing, agency: A, way: &Way) -> Condition {
    use involvement::Column as C;
    let l = |column: C| Expr::col(("l", column));
    let mut locates = locating(who);
    locates.and_where(l(C::AgencyId).equals(agency.as_column_ref())).cond_where(way(l(C::ChildId)));
    Condition::any().add(agency.eq(who.agency)).add(Expr::exists(locates).not())
}

/// A way from a row to children: compares a child with them.
type Way = Box<dyn Fn(Expr) -> Condition>;

/// The children in the rows of `table` whose `key` is what the row names.
fn by<C: ColumnTrait>(child: C, key: C, named: impl ColumnTrait) -> Way {
    Box::new(move |expr| {
        let children = Query::select()
            .column(child)
            .from(C::EntityName::default().table_ref())
            .and_where(key.into_expr().equals(named.as_column_ref()))
            .take();
        expr.in_subquery(children).into()
    })
}

/// Relationships to a child that do not tell where it is.
pub(super) fn involvements(who: &Standing) -> Condition {
    use involvement::Column as C;
    let own: Way = Box::new(|child| child.equals(C::ChildId.as_column_ref()).into());
    tells_nothing(who, C::AgencyId, &own)
}

/// Members of a core group who do not tell where the child is.
pub(super) fn core_group_members(who: &Standing) -> Condition {
    use core_group_member::Column as C;
    tells_nothing(who, C::AgencyId, &by(core_group::Column::ChildId, core_group::Column::Id, C::CoreGroupId))
}

/// Invitations to one kind of meeting that do not tell where a child of it is.
pub(super) fn invitations(who: &Standing, meeting: Meeting) -> Condition {
    use invitation::Column as C;
    if convenes(who.role) {
        return Condition::all();
    }
    let way = match meeting {
        Meeting::Conference => {
            by(conference_child::Column::ChildId, conference_child::Column::ConferenceId, C::ConferenceId)
        }
        Meeting::StrategyMeeting => {
            use strategy_meeting_child::Column as M;
            by(M::ChildId, M::StrategyMeetingId, C::StrategyMeetingId)
        }
        Meeting::CoreGroup => {
            by(core_group_meeting::Column::ChildId, core_group_meeting::Column::Id, C::CoreGroupMeetingId)
        }
    };
    tells_nothing(who, C::AgencyId, &way)
}

/// Entries about an agency that do not tell where a child of the record is.
pub(super) fn entries(who: &Standing) -> Condition {
    use entry::Column as C;
    if convenes(who.role) {
        return Condition::all();
    }
    let of_child: Way = Box::new(|child| child.equals(C::ChildId.as_column_ref()).into());
    let ways: [Way; 5] = [
        of_child,
        by(conference_child::Column::ChildId, conference_child::Column::ConferenceId, C::ConferenceId),
        by(
            strategy_meeting_child::Column::ChildId,
            strategy_meeting_child::Column::StrategyMeetingId,
            C::StrategyMeetingId,
        ),
        by(core_group_meeting::Column::ChildId, core_group_meeting::Column::Id, C::CoreGroupMeetingId),
        by(plan::Column::ChildId, plan::Column::Id, C::PlanId),
    ];
    let any: Way = Box::new(move |child| ways.iter().fold(Condition::any(), |any, way| any.add(way(child.clone()))));
    Condition::any().add(C::AgencyId.is_null()).add(tells_nothing(who, C::AgencyId, &any))
}

/// The relationships that are marked as telling where a child is.
pub(in crate::store) fn marked(who: &Standing) -> Select<involvement::Entity> {
    use involvement::Column as C;
    involvement::Entity::find().filter(C::Locates.into_expr()).filter(lasts(C::EndsAt, who.at))
}

/// Agency and child of the relationships that would locate a child to this reader.
pub(in crate::store) fn apart(who: &Standing) -> Option<Select<involvement::Entity>> {
    use involvement::Column as C;
    if convenes(who.role) {
        return None;
    }
    let select = marked(who).filter(C::AgencyId.ne(who.agency)).filter(reads_address(who, C::ChildId).not());
    Some(select)
}

/// The memberships of children, in force, in households whose address is protected and not for this reader.
pub(in crate::store) fn hidden(who: &Standing) -> Select<membership::Entity> {
    use membership::Column as C;
    let protected = Query::select()
        .column(household::Column::Id)
        .from(household::Entity)
        .and_where(household::Column::AddressStatus.ne(household::AddressStatus::None))
        .take();
    membership::Entity::find()
        .filter(in_force(C::StartsOn, C::EndsOn, london_day(who.at)))
        .filter(C::HouseholdId.in_subquery(protected))
        .filter(reads_address(who, C::ChildId).not())
}
