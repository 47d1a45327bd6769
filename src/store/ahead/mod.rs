//! Reading ahead: all rows that an operation's selection will ask for, in one statement and one snapshot.
//!
//! A step is what a batch of [`loaders`](super::loaders) would read for one place of the document. It starts where
//! `rows::<E>()` does, so it has the same row rule; it hands its rows out under the same keys, notes them in the same ledger,
//! and where no step was laid the batch serves. So a read ahead is faster, and never another truth.
//!
//! Rows come as JSON arrays and are decoded past sea-orm's row type, by `serde` into the same models: one row type per
//! statement cannot hold the rows of ten tables.

mod found;
mod sql;
mod text;
pub mod ways;

use std::any::Any;
use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;

use entity::id::TypedId;
use sea_orm::sea_query::{Order, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, IdenStatic, QueryTrait, Statement, Value,
};

pub use self::found::Found;
use self::sql::{Cut, Part};
pub(super) use self::text::Texts;
use super::Scoped;
use super::loaders::{Below, List, Loader, Row, RowKey, RowOf};
use super::page::{Listed, Listing, Page, PageArgs, in_order, past, select_past};
use super::read::{Identified as _, list_rows, seen_by};
use super::visible::{Visible, beneath, shown_by};
use crate::error::{Error, Result};
use crate::policy::Standing;

/// Steps of one statement at the most; what comes after is left to the batches.
const MOST_STEPS: usize = 40;

/// A read that is being laid out.
pub struct Ahead<'s> {
    scope: &'s Scoped,
    root: Option<Part>,
    /// How each step below the first is asked for by a reader.
    builds: Vec<Build>,
    takes: Vec<Take>,
    /// Steps by where they start and what they are, so that two places that ask the same share one.
    laid: HashMap<(usize, String), usize>,
    /// All of these in turn: two reads of one shape differ in the first step and the reader only.
    shape: String,
    /// False where a step is another for each request.
    lasting: bool,
}

/// Makes a step for a reader, below those made before.
type Build = Box<dyn Fn(&Standing, &[Part]) -> Option<Part> + Send>;

/// Takes the rows of a step in and puts them under their keys.
type Take = Box<dyn FnOnce(&mut Taken<'_>, &str) -> Result<Box<dyn Any + Send>> + Send>;

/// The rows of a step: where other steps can start.
pub struct At<E>(usize, PhantomData<fn() -> E>);

impl<E> Clone for At<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for At<E> {}

/// What has been taken in so far.
pub struct Taken<'s> {
    scope: &'s Scoped,
    rows: Vec<Box<dyn Any + Send>>,
    found: Found,
    /// True if more follow the page it began with.
    more: bool,
}

impl Taken<'_> {
    fn rows<E: Visible>(&self, at: At<E>) -> &[E::Model] {
        self.rows.get(at.0).and_then(|rows| rows.downcast_ref::<Vec<E::Model>>()).map_or(&[], Vec::as_slice)
    }
}

fn decode<E: Visible>(json: &str) -> Result<Vec<E::Model>> {
    serde_json::from_str(json).map_err(|error| Error::Internal(Box::new(error)))
}

/// Which rows, and the order of which the first one counts.
pub type Among<E> = (Condition, Vec<(<E as EntityTrait>::Column, Order)>);

/// One row below each of several parents, at the most.
pub trait One: Copy + Eq + Hash + Send + Sync + 'static {
    /// Its table.
    type Entity: Visible;
    /// What the parent's id is.
    type Parent: TypedId + Into<Value>;
    /// The key it is loaded by.
    fn of(parent: Self::Parent) -> Self;
    /// The column with the parent's id.
    fn column() -> <Self::Entity as EntityTrait>::Column;
    /// The parent's id in a row.
    fn parent(row: &<Self::Entity as EntityTrait>::Model) -> Self::Parent;
    /// Which rows below a parent, and the order of which the first one counts.
    fn among(who: &Standing) -> Among<Self::Entity>;
}

