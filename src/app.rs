//! The composition root: the one file that knows every room. Used by the commands and by the tests.

use std::path::Path;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use uuid::Uuid;

use crate::auth::{AuthSettings, Grant, KeyError, Principal, Verifier};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::graphql::context::Session;
use crate::graphql::document::DocumentGuard;
use crate::graphql::limits::DocumentLimits;
use crate::graphql::{self, ApiSchema};
use crate::http::{self, Edge, HttpSettings};
use crate::store::{Database, Store};

/// The API over a store.
#[derive(Clone)]
pub struct Quorate {
    schema: ApiSchema,
    guard: Arc<DocumentGuard>,
    store: Store,
}

/// What can go wrong before the server runs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys cannot be used.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The schema does not pass its own gate.
    #[error("schema: {0}")]
    Schema(String),
    /// The database cannot be used.
    #[error("database: {0}")]
    Database(#[from] Error),
    /// The address cannot be listened on, or a file not used.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Said plainly.
    #[error("{0}")]
    Said(String),
}

impl Quorate {
    /// The API over an open, migrated database.
    ///
    /// # Errors
    /// If the schema does not pass its own gate.
    pub fn new(database: Database, clock: Clock, limits: DocumentLimits) -> std::result::Result<Self, StartError> {
        let schema = graphql::schema();
        let guard = DocumentGuard::new(&graphql::sdl_of(&schema), limits).map_err(StartError::Schema)?;
        Ok(Self { schema, guard: Arc::new(guard), store: Store::new(database, clock) })
    }

    /// Serves on `listener` until told to stop.
    ///
    /// # Errors
    /// If keys or listener cannot be used.
    pub fn serve(
        self,
        listener: std::net::TcpListener,
        auth: AuthSettings,
        settings: HttpSettings,
    ) -> std::result::Result<actix_web::dev::Server, StartError> {
        let clock = self.store.clock().clone();
        let verifier = Verifier::new(auth, clock.clone())?;
        let edge = Edge { api: self, verifier, settings: Arc::new(settings), clock };
        let graphiql = edge.settings.graphiql;
        let pages = move |cfg: &mut actix_web::web::ServiceConfig| {
            if graphiql {
                http::page::page(cfg, Path::new("assets/graphiql"));
            }
        };
        Ok(http::serve(listener, edge, pages)?)
    }
}

impl http::Api for Quorate {
    type Session = Session;

    fn document(&self) -> &DocumentGuard {
        &self.guard
    }

    async fn open(&self, principal: &Principal, operation: OperationType, request: Uuid) -> Result<Session> {
        let grant = match operation {
            OperationType::Query => Grant::Read,
            OperationType::Mutation => Grant::Submit,
            OperationType::Subscription => Grant::Subscribe,
        };
        if !principal.may(grant) {
            return Err(Error::Denied("The token does not allow this kind of operation."));
        }
        let scope = self.store.scoped(principal, request).await?;
        Ok(Session::new(scope, principal.clone(), request))
    }

    async fn stands(&self, principal: &Principal, request: Uuid) -> bool {
        !matches!(self.store.scoped(principal, request).await, Err(Error::NotFound))
    }

    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(request).await
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request).boxed()
    }

    async fn ready(&self) -> bool {
        self.store.answers().await && self.store.pending_migrations().await.is_ok_and(|pending| pending == 0)
    }
}
