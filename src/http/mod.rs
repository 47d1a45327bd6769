//! Routes and transports: GraphQL over HTTP, graphql-transport-ws, server-sent events, health. No business words.

mod answer;
mod attachment;
mod bundle;
mod file;
mod letter;
mod multipart;
pub mod page;
mod purpose;
mod request;
pub mod sandbox;
pub mod seats;
mod socket;
mod stop;
mod stream;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use entity::id::AttachmentId;
use futures_util::stream::BoxStream;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::auth::{Principal, Verifier};
use crate::clock::Clock;
use crate::error::Error;
use crate::graphql::code::ErrorCode;
use crate::graphql::document::DocumentGuard;
use crate::store::attachment::Served;
use crate::store::audit::Asked;

use self::seats::Seats;
pub use self::stream::Leaving;

/// What the transports need to know of the API behind them.
pub trait Api: Clone + Send + Sync + 'static {
    /// What a request carries into its resolvers.
    type Session: Clone + Send + Sync + 'static;
    /// The gate of documents.
    fn document(&self) -> &DocumentGuard;
    /// The session of one operation, with post and agency read now.
    fn open(
        &self,
        principal: &Principal,
        operation: OperationType,
        asked: Asked,
        request: Uuid,
    ) -> impl Future<Output = Result<Self::Session, Error>> + Send;
    /// False once the principal's token was revoked or its post ended; a database that does not answer ends nobody.
    fn stands(&self, principal: &Principal, request: Uuid) -> impl Future<Output = bool> + Send;
    /// Runs a query or mutation. The answer comes when what it shows stands in the access record.
    fn execute(&self, session: Self::Session, request: Request) -> impl Future<Output = Response> + Send;
    /// Runs any operation as a stream of answers, each of them as [`Api::execute`] gives it.
    fn stream(&self, session: Self::Session, request: Request) -> BoxStream<'static, Leaving>;
    /// Begins nothing more that nobody asks for, and waits until what is under way is done, for so long at the most.
    fn halt(&self, most: Duration) -> impl Future<Output = ()> + Send;
    /// What the feed says of itself, as Prometheus reads it.
    fn metrics(&self) -> impl Future<Output = Result<String, Error>> + Send;
    /// True if the database answers and is migrated.
    fn ready(&self) -> impl Future<Output = bool> + Send;
    /// What a ticket to send a file stands for.
    type Expected: Send;
    /// What a ticket stands for; `NotFound` if it is none that can be used.
    fn expected(&self, ticket: &str) -> impl Future<Output = Result<Self::Expected, Error>> + Send;
    /// Bytes of the file that is to come.
    fn bytes(expected: &Self::Expected) -> u64;
    /// Who sends it.
    fn sender(expected: &Self::Expected) -> Uuid;
    /// Room to take in one file, once there is some.
    fn room(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send;
    /// Takes in the file of a ticket.
    fn receive(
        &self,
        expected: Self::Expected,
        content: Vec<u8>,
        request: Uuid,
    ) -> impl Future<Output = Result<entity::attachment::Model, Error>> + Send;
    /// Bytes of a file at the most.
    fn max_file(&self) -> u64;
    /// Who may read a file.
    type Opened: Send;
    /// Who reads, with post and agency read now.
    fn opened_file(
        &self,
        principal: &Principal,
        asked: Asked,
        request: Uuid,
    ) -> impl Future<Output = Result<Self::Opened, Error>> + Send;
    /// The file of an id, or nothing found. It comes when its reading, or the search for it, stands in the access record.
    fn file(
        &self,
        opened: Self::Opened,
        id: Result<AttachmentId, Error>,
    ) -> impl Future<Output = Result<Served, Error>> + Send;
    /// The public keys that receipts are checked with.
    fn receipt_keys(&self) -> serde_json::Value;
}

/// Settings of the transports.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Origins whose pages may call, such as `https://app.example`; the server's own may always.
    pub origins: Vec<String>,
    /// Bytes of a request body; files are beside it. It is read once the token is known to be good.
    pub body_limit: usize,
    /// Seconds an operation may take.
    pub timeout_seconds: u64,
    /// Seconds a file may take to come.
    pub upload_seconds: u64,
    /// Seconds a socket may take to say who it is.
    pub init_timeout_seconds: u64,
    /// Live operations of one socket.
    pub operations_per_socket: usize,
    /// Sockets and streams that are open at a time.
    pub connections: usize,
    /// The same, of one person.
    pub connections_per_person: usize,
    /// Files that are sent and read at a time: each is held whole.
    pub transfers: usize,
    /// The same, of one person: the connection of one that hangs keeps nobody else waiting.
    pub transfers_per_person: usize,
    /// Sockets that have not said yet whose they are.
    pub unnamed_connections: usize,
    /// The same, from one address. Where everybody comes through one proxy it is the address of all of them.
    pub unnamed_connections_per_address: usize,
    /// What who asks for `/metrics` gives as its bearer token: how much happens is not for everybody. Without one there are none.
    pub metrics_token: Option<SecretString>,
    /// Serve GraphiQL.
    pub graphiql: bool,
    /// The folder of GraphiQL's built files, seen from the folder of the configuration; left out, the one that is
    /// installed with the program or built in its source tree.
    pub assets: Option<PathBuf>,
    /// Worker threads.
    pub workers: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            // a hundred reports of 80,000 characters, or one of all that a report may hold
            body_limit: 8 * 1024 * 1024,
            timeout_seconds: 10,
            upload_seconds: 120,
            init_timeout_seconds: 10,
            operations_per_socket: 50,
            connections: 10_000,
            connections_per_person: 50,
            transfers: 32,
            transfers_per_person: 4,
            unnamed_connections: 1000,
            unnamed_connections_per_address: 1000,
            metrics_token: None,
            graphiql: false,
            assets: None,
            workers: 2,
        }
    }
}