impl<'s> Ahead<'s> {
    /// Nothing yet.
    pub fn of(scope: &'s Scoped) -> Self {
        let (builds, takes, laid) = (Vec::new(), Vec::new(), HashMap::new());
        Self { scope, root: None, builds, takes, laid, shape: String::new(), lasting: true }
    }

    /// The reader it is laid for.
    pub const fn scope(&self) -> &'s Scoped {
        self.scope
    }

    fn backend(&self) -> DatabaseBackend {
        self.scope.store.db.reads.get_database_backend()
    }

    fn take<E: Visible>(
        &mut self,
        take: impl FnOnce(&mut Taken<'_>, Vec<E::Model>) -> Vec<E::Model> + Send + 'static,
    ) -> At<E> {
        self.takes.push(Box::new(move |taken, json| {
            let rows = decode::<E>(json)?;
            Ok(Box::new(take(taken, rows)))
        }));
        At(self.takes.len() - 1, PhantomData)
    }

    fn begin<E: Visible>(
        &mut self,
        rows: SelectStatement,
        first: Option<u16>,
        take: impl FnOnce(&mut Taken<'_>, Vec<E::Model>) -> Vec<E::Model> + Send + 'static,
    ) -> At<E> {
        self.root = Some(Part { rows, row: sql::row_of::<E>(self.backend()), first });
        // how many are gone on from stands in the steps below
        self.shape = format!("{} {first:?}", E::default().table_name());
        self.take(take)
    }

    /// A step below another, unless it was laid before or the statement is long enough. `what` names all that makes it
    /// other than another step from there.
    fn lay<P: Visible, E: Visible>(
        &mut self,
        from: At<P>,
        (key, own): (P::Column, E::Column),
        what: String,
        (rows, cut): (impl Fn(&Standing) -> SelectStatement + Send + 'static, Cut<E::Column>),
        (first, take): (Option<u16>, impl FnOnce(&mut Taken<'_>, Vec<E::Model>) -> Vec<E::Model> + Send + 'static),
    ) -> Option<At<E>> {
        if let Some(step) = self.laid.get(&(from.0, what.clone())) {
            return Some(At(*step, PhantomData));
        }
        let step = self.takes.len();
        if step >= MOST_STEPS {
            return None;
        }
        let backend = self.backend();
        for word in ["; ", &from.0.to_string(), " ", &what] {
            self.shape.push_str(word);
        }
        self.laid.insert((from.0, what), step);
        self.builds.push(Box::new(move |who, parts| {
            // the rows above were read under their rule: what these say of them is not asked again
            let under = (key.as_str() == P::id_column().as_str()).then(|| beneath::<P, _>(own));
            let above = (from.0, parts.get(from.0)?);
            let rows = rows(&who.beneath(under));
            let rows = sql::below(backend, (step, above), key.as_str(), (own, rows), &cut);
            Some(Part { rows, row: sql::row_of::<E>(backend), first })
        }));
        Some(self.take(take))
    }

    /// The row of an id.
    pub fn named<K: RowKey>(&mut self, id: K) -> At<K::Table>
    where
        Scoped: Loader<K, Value = Row<K::Table>>,
    {
        let rows = self.scope.rows::<K::Table>().filter(K::Table::id_column().eq(id)).into_select();
        let rows = sql::root::<<K::Table as EntityTrait>::Column>(rows, &Cut { order: vec![], most: Some(1) });
        self.begin(rows, None, move |taken, rows| {
            taken.put_named::<K>(&rows, &[id]);
            rows
        })
    }

    /// A page of everything in scope that meets a condition.
    ///
    /// # Errors
    /// `BadInput` for a cursor of another list.
    pub fn page<E: Listed>(&mut self, listing: Listing<E>, args: &PageArgs) -> Result<At<E>> {
        let rows = select_past(self.scope.rows::<E>().filter(listing.filter), args, listing.newest_first)?;
        let cut = Cut { order: in_order::<E>(listing.newest_first), most: Some(u64::from(args.first) + 1) };
        let rows = sql::root(rows.into_select(), &cut);
        let first = args.first;
        Ok(self.begin(rows, Some(first), move |taken, rows| {
            let page = Page::cut(rows, first);
            taken.more = page.more;
            taken.scope.who.listed::<E>();
            taken.scope.who.handed::<E>(&page.rows);
            page.rows
        }))
    }

    /// The rows that a column of earlier rows points to.
    pub fn by_id<P, K>(
        &mut self,
        from: At<P>,
        column: P::Column,
        key: fn(&P::Model) -> Option<K>,
    ) -> Option<At<K::Table>>
    where
        P: Visible,
        K: RowKey,
        Scoped: Loader<K, Value = Row<K::Table>>,
    {
        let cut = Cut { order: vec![], most: Some(1) };
        let what = format!("{}>{}", column.as_str(), K::NOUN);
        let take = move |taken: &mut Taken<'_>, rows: Vec<Row<K::Table>>| {
            let mut keys: Vec<K> = taken.rows(from).iter().filter_map(key).collect();
            keys.sort_unstable();
            keys.dedup();
            taken.put_named::<K>(&rows, &keys);
            rows
        };
        let rows = move |who: &Standing| named::<P, K::Table>(column, who);
        self.lay(from, (column, K::Table::id_column()), what, (rows, cut), (None, take))
    }

    /// A page below each of earlier rows. Nothing is laid for a cursor of another list: the batch says what is wrong.
    pub fn list<P, L>(
        &mut self,
        from: At<P>,
        list: L,
        args: &PageArgs,
        key: fn(&P::Model) -> L::Parent,
    ) -> Option<At<L::Entity>>
    where
        P: Visible,
        L: List,
    {
        let past = args.after.as_ref().map(|cursor| past::<L::Entity>(cursor, L::NEWEST_FIRST)).transpose().ok()?;
        self.lasting &= past.is_none();
        let rows = move |who: &Standing| {
            let mut rows = list_rows::<L>(who);
            rows.cond_where(past.clone().unwrap_or_else(Condition::all));
            rows
        };
        let cut = Cut { order: in_order::<L::Entity>(L::NEWEST_FIRST), most: Some(u64::from(args.first) + 1) };
        let (args, what) = (args.clone(), format!("{}{args:?}", std::any::type_name::<L>()));
        let first = args.first;
        let take = move |taken: &mut Taken<'_>, rows: Vec<RowOf<L>>| {
            let mut pages = Page::below(rows, first, L::parent);
            let mut kept = Vec::new();
            let parents: Vec<_> = taken.rows(from).iter().map(key).collect();
            for parent in parents {
                let page = pages.remove(&parent).unwrap_or_else(|| Page::cut(Vec::new(), first));
                kept.extend(page.rows.iter().cloned());
                taken.found.put(Below { list, parent, args: args.clone() }, Some(page));
            }
            taken.scope.who.handed::<L::Entity>(&kept);
            kept
        };
        self.lay(from, (P::id_column(), L::column()), what, (rows, cut), (Some(first), take))
    }

    /// One row below each of earlier rows.
    pub fn one<P, O>(&mut self, from: At<P>, key: fn(&P::Model) -> O::Parent) -> Option<At<O::Entity>>
    where
        P: Visible,
        O: One,
        Scoped: Loader<O, Value = <O::Entity as EntityTrait>::Model>,
    {
        let (_, order) = O::among(&self.scope.who);
        let rows = |who: &Standing| {
            let mut rows = select::<O::Entity>(who);
            rows.cond_where(O::among(who).0);
            rows
        };
        let what = std::any::type_name::<O>().to_owned();
        let take = move |taken: &mut Taken<'_>, rows: Vec<Row<O::Entity>>| {
            taken.scope.who.handed::<O::Entity>(&rows);
            let mut ones: HashMap<_, _> = rows.iter().map(|row| (O::parent(row), row)).collect();
            let parents: Vec<_> = taken.rows(from).iter().map(key).collect();
            for parent in parents {
                taken.found.put(O::of(parent), ones.remove(&parent).cloned());
            }
            rows
        };
        self.lay(from, (P::id_column(), O::column()), what, (rows, Cut { order, most: Some(1) }), (None, take))
    }

    /// Reads everything that was laid.
    ///
    /// # Errors
    /// `Unavailable`, or `Internal` where a row is not what its model says.
    pub async fn read(self) -> Result<Read<'s>> {
        let (scope, steps) = (self.scope, self.takes.len());
        let statement = statement(scope, self.root, &self.builds, self.lasting.then_some(&self.shape));
        let statement = statement.ok_or_else(|| Error::internal("a read ahead was laid wrongly"))?;
        let row = scope.store.db.reads.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("a read ahead brought no row"))?;
        let mut taken = Taken { scope, rows: Vec::with_capacity(steps), found: Found::default(), more: false };
        for (step, take) in self.takes.into_iter().enumerate() {
            let json: Option<String> = row.try_get("", &format!("s{step}"))?;
            let rows = take(&mut taken, json.as_deref().unwrap_or("[]"))?;
            taken.rows.push(rows);
        }
        Ok(Read(taken))
    }
}

