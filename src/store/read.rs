//! Rows on their way out. Everything that is read for a caller leaves through here: with the row rule of its table,
//! and noted for the access record in the same step.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use entity::audit::Decision;
use entity::id::{AgencyId, ChildId, TypedId};
use entity::{event, involvement, membership};
use sea_orm::sea_query::{IntoCondition, Order, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, PrimaryKeyTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
};

use super::Scoped;
use super::loaders::List;
use super::outbox::Named;
use super::page::Page;
use super::visible::{Visible, events_naming, invitations_to, lists};
use crate::error::{Error, Result};
use crate::policy::Standing;

/// Rows of one table that a reader may see, still to be narrowed and read.
pub(super) struct Rows<'s, E: Visible> {
    select: Select<E>,
    /// Which of these may be seen.
    rule: Condition,
    scope: &'s Scoped,
    within: Option<&'s DatabaseTransaction>,
}

impl<'s> Rows<'s, event::Entity> {
    /// The events that the reader may see and that name nothing but what is `named`.
    pub(super) fn of_events(scope: &'s Scoped, named: Named) -> Self {
        Self { select: event::Entity::find(), rule: events_naming(&scope.who, named), scope, within: None }
    }
}

impl<'s, E: Visible> Rows<'s, E> {
    /// All rows of the table that the reader may see.
    pub(super) fn of(scope: &'s Scoped) -> Self {
        Self { select: E::find(), rule: E::rows(&scope.who), scope, within: None }
    }

    /// The rows of a list that the reader may see.
    pub(super) fn of_list<L: List<Entity = E>>(scope: &'s Scoped) -> Self {
        Self { select: E::find(), rule: list_rule::<L>(&scope.who), scope, within: None }
    }

    /// The same of few rows that are named: each is asked about, and not all found first that may be seen.
    fn one_by_one(self) -> Self {
        Self { rule: E::rows(&self.scope.who.one_by_one()), ..self }
    }

    /// Reads inside a transaction.
    pub(super) fn within(self, tx: &'s DatabaseTransaction) -> Self {
        Self { within: Some(tx), ..self }
    }

    /// Only rows that meet a condition.
    pub(super) fn filter(self, condition: impl IntoCondition) -> Self {
        Self { select: self.select.filter(condition.into_condition()), ..self }
    }

    /// In an order.
    pub(super) fn order_by(self, column: E::Column, order: Order) -> Self {
        Self { select: self.select.order_by(column, order), ..self }
    }

    /// Not more than `most`.
    pub(super) fn limit(self, most: u64) -> Self {
        Self { select: self.select.limit(most), ..self }
    }

    /// Locks what is read until the end of the transaction.
    pub(super) fn locked(self) -> Self {
        Self { select: self.select.lock_exclusive(), ..self }
    }

    /// All of them.
    pub(super) async fn all(self) -> Result<Vec<E::Model>> {
        let scope = self.scope;
        let rows = self.fetch().await?;
        scope.who.handed::<E>(&rows);
        Ok(rows)
    }

