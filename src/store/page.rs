//! Keyset pages: in one place, for root lists and for lists below a parent, both in a fixed number of statements.

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::sea_query::{
    Alias, Asterisk, Expr, ExprTrait, Order, OverStatement as _, Query, SelectStatement, WindowStatement,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait};
use uuid::Uuid;

use super::Scoped;
use super::loaders::List;
use super::read::Rows;
use super::visible::Visible;
use crate::error::{Error, Result};

/// What a list is sorted by before the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// The id alone: by time of making.
    Id,
    /// An instant.
    At(DateTime<Utc>),
    /// A day.
    On(NaiveDate),
    /// A text.
    Text(String),
    /// A number that counts up.
    Number(i64),
}

/// A place in a list: opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Value of the sort column at that place.
    pub key: SortKey,
    /// Id at that place.
    pub id: Uuid,
}

impl Cursor {
    /// The cursor as clients carry it.
    pub fn encode(&self) -> String {
        let key = match &self.key {
            SortKey::Id => "i".to_owned(),
            SortKey::At(at) => format!("a{}", at.timestamp_micros()),
            SortKey::On(on) => format!("d{on}"),
            SortKey::Text(text) => format!("t{text}"),
            SortKey::Number(number) => format!("n{number}"),
        };
        URL_SAFE_NO_PAD.encode(format!("{}:{key}", self.id.simple()))
    }

    /// Reads a cursor that [`Self::encode`] wrote; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, key) = plain.split_once(':')?;
        let id = Uuid::try_parse(id).ok()?;
        let mut chars = key.chars();
        // nothing else was ever written, and not all else can be asked of both databases
        let known = |day: &NaiveDate| (1900..=2201).contains(&day.year());
        let key = match (chars.next()?, chars.as_str()) {
            ('i', "") => SortKey::Id,
            ('a', micros) => {
                SortKey::At(DateTime::from_timestamp_micros(micros.parse().ok()?).filter(|at| known(&at.date_naive()))?)
            }
            ('d', day) => SortKey::On(day.parse().ok().filter(known)?),
            ('n', number) => SortKey::Number(number.parse().ok()?),
            ('t', text) if !text.contains('\0') => SortKey::Text(text.to_owned()),
            _ => return None,
        };
        Some(Self { key, id })
    }
}

/// How many, and after which place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageArgs {
    /// Rows asked for.
    pub first: u16,
    /// The place to go on from.
    pub after: Option<Cursor>,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Page<M> {
    /// The rows, in order.
    pub rows: Vec<M>,
    /// True if more follow.
    pub more: bool,
}

impl<M> Page<M> {
    pub(super) fn cut(mut rows: Vec<M>, first: u16) -> Self {
        let more = rows.len() > usize::from(first);
        rows.truncate(usize::from(first));
        Self { rows, more }
    }

    /// The pages of rows that stand in order below each of their parents.
    pub(super) fn below<K: Eq + Hash>(
        rows: Vec<M>,
        first: u16,
        parent_of: impl Fn(&M) -> Option<K>,
    ) -> HashMap<K, Self> {
        let mut below: HashMap<K, Vec<M>> = HashMap::new();
        for row in rows {
            if let Some(parent) = parent_of(&row) {
                below.entry(parent).or_default().push(row);
            }
        }
        below.into_iter().map(|(parent, rows)| (parent, Self::cut(rows, first))).collect()
    }
}

/// The place of a row below its parent, from 1.
pub(super) const PLACE: &str = "place";

/// Rows with their [`PLACE`] in an order, below each parent if there is one.
pub(super) fn placed<C: ColumnTrait>(rows: &mut SelectStatement, parent: Option<C>, order: &[(C, Order)]) {
    let mut window = WindowStatement::new();
    if let Some(parent) = parent {
        window.partition_by(parent.as_column_ref());
    }
    for (column, order) in order {
        window.order_by(column.as_column_ref(), order.clone());
    }
    rows.expr_window_as(Expr::cust("ROW_NUMBER()"), window, Alias::new(PLACE));
}