/// The one statement of all steps; its text from those that are kept where it is of a shape.
fn statement(scope: &Scoped, root: Option<Part>, builds: &[Build], shape: Option<&String>) -> Option<Statement> {
    let backend = scope.store.db.reads.get_database_backend();
    let build = |who: &Standing, root: Part| {
        let mut parts = vec![root];
        for build in builds {
            parts.push(build(who, &parts)?);
        }
        Some(parts)
    };
    match shape {
        Some(shape) => scope.store.texts.statement(backend, &scope.who, root?, shape, build),
        None => Some(backend.build(&sql::whole(backend, build(&scope.who, root?)?))),
    }
}

/// The rows of a table that a reader may see, for a part of the statement.
fn select<E: Visible>(who: &Standing) -> SelectStatement {
    seen_by::<E>(who).into_query()
}

/// The rows of `E` that a reader may see, for those that `column` of the rows of `P` names.
fn named<P: Visible, E: Visible>(column: P::Column, who: &Standing) -> SelectStatement {
    if shown_by::<P, E>(column) { E::find().into_query() } else { select::<E>(who) }
}

/// What a read ahead brought.
pub struct Read<'s>(Taken<'s>);

impl Read<'_> {
    /// The page it began with.
    pub fn page<E: Listed>(&mut self, at: At<E>) -> Page<E::Model> {
        let rows = self.0.rows.get_mut(at.0).and_then(|rows| rows.downcast_mut::<Vec<E::Model>>());
        Page { rows: rows.map(std::mem::take).unwrap_or_default(), more: self.0.more }
    }

    /// The rest, by its keys.
    pub fn found(self) -> Found {
        self.0.found
    }
}

impl Taken<'_> {
    /// Puts rows under their ids, and nothing under the ids that are absent or invisible.
    fn put_named<K: RowKey>(&mut self, rows: &[Row<K::Table>], ids: &[K])
    where
        Scoped: Loader<K, Value = Row<K::Table>>,
    {
        self.scope.who.handed::<K::Table>(rows);
        let mut by_id: HashMap<K, &Row<K::Table>> = rows.iter().map(|row| (K::Table::id_of(row), row)).collect();
        let missing: Vec<_> = ids.iter().filter(|id| !by_id.contains_key(id)).map(|id| id.uuid()).collect();
        self.scope.who.missed::<K::Table>(missing.into_iter());
        for id in ids {
            self.found.put(*id, by_id.remove(id).cloned());
        }
    }
}