/// Everything a transport works with.
#[derive(Clone)]
pub struct Edge<A> {
    /// The API.
    pub api: A,
    /// Verifies tokens.
    pub verifier: Verifier,
    /// Settings.
    pub settings: Arc<HttpSettings>,
    /// The clock.
    pub clock: Clock,
    /// The places for connections that last.
    pub seats: Seats,
    /// The places for files that come and go.
    pub transfers: Seats,
}

/// Runs work to its end, on the runtime that servers need.
pub fn to_end<F: Future>(work: F) -> F::Output {
    actix_web::rt::System::new().block_on(work)
}

/// How long a stop waits for what is done without being asked: longer than a message to a webhook may take, and less than the
/// quarter of a minute in which a server is gone.
const UNDER_WAY: Duration = Duration::from_secs(12);

/// Serves on `listener` until SIGTERM or SIGINT. From then on it is not ready and turns away what comes; what is being
/// answered gets the time of an operation, and what is under way without being asked its own. `extra` mounts further pages.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve<A: Api>(
    listener: std::net::TcpListener,
    edge: Edge<A>,
    extra: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<actix_web::dev::Server> {
    let workers = edge.settings.workers;
    let patience = Duration::from_secs(edge.settings.timeout_seconds + 1);
    let stop = web::Data::new(stop::Stop::new());
    let (lasting, api) = (stop.clone(), edge.api.clone());
    let server = HttpServer::new(move || {
        let headers = DefaultHeaders::new()
            .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .add((header::CACHE_CONTROL, "no-store"));
        App::new()
            .app_data(web::Data::new(edge.clone()))
            .app_data(lasting.clone())
            .wrap(cors(&edge.settings))
            .wrap(headers)
            .wrap(from_fn(stop::counted))
            .wrap(from_fn(answer::stamp))
            .configure(extra.clone())
            .service(web::resource("/graphql").to(graphql::<A>))
            .route(
                "/health/live",
                web::get().to(|| async { HttpResponse::Ok().json(serde_json::json!({"status": "live"})) }),
            )
            .route("/health/ready", web::get().to(ready::<A>))
            .route("/metrics", web::get().to(metrics::<A>))
            .route("/receipts/keys", web::get().to(receipt_keys::<A>))
            .route("/letters/{id}", web::get().to(letter::letter::<A>))
            .configure(page::chair::mount)
            .route("/bundles/{conference}/{child}", web::get().to(bundle::bundle::<A>))
            .service(
                web::resource("/attachments/{name}")
                    .route(web::get().to(attachment::get::<A>))
                    .route(web::put().to(attachment::put::<A>))
                    .default_service(web::to(not_so)),
            )
            .default_service(web::to(nothing))
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(10))
    // what is left then is answered already, or took longer than an operation may
    .shutdown_timeout(2)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        stop::asked_by_machine().await;
        // what lasts is told first: an open socket would hold the stop up for its whole time
        stop.give();
        // before the workers end: the connections to the database that both need live in them
        tokio::join!(stop.answered(patience), api.halt(UNDER_WAY));
        handle.stop(true).await;
    });
    Ok(server)
}

fn cors(settings: &HttpSettings) -> actix_cors::Cors {
    let cors = actix_cors::Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .allowed_header("graphql-require-preflight")
        .allowed_header(purpose::PURPOSE)
        .allowed_header(purpose::REASON)
        .expose_headers(["x-request-id", "content-disposition"])
        .block_on_origin_mismatch(false)
        .max_age(600);
    settings.origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Public: whoever has a receipt can check it, with any library for JSON web tokens.
async fn receipt_keys<A: Api>(edge: web::Data<Edge<A>>) -> HttpResponse {
    HttpResponse::Ok().json(edge.api.receipt_keys())
}

async fn graphql<A: Api>(
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge<A>>,
) -> actix_web::Result<HttpResponse> {
    let wants_socket = request
        .headers()
        .get(header::UPGRADE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.eq_ignore_ascii_case("websocket"));
    if request.method() == Method::GET && wants_socket {
        return socket::open(&request, payload, edge);
    }
    Ok(request::answer(&request, payload, &edge).await)
}

async fn not_so(request: HttpRequest) -> HttpResponse {
    answer::refuse(405, ErrorCode::MethodNotAllowed, "Use GET or PUT.", answer::request_id(&request))
}

async fn nothing(request: HttpRequest) -> HttpResponse {
    answer::refuse(404, ErrorCode::NotFound, "There is nothing here.", answer::request_id(&request))
}

/// Counts and times, nobody and nothing by name, for who has the token of it; for others there is nothing here.
async fn metrics<A: Api>(request: HttpRequest, edge: web::Data<Edge<A>>) -> HttpResponse {
    let given =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // as digests: how long it takes to compare them tells nothing of the token
    let is_token = |token: &SecretString| given.is_some_and(|given| digest(given) == digest(token.expose_secret()));
    if !edge.settings.metrics_token.as_ref().is_some_and(is_token) {
        return nothing(request).await;
    }
    match edge.api.metrics().await {
        Ok(text) => {
            let text = text + &edge.seats.text();
            HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
        }
        Err(error) => {
            tracing::warn!(%error, "metrics");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Not before the database answers. Once the server is asked to stop nobody comes this far: see [`stop::counted`].
async fn ready<A: Api>(edge: web::Data<Edge<A>>) -> HttpResponse {
    if edge.api.ready().await {
        HttpResponse::Ok().json(serde_json::json!({"status": "ready"}))
    } else {
        HttpResponse::ServiceUnavailable().json(serde_json::json!({"status": "unavailable"}))
    }
}