/// The first `most` rows below each parent, in one statement.
pub(super) fn numbered<C: ColumnTrait>(
    mut rows: SelectStatement,
    parent: C,
    order: &[(C, Order)],
    most: u64,
) -> SelectStatement {
    placed(&mut rows, Some(parent), order);
    Query::select()
        .column(Asterisk)
        .from_subquery(rows, Alias::new("numbered"))
        .and_where(Expr::col(Alias::new(PLACE)).lte(i64::try_from(most).unwrap_or(i64::MAX)))
        .order_by(Alias::new(PLACE), Order::Asc)
        .take()
}

/// A table with the order its lists have.
pub trait Listed: Visible {
    /// The column sorted by before the id; `None` sorts by id.
    fn sort_column() -> Option<Self::Column>;
    /// Newest first, or oldest first.
    const NEWEST_FIRST: bool;
    /// The place of a row.
    fn cursor(row: &Self::Model) -> Cursor;
}

/// The columns of a list and how it goes along them.
pub(super) fn in_order<E: Listed>(newest_first: bool) -> Vec<(E::Column, Order)> {
    let order = if newest_first { Order::Desc } else { Order::Asc };
    E::sort_column().into_iter().chain([E::id_column()]).map(|column| (column, order.clone())).collect()
}

/// The rows that come after `cursor`. A cursor of another list is refused.
pub(super) fn past<E: Listed>(cursor: &Cursor, newest_first: bool) -> Result<Condition> {
    let wrong = || Error::BadInput { argument: "after".into(), message: "This cursor is not one of this list." };
    let beyond = |column: E::Column, value: sea_orm::Value| {
        if newest_first { column.lt(value) } else { column.gt(value) }
    };
    let id = beyond(E::id_column(), cursor.id.into());
    let (column, value): (E::Column, sea_orm::Value) = match (E::sort_column(), &cursor.key) {
        (None, SortKey::Id) => return Ok(Condition::all().add(id)),
        (Some(column), SortKey::At(at)) => (column, (*at).into()),
        (Some(column), SortKey::On(on)) => (column, (*on).into()),
        (Some(column), SortKey::Text(text)) => (column, text.clone().into()),
        (Some(column), SortKey::Number(number)) => (column, (*number).into()),
        (None, _) | (Some(_), SortKey::Id) => return Err(wrong()),
    };
    Ok(Condition::any().add(beyond(column, value.clone())).add(Condition::all().add(column.eq(value)).add(id)))
}

pub(super) fn select_past<'s, E: Listed>(
    rows: Rows<'s, E>,
    args: &PageArgs,
    newest_first: bool,
) -> Result<Rows<'s, E>> {
    Ok(match &args.after {
        Some(cursor) => rows.filter(past::<E>(cursor, newest_first)?),
        None => rows,
    })
}

/// A list of what is in scope, narrowed or whole, still to be read.
pub struct Listing<E> {
    pub(super) filter: Condition,
    pub(super) newest_first: bool,
    of: PhantomData<fn() -> E>,
}

impl<E: Listed> Listing<E> {
    pub(super) fn that(filter: Condition) -> Self {
        Self { filter, newest_first: E::NEWEST_FIRST, of: PhantomData }
    }

    /// Everything in scope.
    pub fn whole() -> Self {
        Self::that(Condition::all())
    }

    /// The same list in this direction, if one is given.
    #[must_use]
    pub fn directed(self, newest_first: Option<bool>) -> Self {
        Self { newest_first: newest_first.unwrap_or(self.newest_first), ..self }
    }
}

impl Scoped {
    /// The agencies of the reader's authority, of one kind or all.
    pub fn agencies(&self, kind: Option<entity::agency::Kind>) -> Listing<entity::agency::Entity> {
        use entity::agency::Column;
        let filter = Condition::all().add(Column::LocalAuthorityId.eq(self.who.authority));
        Listing::that(filter.add_option(kind.map(|kind| Column::Kind.eq(kind))))
    }

    /// The conferences that `filter` names.
    pub fn conferences(&self, filter: &super::conference::ConferenceFilter) -> Listing<entity::conference::Entity> {
        Listing::that(filter.condition())
    }

    /// The report requests that stand so, or all.
    pub fn report_requests(&self, wanted: &super::report::WantedRequests) -> Listing<entity::report_request::Entity> {
        Listing::that(wanted.condition(self.who.at))
    }