    /// The row of an id; `NotFound` if it is absent or invisible.
    pub(super) async fn named(self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<E::Model>
    where
        <E::PrimaryKey as PrimaryKeyTrait>::ValueType: TypedId + Into<Value>,
    {
        let scope = self.scope;
        let row = self.one_by_one().filter(E::id_column().eq(id)).fetch().await?.pop();
        match &row {
            Some(row) => scope.who.handed::<E>([row]),
            None => scope.who.missed::<E>(std::iter::once(id.uuid())),
        }
        row.ok_or(Error::NotFound)
    }

    /// The rows of ids, as far as they are there and visible.
    pub(super) async fn all_named<K>(self, ids: &[K]) -> Result<Vec<E::Model>>
    where
        K: TypedId + Into<Value>,
        E: Identified<K>,
    {
        let scope = self.scope;
        let rows = self.one_by_one().filter(E::id_column().is_in(ids.iter().copied())).fetch().await?;
        scope.who.handed::<E>(&rows);
        let found: HashSet<K> = rows.iter().map(E::id_of).collect();
        scope.who.missed::<E>(ids.iter().filter(|id| !found.contains(id)).map(|id| id.uuid()));
        Ok(rows)
    }

    /// Which of these ids are there and visible; nothing of their rows is handed out.
    pub(super) async fn reached<K>(self, ids: &[K]) -> Result<HashSet<K>>
    where
        K: TypedId + Into<Value>,
        E: Identified<K>,
    {
        let rows = self.one_by_one().filter(E::id_column().is_in(ids.iter().copied())).fetch().await?;
        Ok(rows.iter().map(E::id_of).collect())
    }

    /// The one row there is; `NotFound` for none, `None` for more than one. `by_name` says how it was searched for.
    pub(super) async fn only(self, by_name: bool) -> Result<Option<E::Model>> {
        self.limit(2).only_first(by_name, |_| true).await
    }

    /// The same; where some of them are `first`, the others do not count.
    pub(super) async fn only_first(self, by_name: bool, first: impl Fn(&E::Model) -> bool) -> Result<Option<E::Model>> {
        let scope = self.scope;
        let mut found = self.fetch().await?;
        if found.iter().any(&first) {
            found.retain(first);
        }
        match (found.pop(), found.pop()) {
            (Some(row), None) => {
                scope.who.handed::<E>([&row]);
                Ok(Some(row))
            }
            (None, _) => {
                scope.who.searched(Decision::NotFound, by_name);
                Err(Error::NotFound)
            }
            (Some(_), Some(_)) => {
                scope.who.searched(Decision::Ambiguous, by_name);
                Ok(None)
            }
        }
    }

    /// True if there is one; nothing of it is handed out.
    pub(super) async fn exist(self) -> Result<bool> {
        Ok(!self.limit(1).fetch().await?.is_empty())
    }

    /// The first rows, and whether more follow.
    pub(super) async fn page(self, first: u16) -> Result<Page<E::Model>> {
        let scope = self.scope;
        let page = Page::cut(self.limit(u64::from(first) + 1).fetch().await?, first);
        scope.who.listed::<E>();
        scope.who.handed::<E>(&page.rows);
        Ok(page)
    }

    /// A page for each parent, from the statement that `numbered` makes of these rows.
    pub(super) async fn pages<K: Copy + Eq + Hash>(
        self,
        numbered: impl FnOnce(SelectStatement) -> SelectStatement,
        first: u16,
        parent_of: impl Fn(&E::Model) -> Option<K>,
    ) -> Result<HashMap<K, Page<E::Model>>>
    where
        E::Model: FromQueryResult,
    {
        let pool = &self.scope.store.db.reads;
        let statement = pool.get_database_backend().build(&numbered(self.select.filter(self.rule).into_query()));
        let rows = E::Model::find_by_statement(statement).all(pool).await?;
        let pages = Page::below(rows, first, parent_of);
        self.scope.who.handed::<E>(pages.values().flat_map(|page| &page.rows));
        Ok(pages)
    }

    /// What would be read, for a statement that reads more.
    pub(super) fn into_select(self) -> SelectStatement {
        self.select.filter(self.rule).into_query()
    }

    async fn fetch(self) -> Result<Vec<E::Model>> {
        let select = self.select.filter(self.rule);
        Ok(match self.within {
            Some(tx) => select.all(tx).await?,
            None => select.all(&self.scope.store.db.reads).await?,
        })
    }
}

/// The rows of a table that a reader may see, beneath what they stand. Whoever reads them notes them.
pub(super) fn seen_by<E: Visible>(who: &Standing) -> Select<E> {
    E::find().filter(E::rule(who))
}

/// The rule of the rows of a list: that of their kind where there is one.
fn list_rule<L: List>(who: &Standing) -> Condition {
    let rule = L::MEETING.map_or_else(|| L::Entity::rule(who), |meeting| invitations_to(who, meeting));
    Condition::all().add(rule).add_option(L::only())
}

/// The rows of a list that a reader may see, for a statement that reads more.
pub(super) fn list_rows<L: List>(who: &Standing) -> SelectStatement {
    L::Entity::find().filter(list_rule::<L>(who)).into_query()
}

impl Scoped {
    /// Child and agency of the relationships that would tell this reader where one of these children is.
    pub(super) async fn hidden_places(&self, children: &[ChildId]) -> Result<HashSet<ChildId>> {
        let select = lists::hidden(&self.who).filter(membership::Column::ChildId.is_in(children.iter().copied()));
        // SECURITY: read past the row rule; nothing leaves but of which of these children it is not to be told where they are
        let rows = select.all(&self.store.db.reads).await?;
        Ok(rows.into_iter().filter_map(|row| row.child_id).collect())
    }

    /// Children and the agencies that are marked as telling where these are, whoever asks.
    pub(super) async fn marked(&self, children: &[ChildId]) -> Result<HashSet<(ChildId, AgencyId)>> {
        let select = lists::marked(&self.who).filter(involvement::Column::ChildId.is_in(children.iter().copied()));
        // SECURITY: read past the row rule: nothing leaves but what is not to be told
        let rows = select.all(&self.store.db.reads).await?;
        Ok(rows.into_iter().map(|row| (row.child_id, row.agency_id)).collect())
    }

    /// Children and the agencies that would tell the reader where these are.
    pub(super) async fn locating(&self, children: &[ChildId]) -> Result<HashSet<(ChildId, AgencyId)>> {
        locating(&self.store.db.reads, &self.who, children).await
    }
}

/// Children and the agencies that would tell somebody where these are.
pub(super) async fn locating<C: ConnectionTrait>(
    db: &C,
    who: &Standing,
    children: &[ChildId],
) -> Result<HashSet<(ChildId, AgencyId)>> {
    let Some(select) = lists::apart(who) else { return Ok(HashSet::new()) };
    let select = select.filter(involvement::Column::ChildId.is_in(children.iter().copied()));
    // SECURITY: read past the row rule, whose very rows these are: nothing leaves but what is not to be told
    let rows = select.all(db).await?;
    Ok(rows.into_iter().map(|row| (row.child_id, row.agency_id)).collect())
}

/// A table whose rows have an id of type `K`.
pub trait Identified<K>: Visible {
    /// The id of a row.
    fn id_of(row: &Self::Model) -> K;
}
