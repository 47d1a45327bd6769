//! Who reads an allegation against a professional, who has a receipt of it, and which meetings are kept for it: the SQL of
//! `policy::allegation`.

use entity::{allegation, event, involvement, reader_listing, strategy_meeting};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::{absent_or, absent_or_not, lists, unclosed};
use crate::policy::Standing;
use crate::policy::allegation::{is_lado, is_operations_manager, may_ever_read};
use crate::store::nothing;

/// The allegations that nothing forbids: not about the reader, nor about a child that is closed to the reader.
fn open(who: &Standing) -> Condition {
    use allegation::Column as C;
    let all = Condition::all().add(C::SubjectId.ne(who.practitioner)).add(unclosed(who, C::ChildId, |closed| closed));
    if may_ever_read(who.role) { all } else { all.add(nothing()) }
}

/// The allegations that are read in whole: by the LADO, who leads, and who is on the list.
pub(in crate::store) fn in_whole(who: &Standing) -> Condition {
    use allegation::Column as C;
    let here = C::LocalAuthorityId.eq(who.authority);
    let mut any = Condition::any().add(C::Id.in_subquery(lists::listed(who, reader_listing::Column::AllegationId)));
    if is_lado(who) {
        any = any.add(here);
    } else if is_operations_manager(who.role) {
        any = any.add(here.and(C::LeadId.eq(who.practitioner)));
    }
    open(who).add(any)
}

/// The allegations that are seen: those, and the receipts of who referred one.
pub(super) fn seen(who: &Standing) -> Condition {
    use allegation::Column as C;
    let own = C::ReferredBy.eq(who.practitioner).and(C::ReferringAgencyId.eq(who.agency));
    Condition::any().add(in_whole(who)).add(open(who).add(own))
}

fn ids(rule: Condition) -> SelectStatement {
    Query::select().column(allegation::Column::Id).from(allegation::Entity).cond_where(rule).take()
}

/// Rows of another table that come from no allegation, or from one that is read in whole.
pub(super) fn told(who: &Standing, column: impl ColumnTrait) -> Condition {
    absent_or(column, column.in_subquery(ids(in_whole(who))))
}

/// Events of no allegation, or of one that is read in whole; that it was referred is told to who referred it as well.
pub(super) fn told_events(who: &Standing) -> Condition {
    use event::Column as C;
    let referred = C::Kind.eq(event::Kind::AllegationReferred).and(C::AllegationId.in_subquery(ids(seen(who))));
    told(who, C::AllegationId).add(referred)
}

/// The entries of reader lists of allegations: all for the LADO, the own one for a reader.
pub(super) fn listings(who: &Standing) -> Condition {
    use reader_listing::Column as C;
    let readable = C::AllegationId.in_subquery(ids(in_whole(who)));
    if is_lado(who) { Condition::all().add(readable) } else { lists::own_listings(who).add(readable) }
}

/// The strategy meetings about the reader, which do not exist for the reader whatever would open them.
pub(super) fn meetings_about(who: &Standing) -> SelectStatement {
    let about = ids(Condition::all().add(allegation::Column::SubjectId.eq(who.practitioner)));
    meetings().and_where(strategy_meeting::Column::AllegationId.in_subquery(about)).take()
}

/// The strategy meetings about professionals.
pub(super) fn meetings_about_anybody() -> SelectStatement {
    meetings().and_where(strategy_meeting::Column::AllegationId.is_not_null()).take()
}

fn meetings() -> SelectStatement {
    Query::select().column(strategy_meeting::Column::Id).from(strategy_meeting::Entity).take()
}

/// The meetings about professionals that are the LADO's, in whatever post.
pub(super) fn meetings_of_lado(who: &Standing) -> Option<Expr> {
    is_lado(who).then(|| strategy_meeting::Column::AllegationId.in_subquery(ids(in_whole(who))))
}

/// Of the meetings about children of those who hold the record: not those about a professional, but for who reads the
/// allegation, leads the meeting, or was asked to it by name.
pub(super) fn meetings_told(who: &Standing) -> Condition {
    use strategy_meeting::Column as C;
    told(who, C::AllegationId).add(C::LeadId.eq(who.practitioner)).add(Expr::exists(by_name(who)))
}

/// Of the meetings that others were asked to: those about a colleague only for the same, so that neither the manager of that
/// person nor anybody else at the agency hears of it by an invitation of the whole agency.
pub(super) fn meetings_told_at_agency(who: &Standing) -> Condition {
    if !who.shut.alleged {
        // then no meeting is about a colleague
        return Condition::all();
    }
    meetings_told(who).add(absent_or_not(strategy_meeting::Column::AllegationId, about_colleagues(who)))
}

fn about_colleagues(who: &Standing) -> SelectStatement {
    ids(Condition::all().add(allegation::Column::SubjectAgencyId.eq(who.agency)))
}

/// The meetings about colleagues that this person is not told of.
pub(super) fn meetings_about_colleagues(who: &Standing) -> SelectStatement {
    meetings()
        .and_where(strategy_meeting::Column::AllegationId.in_subquery(about_colleagues(who)))
        .cond_where(meetings_told(who).not())
        .take()
}

fn by_name(who: &Standing) -> SelectStatement {
    use involvement::Column as I;
    Query::select()
        .expr(Expr::val(1))
        .from(involvement::Entity)
        .and_where(I::StrategyMeetingId.into_expr().equals(strategy_meeting::Column::Id.as_column_ref()))
        .and_where(I::PractitionerId.eq(who.practitioner))
        .and_where(I::AgencyId.eq(who.agency))
        .and_where(I::StartsAt.lte(who.at))
        .take()
}
