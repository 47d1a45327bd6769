//! What a request carries into its resolvers: the reader's scope and the loaders over it. No connection.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{Timer, TokioSpawner};
use async_graphql::{Context, Response, Value};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::ahead::{OfRow, follow, follow_page};
use super::code::ErrorCode;
use super::error::{Fault, Resolved, found, or_null};
use crate::auth::Principal;
use crate::error::Error;
use crate::live::{Delivery, Hub};
use crate::store::Scoped;
use crate::store::ahead::{Ahead, Found};
use crate::store::audit::Asked;
use crate::store::loaders::{Row, RowKey};
use crate::store::page::{Listed, Listing, Page, PageArgs};

/// One operation's reader.
#[derive(Clone)]
pub struct Session {
    /// Replaced at each delivery of a subscription, so that nested fields are read with the rights of that moment.
    live: Arc<RwLock<Arc<Reader>>>,
    principal: Principal,
    asked: Arc<Asked>,
    request: Uuid,
    hub: Hub,
}

/// A scope with its loaders.
pub struct Reader {
    scope: Scoped,
    loader: Arc<DataLoader<Scoped>>,
    /// What was read ahead, by each root field that did.
    found: Arc<RwLock<Vec<Found>>>,
    /// The event that is delivered with it, until that is counted.
    delivers: Mutex<Option<Delivery>>,
}

/// Waits for the other fields of the level by yielding once. A timer would round every level up to a millisecond.
struct Yield;

impl Timer for Yield {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        tokio::task::yield_now().boxed()
    }
}

impl Reader {
    fn new(scope: Scoped) -> Self {
        let loader = DataLoader::new(scope.clone(), TokioSpawner::current(), Yield).max_batch_size(1000);
        Self { scope, loader: Arc::new(loader), found: Arc::default(), delivers: Mutex::default() }
    }

    /// The reader's scope.
    pub const fn scope(&self) -> &Scoped {
        &self.scope
    }

    /// One value, read ahead or loaded in the batch of its level; `None` if absent or invisible.
    pub async fn load<K>(&self, key: K) -> Resolved<Option<<Scoped as Loader<K>>::Value>>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Scoped: Loader<K, Error = Arc<Error>>,
    {
        let known = {
            let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
            found.iter().find_map(|found| found.get(&key))
        };
        match known {
            Some(value) => Ok(value),
            // apart: a batch takes two kilobytes, which would be moved about with each field of each row, most of which need none
            None => Box::pin(self.loader.load_one(key)).await.map_err(Fault::from),
        }
    }

    fn keep(&self, found: Found) {
        self.found.write().unwrap_or_else(PoisonError::into_inner).push(found);
    }

    /// Reads the row of an id with all that the field asks for below it; the fields find it by [`Self::load`].
    pub async fn read_named<N, K>(&self, ctx: &Context<'_>, id: K) -> Resolved<()>
    where
        N: OfRow<Table = K::Table>,
        K: RowKey,
        Scoped: Loader<K, Value = Row<K::Table>>,
    {
        if !self.scope.reads_ahead() {
            return Ok(());
        }
        let mut ahead = Ahead::of(&self.scope);
        let at = ahead.named(id);
        follow::<N>(&mut ahead, Some(at), &ctx.field());
        self.keep(Box::pin(ahead.read()).await?.found());
        Ok(())
    }

    /// One page of a list, with all that the field asks for below its entries.
    pub async fn read_page<N>(
        &self,
        ctx: &Context<'_>,
        listing: Listing<N::Table>,
        args: &PageArgs,
    ) -> Resolved<Page<Row<N::Table>>>
    where
        N: OfRow,
        N::Table: Listed,
    {
        if !self.scope.reads_ahead() {
            return Ok(Box::pin(self.scope.page(listing, args)).await?);
        }
        let mut ahead = Ahead::of(&self.scope);
        let at = ahead.page(listing, args)?;
        follow_page::<N>(&mut ahead, Some(at), &ctx.field());
        let mut read = Box::pin(ahead.read()).await?;
        let page = read.page(at);
        self.keep(read.found());
        Ok(page)
    }
}

impl Session {
    /// A session of one operation.
    pub fn new(scope: Scoped, principal: Principal, asked: Arc<Asked>, request: Uuid, hub: Hub) -> Self {
        Self { live: Arc::new(RwLock::new(Arc::new(Reader::new(scope)))), principal, asked, request, hub }
    }

