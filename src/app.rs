//! The composition root: the one file that knows every room. Used by the commands and by the tests.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Variables};
use entity::id::AttachmentId;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::auth::{AuthSettings, Grant, KeyError, Principal, Verifier};
use crate::bundle;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::graphql::context::Session;
use crate::graphql::document::DocumentGuard;
use crate::graphql::limits::DocumentLimits;
use crate::graphql::{self, ApiSchema};
use crate::http::page::{Page, Stage};
use crate::http::seats::Seats;
use crate::http::{self, Edge, HttpSettings, Leaving};
use crate::live::{Courier, Halt, Hub, Passed};
use crate::policy::emergency::EmergencyLimits;
use crate::policy::limits::AccessLimits;
use crate::practice::Practice;
use crate::sandbox::Sandbox;
use crate::store::attachment::{Attachments, Checked, Expected, Served};
use crate::store::audit::{Asked, AuditKey, AuditSettings};
use crate::store::upkeep::Upkept;
use crate::store::webhook::settings::WebhookSettings;
use crate::store::{Database, Scoped, Store};

/// After so long it is looked whether a file waits, which another server took in or the scanner could not be asked about.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// The API over a store.
#[derive(Clone)]
pub struct Quorate {
    schema: ApiSchema,
    guard: Arc<DocumentGuard>,
    store: Store,
    /// Made when it is first asked for: by then the store is as it stays.
    hub: Arc<OnceLock<Hub>>,
    /// Ends what goes on without being asked.
    halt: Halt,
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
    /// The API over an open, migrated database, keeping its access record as `audit` says.
    ///
    /// # Errors
    /// If the schema does not pass its own gate, or the key of the record cannot be read.
    pub fn new(
        database: Database,
        clock: Clock,
        limits: DocumentLimits,
        audit: &AuditSettings,
    ) -> std::result::Result<Self, StartError> {
        let key = AuditKey::load(&audit.key_file).map_err(StartError::Said)?;
        let schema = graphql::schema();
        let guard = DocumentGuard::new(&graphql::sdl_of(&schema), limits).map_err(StartError::Schema)?;
        Ok(Self {
            schema,
            guard: Arc::new(guard),
            store: Store::new(database, clock, key, audit)?,
            hub: Arc::default(),
            halt: Halt::default(),
        })
    }

    /// The same API with other limits of emergency access.
    #[must_use]
    pub fn with_emergency(self, limits: EmergencyLimits) -> Self {
        Self { store: self.store.with_emergency(limits), ..self }
    }

    /// The same API, which reads ahead or not.
    #[must_use]
    pub fn reading_ahead(self, reads_ahead: bool) -> Self {
        Self { store: self.store.reading_ahead(reads_ahead), ..self }
    }

    /// The same API, which goes by this calendar and these standards.
    #[must_use]
    pub fn practising(self, practice: Arc<Practice>) -> Self {
        Self { store: self.store.practising(practice), ..self }
    }

    /// The same API, which keeps attachments there.
    #[must_use]
    pub fn keeping(self, attachments: Attachments) -> Self {
        Self { store: self.store.keeping(attachments), ..self }
    }

    /// The same API, which sends to webhooks there.
    #[must_use]
    pub fn sending(self, webhooks: WebhookSettings) -> Self {
        Self { store: self.store.sending(webhooks), ..self }
    }