    /// The deadlines that `filter` names, by when they are due.
    pub fn deadlines(&self, filter: &super::deadline::DeadlineFilter) -> Listing<entity::deadline::Entity> {
        Listing::that(filter.condition(&self.who))
    }

    /// The allegations that are seen; of one status only those that are read in whole, as who has a receipt is not told
    /// where it stands.
    pub fn allegations(&self, status: Option<entity::allegation::Status>) -> Listing<entity::allegation::Entity> {
        use entity::allegation::Column;
        Listing::that(status.map_or_else(Condition::all, |status| {
            super::visible::allegation::in_whole(&self.who).add(Column::Status.eq(status))
        }))
    }

    /// The entries of a review, of one kind or all, answered or not or both.
    pub fn review_entries(
        &self,
        review: entity::id::AccessReviewId,
        kind: Option<entity::access_review_entry::Kind>,
        answered: Option<bool>,
    ) -> Listing<entity::access_review_entry::Entity> {
        use entity::access_review_entry::Column;
        let answer = |yes| if yes { Column::Answer.is_not_null() } else { Column::Answer.is_null() };
        Listing::that(
            Condition::all()
                .add(Column::AccessReviewId.eq(review))
                .add_option(kind.map(|kind| Column::Kind.eq(kind)))
                .add_option(answered.map(answer)),
        )
    }

    /// One page of a list.
    pub async fn page<E: Listed>(&self, listing: Listing<E>, args: &PageArgs) -> Result<Page<E::Model>> {
        let newest_first = listing.newest_first;
        let mut select = select_past(self.rows::<E>().filter(listing.filter), args, newest_first)?;
        for (column, order) in in_order::<E>(newest_first) {
            select = select.order_by(column, order);
        }
        select.page(args.first).await
    }

    /// One page below each of `parents`, all in one statement: rows are numbered within their parent.
    pub async fn pages_below<L: List>(
        &self,
        parents: &[L::Parent],
        args: &PageArgs,
    ) -> Result<HashMap<L::Parent, Page<<L::Entity as EntityTrait>::Model>>> {
        let parent = L::column();
        let rows = Rows::of_list::<L>(self).filter(parent.is_in(parents.iter().copied()));
        let rows = select_past(rows, args, L::NEWEST_FIRST)?;
        let order = in_order::<L::Entity>(L::NEWEST_FIRST);
        let numbered = |rows| numbered(rows, parent, &order, u64::from(args.first) + 1);
        rows.pages(numbered, args.first, L::parent).await
    }
}

macro_rules! listed {
    ($($table:ident: $sort:expr, $newest:literal, |$row:ident| $key:expr;)+) => { $(
        impl Listed for entity::$table::Entity {
            const NEWEST_FIRST: bool = $newest;
            fn sort_column() -> Option<Self::Column> { $sort }
            fn cursor($row: &Self::Model) -> Cursor { Cursor { key: $key, id: $row.id.0 } }
        }
    )+ };
}