    /// The answer, once what it shows stands in the access record.
    ///
    /// # Errors
    /// The answer to give instead: it has no data.
    pub async fn settled(&self, response: Response) -> Result<Response, Response> {
        let reader = self.reader();
        let scope = reader.scope();
        if has_code(&response, ErrorCode::Forbidden) {
            scope.refused();
        }
        match scope.settle().await {
            Ok(()) => Ok(response),
            Err(error) => Err(Response::from_errors(vec![Fault::from(error).without_place()])),
        }
    }

    /// Goes on with a fresh scope, to deliver an event or something else.
    pub fn renew(&self, scope: Scoped, delivers: Option<Delivery>) {
        if let Ok(mut live) = self.live.write() {
            *live = Arc::new(Reader { delivers: Mutex::new(delivers), ..Reader::new(scope) });
        }
    }

    /// The event that the answer delivered which was given now, if it did. Said once: the end of a subscription delivers none.
    pub fn delivered(&self) -> Option<Delivery> {
        self.reader().delivers.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Where this server listens.
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Whose session it is.
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What the operation says of itself for the access record.
    pub const fn asked(&self) -> &Arc<Asked> {
        &self.asked
    }

    /// The request's id.
    pub const fn request(&self) -> Uuid {
        self.request
    }

    /// Shared, as every resolver asks for it.
    fn reader(&self) -> Arc<Reader> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn has_code(response: &Response, code: ErrorCode) -> bool {
    let code = Value::from(code.as_str());
    response.errors.iter().any(|error| error.extensions.as_ref().is_some_and(|e| e.get("code") == Some(&code)))
}

/// A nullable field that is one loaded row: null if it is absent or invisible.
pub async fn loaded<K, N>(ctx: &Context<'_>, key: K, wrap: impl FnOnce(<Scoped as Loader<K>>::Value) -> N) -> Option<N>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Scoped: Loader<K, Error = Arc<Error>>,
{
    or_null(ctx, async { Ok(reader(ctx)?.load(key).await?.map(wrap)) }.await)
}

/// A root field that is the row of an id: NOT_FOUND if it is absent or invisible.
pub async fn named<K, N>(
    ctx: &Context<'_>,
    key: Resolved<K>,
    wrap: impl FnOnce(<Scoped as Loader<K>>::Value) -> N,
) -> Option<N>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Scoped: Loader<K, Error = Arc<Error>>,
{
    found(ctx, async { reader(ctx)?.load(key?).await?.map(wrap).ok_or_else(Fault::not_found) }.await)
}

/// The same, with all that the field asks for below it read in the same statement.
pub async fn named_ahead<K, N>(ctx: &Context<'_>, key: Resolved<K>, wrap: impl FnOnce(Row<K::Table>) -> N) -> Option<N>
where
    N: OfRow<Table = K::Table>,
    K: RowKey + std::hash::Hash,
    Scoped: Loader<K, Value = Row<K::Table>, Error = Arc<Error>>,
{
    let opened = async {
        let (key, reader) = (key?, reader(ctx)?);
        reader.read_named::<N, K>(ctx, key).await?;
        reader.load(key).await?.map(wrap).ok_or_else(Fault::not_found)
    };
    found(ctx, opened.await)
}

/// The session of the operation.
pub fn session<'c>(ctx: &Context<'c>) -> Resolved<&'c Session> {
    ctx.data::<Session>().map_err(|_| Error::internal("an operation ran without a session").into())
}

/// The reader of the operation.
pub fn reader(ctx: &Context<'_>) -> Resolved<Arc<Reader>> {
    session(ctx).map(Session::reader)
}