    /// Sends to all webhooks for which something is due, until nothing is.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub async fn send_due(&self) -> Result<Passed> {
        Courier::new(self.hub().clone(), Halt::default()).pass().await
    }

    /// Sends to webhooks until the server that it serves is asked to stop, where it is said where they may be.
    pub fn send_on(&self) {
        let settings = self.store.webhooks();
        if !settings.is_on() {
            return;
        }
        if settings.test_allowance {
            tracing::warn!(
                "webhooks.test_allowance is on: what is sent may go over http and to this machine. For tests only"
            );
        }
        tokio::spawn(Courier::new(self.hub().clone(), self.halt.clone()).run());
    }

    /// Looks at all files that wait: see [`Store::check_attachments`].
    ///
    /// # Errors
    /// If the database cannot be used.
    pub async fn check_attachments(&self) -> Result<Checked> {
        self.store.check_attachments().await
    }

    /// The same API with other limits of use.
    #[must_use]
    pub fn limited(self, limits: AccessLimits) -> Self {
        Self { store: self.store.limited(limits), ..self }
    }

    /// Does all that is due without being asked: see [`Store::upkeep`].
    ///
    /// # Errors
    /// If the database cannot be used.
    pub async fn upkeep(&self) -> Result<Upkept> {
        self.store.upkeep().await
    }

    /// Does so again and again, for as long as the process lives, and looks at each file that comes.
    pub fn keep_up(&self) {
        let api = self.clone();
        tokio::spawn(async move {
            loop {
                match api.check_attachments().await {
                    Ok(Checked { clean: 0, refused: 0, waiting: 0 }) => {}
                    Ok(done) => tracing::info!(done.clean, done.refused, done.waiting, "attachments"),
                    Err(error) => tracing::error!(%error, "attachments"),
                }
                api.store.file_came(LOOK_AGAIN).await;
            }
        });
        let api = self.clone();
        let every = Duration::from_secs(60 * u64::from(self.store.limits().upkeep_minutes.max(1)));
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(every);
            loop {
                tick.tick().await;
                match api.store.upkeep_if_free().await {
                    Ok(None) => {}
                    Ok(Some(done)) => tracing::info!(done.issued, done.suspended, done.told, done.forgotten, "upkeep"),
                    Err(error) => tracing::error!(%error, "upkeep"),
                }
            }
        });
    }

    /// The answer to an operation of a principal, past the transports: what the sandbox does, it does as somebody and leaves
    /// in the access record like everybody.
    ///
    /// # Errors
    /// If the operation cannot be begun, or answers an error.
    pub async fn ask(
        &self,
        principal: &Principal,
        document: &str,
        variables: serde_json::Value,
    ) -> Result<serde_json::Value> {
        let mut request = Request::new(document).variables(Variables::from_json(variables));
        let gate = |_| Error::internal("a document of the program's own does not pass the gate");
        let prepared = self.guard.prepare(&mut request).map_err(gate)?;
        let asked = Asked {
            kind: prepared.operation_type.to_string(),
            operation: prepared.operation_name.clone(),
            document: prepared.hash.clone(),
            reason: Some("A scenario of the sandbox".to_owned()),
            ..Asked::default()
        };
        let id = self.store.clock().new_id();
        let session = http::Api::open(self, principal, prepared.operation_type, asked, id).await?;
        let response = http::Api::execute(self, session, request).await;
        if !response.errors.is_empty() {
            return Err(Error::internal("an operation of the program's own failed"));
        }
        response.data.into_json().map_err(|error| Error::Internal(Box::new(error)))
    }

    /// Where this server listens to the feed.
    fn hub(&self) -> &Hub {
        self.hub.get_or_init(|| Hub::start(self.store.clone()))
    }

    /// The clock it goes by.
    pub const fn clock(&self) -> &Clock {
        self.store.clock()
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
        let page = settings.graphiql.then(|| {
            let page = Page::of(settings.assets.clone().or_else(bundle::folder).as_deref());
            if page.stage() == Stage::Missing {
                tracing::warn!("GraphiQL is not served: name the folder of its files as http.assets");
            }
            page
        });
        self.serve_with(listener, auth, settings, page, None)
    }

    /// Serves like [`Self::serve`], with this page, which may still be built, or with none, and with a sandbox or without.
    ///
    /// # Errors
    /// If keys or listener cannot be used.
    pub fn serve_with(
        self,
        listener: std::net::TcpListener,
        auth: AuthSettings,
        settings: HttpSettings,
        page: Option<Page>,
        sandbox: Option<Sandbox>,
    ) -> std::result::Result<actix_web::dev::Server, StartError> {
        let clock = self.store.clock().clone();
        let verifier = Verifier::new(auth, clock.clone())?;
        // here, and not in a worker, which may end before the others
        self.hub();
        let (seats, transfers) = (Seats::new(&settings), Seats::of_files(&settings));
        let edge = Edge { api: self, verifier, settings: Arc::new(settings), clock, seats, transfers };
        let pages = move |cfg: &mut actix_web::web::ServiceConfig| {
            if let Some(page) = &page {
                page.mount(cfg);
            }
            if let Some(sandbox) = &sandbox {
                http::sandbox::mount(cfg, sandbox);
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

    async fn open(
        &self,
        principal: &Principal,
        operation: OperationType,
        asked: Asked,
        request: Uuid,
    ) -> Result<Session> {
        let grant = match operation {
            OperationType::Query => Grant::Read,
            OperationType::Mutation => Grant::Submit,
            OperationType::Subscription => Grant::Subscribe,
        };
        if !principal.may(grant) {
            return Err(Error::Denied("The token does not allow this kind of operation."));
        }
        let asked = Arc::new(asked);
        let scope = self.store.scoped(principal, request).await?.asking(asked.clone());
        let scope = if operation == OperationType::Mutation { scope.changing() } else { scope };
        Ok(Session::new(scope, principal.clone(), asked, request, self.hub().clone()))
    }

    async fn stands(&self, principal: &Principal, request: Uuid) -> bool {
        !matches!(self.store.scoped(principal, request).await, Err(Error::NotFound))
    }

    async fn execute(&self, session: Session, request: Request) -> Response {
        let response = self.schema.execute(request.data(session.clone())).await;
        session.settled(response).await.unwrap_or_else(|unsettled| unsettled)
    }

    fn stream(&self, session: Session, request: Request) -> BoxStream<'static, Leaving> {
        let answers = self.schema.execute_stream(request.data(session.clone()));
        // an answer that cannot be recorded is the last one: a listener that went on would never know what it missed
        stream::unfold(Some((answers, session)), |state| async {
            let (mut answers, session) = state?;
            match session.settled(answers.next().await?).await {
                Ok(response) => {
                    let leaving = match session.delivered() {
                        None => response.into(),
                        Some(delivery) => {
                            let hub = session.hub().clone();
                            Leaving::noted(response, move || hub.figures().delivered(delivery.waited()))
                        }
                    };
                    Some((leaving, Some((answers, session))))
                }
                Err(unsettled) => Some((unsettled.into(), None)),
            }
        })
        .boxed()
    }

    type Expected = Expected;

    async fn expected(&self, ticket: &str) -> Result<Expected> {
        self.store.expected(ticket).await
    }

    fn bytes(expected: &Expected) -> u64 {
        expected.bytes()
    }

    fn sender(expected: &Expected) -> Uuid {
        expected.sender()
    }

    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.store.attachments().room().await
    }

    async fn receive(&self, expected: Expected, content: Vec<u8>, request: Uuid) -> Result<entity::attachment::Model> {
        self.store.receive(expected, content, request).await
    }

    fn max_file(&self) -> u64 {
        self.store.attachments().max_bytes()
    }

    type Opened = Scoped;

    async fn opened_file(&self, principal: &Principal, asked: Asked, request: Uuid) -> Result<Scoped> {
        if !principal.may(Grant::Read) {
            return Err(Error::Denied("The token does not allow this kind of operation."));
        }
        Ok(self.store.scoped(principal, request).await?.asking(Arc::new(asked)))
    }

    async fn file(&self, opened: Scoped, id: Result<AttachmentId>) -> Result<Served> {
        let served = async { opened.attachment(id?).await }.await;
        if matches!(served, Err(Error::Denied(_))) {
            opened.refused();
        }
        // what was read, or looked for in vain, stands in the record before anything leaves
        opened.settle().await?;
        served
    }

    fn receipt_keys(&self) -> serde_json::Value {
        self.store.receipt_keys()
    }

    async fn metrics(&self) -> Result<String> {
        self.hub().text().await
    }

    async fn halt(&self, most: Duration) {
        if !self.halt.end(most).await {
            tracing::warn!("the server stops while something is sent to a webhook: it is sent again");
        }
    }

    async fn ready(&self) -> bool {
        self.store.answers().await && self.store.pending_migrations().await.is_ok_and(|pending| pending == 0)
    }
}