listed! {
    access_alert: None, true, |row| SortKey::Id;
    export: None, true, |row| SortKey::Id;
    access_review_entry: None, false, |row| SortKey::Id;
    agency: Some(entity::agency::Column::Name), false, |row| SortKey::Text(row.name.clone());
    child: None, false, |row| SortKey::Id;
    conflict: None, false, |row| SortKey::Id;
    involvement: None, false, |row| SortKey::Id;
    membership: None, false, |row| SortKey::Id;
    strategy_meeting: Some(entity::strategy_meeting::Column::ScheduledAt), true, |row| SortKey::At(row.scheduled_at);
    strategy_meeting_child: None, false, |row| SortKey::Id;
    conference: Some(entity::conference::Column::ScheduledAt), true, |row| SortKey::At(row.scheduled_at);
    conference_child: None, false, |row| SortKey::Id;
    invitation: None, false, |row| SortKey::Id;
    report_request: Some(entity::report_request::Column::DueAt), false, |row| SortKey::At(row.due_at);
    conference_report: None, true, |row| SortKey::Id;
    report_answer: None, false, |row| SortKey::Id;
    family_copy: None, false, |row| SortKey::Id;
    non_attendance_letter: None, true, |row| SortKey::Id;
    escalation: None, true, |row| SortKey::Id;
    escalation_entry: None, false, |row| SortKey::Id;
    webhook: None, true, |row| SortKey::Id;
    webhook_delivery: None, true, |row| SortKey::Id;
    chronology_row: Some(entity::chronology_row::Column::OccurredOn), false, |row| SortKey::On(row.occurred_on);
    attachment: None, false, |row| SortKey::Id;
    allegation: Some(entity::allegation::Column::ReceivedAt), true, |row| SortKey::At(row.received_at);
    restricted_item: None, true, |row| SortKey::Id;
    reader_listing: None, false, |row| SortKey::Id;
    plan: Some(entity::plan::Column::StartsOn), true, |row| SortKey::On(row.starts_on);
    plan_version: Some(entity::plan_version::Column::Number), false, |row| SortKey::Number(row.number);
    plan_action: Some(entity::plan_action::Column::DueOn), false, |row| SortKey::On(row.due_on);
    deadline: Some(entity::deadline::Column::DueAt), false, |row| SortKey::At(row.due_at);
    enquiry: Some(entity::enquiry::Column::StartedAt), true, |row| SortKey::At(row.started_at);
    episode: Some(entity::episode::Column::ReferredOn), true, |row| SortKey::On(row.referred_on);
    assessment: Some(entity::assessment::Column::StartedOn), true, |row| SortKey::On(row.started_on);
    entry: Some(entity::entry::Column::RecordedAt), false, |row| SortKey::At(row.recorded_at);
    finished_step: Some(entity::finished_step::Column::FinishedAt), false, |row| SortKey::At(row.finished_at);
    document_issue: Some(entity::document_issue::Column::IssuedAt), false, |row| SortKey::At(row.issued_at);
    document_copy: None, false, |row| SortKey::Id;
    core_group_member: None, false, |row| SortKey::Id;
    transfer_share: Some(entity::transfer_share::Column::SharedAt), true, |row| SortKey::At(row.shared_at);
    chair_delegation: Some(entity::chair_delegation::Column::StartsAt), true, |row| SortKey::At(row.starts_at);
    designation: Some(entity::designation::Column::StartsAt), true, |row| SortKey::At(row.starts_at);
    emergency_access: Some(entity::emergency_access::Column::OpenedAt), true, |row| SortKey::At(row.opened_at);
    notice: Some(entity::notice::Column::At), true, |row| SortKey::At(row.at);
    core_group_meeting: Some(entity::core_group_meeting::Column::HeldAt), true, |row| SortKey::At(row.held_at);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back_as_they_went(micros in 0_i64..4_000_000_000_000_000, bits in any::<u128>(), text in "[^\\x00\n]{0,20}") {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let id = Uuid::from_u128(bits);
            for key in [SortKey::Id, SortKey::At(at), SortKey::On(at.date_naive()), SortKey::Text(text.clone()), SortKey::Number(micros)] {
                let cursor = Cursor { key, id };
                prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
            }
        }

        #[test]
        fn no_cursor_leads_out_of_what_is_kept(micros in any::<i64>(), year in -9999_i32..99999) {
            let id = Uuid::nil().simple();
            let decode = |key: String| Cursor::decode(&URL_SAFE_NO_PAD.encode(format!("{id}:{key}")));
            let inside = |year: i32| (1900..=2201).contains(&year);
            let at = DateTime::from_timestamp_micros(micros).is_some_and(|at| inside(at.year()));
            prop_assert_eq!(decode(format!("a{micros}")).is_some(), at);
            let day = NaiveDate::from_ymd_opt(year, 7, 1).unwrap();
            prop_assert_eq!(decode(format!("d{day}")).is_some(), inside(year));
            prop_assert!(decode("tA\0B".to_owned()).is_none());
        }

        #[test]
        fn anything_else_is_no_cursor(text in "\\PC{0,40}") {
            if let Some(cursor) = Cursor::decode(&text) {
                prop_assert_eq!(cursor.encode(), text);
            }
        }
    }
}
