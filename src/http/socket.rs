//! graphql-transport-ws, as its protocol says: a state machine over one socket, bounded in every direction.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Session};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::purpose::Why;
use super::seats::{Seat, Unnamed};
use super::stop::Stop;
use super::stream::{self, BEAT, Leaving, Running};
use super::{Api, Edge, answer, request};
use crate::auth::Principal;
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;

const PROTOCOL: &str = "graphql-transport-ws";
const FRAME: usize = 128 * 1024;
const MESSAGE: usize = 256 * 1024;
/// How long a reader may keep the server from writing.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a reader may take to read what was written: the machines between hold megabytes of it, so that it is asked.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// How long a reader that was too slow may take to be told so.
const LAST_WORD: Duration = Duration::from_mins(1);

/// Why a socket is closed.
type Close = (u16, &'static str);

/// The reader does not keep up. What it missed is there when it comes again.
const TOO_SLOW: Close = (1013, "Too slow");
/// There is no place for another socket.
const TOO_MANY: Close = (1013, "Too many connections");
/// The token has come to its own end.
const TOKEN_ENDED: Close = (4403, "Token expired");
/// The token was revoked, or the post ended.
const RIGHTS_ENDED: Close = (4403, "Rights ended");

/// Takes up a socket.
pub fn open<A: Api>(
    request: &HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge<A>>,
) -> actix_web::Result<HttpResponse> {
    let id = answer::request_id(request);
    if !origin_allowed(request, &edge.settings.origins) {
        return Ok(answer::refuse(403, ErrorCode::Forbidden, "This origin is not allowed.", id));
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|v| v.to_str().ok());
    if !offered.flat_map(|v| v.split(',')).any(|p| p.trim() == PROTOCOL) {
        return Ok(answer::refuse(400, ErrorCode::BadRequest, "Speak graphql-transport-ws.", id));
    }
    let why = match Why::of_headers(request.headers()) {
        Ok(why) => why,
        Err(error) => return Ok(answer::refused(&error, answer::Media::Json, id)),
    };
    let Some(unnamed) = edge.seats.take_unnamed(request.peer_addr().map(|peer| peer.ip())) else {
        let message = "Too many sockets that have not said who they are: come again later.";
        let mut refused = answer::refuse(503, ErrorCode::RateLimited, message, id);
        refused.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        return Ok(refused);
    };
    let stop = request.app_data::<web::Data<Stop>>().map_or_else(Stop::new, |stop| stop.get_ref().clone());
    let (response, session, stream) = actix_ws::handle_with_protocols(request, payload, &[PROTOCOL])?;
    let stream = stream.max_frame_size(FRAME).aggregate_continuations().max_continuation_size(MESSAGE);
    let talk = async move {
        let (answers, waiting) = mpsc::channel(WAITING);
        let mut socket = Socket {
            edge,
            id,
            session,
            principal: None,
            why,
            live: HashMap::new(),
            answers,
            waiting,
            started: 0,
            stop,
            seat: None,
            unnamed: Some(unnamed),
            asked: None,
            wrote_since: false,
        };
        if let Some(end) = socket.run(stream).await {
            socket.close(end).await;
        }
    };
    actix_web::rt::spawn(talk.instrument(tracing::info_span!("request", %id)));
    Ok(response)
}

/// The server's own pages and the listed origins; programs send none.
fn origin_allowed(request: &HttpRequest, origins: &[String]) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = request.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host));
    own || origins.iter().any(|allowed| allowed == origin)
}

/// Answers that may wait for the reader, over all operations of a socket.
const WAITING: usize = 64;

/// An answer of the operation of this id and turn; `None` at its end.
type Answer = (String, u64, Option<Leaving>);

/// A live operation. It runs in a task of its own: an operation that only moved while the socket listens could hold
/// a database connection that the next one waits for.
struct Live {
    turn: u64,
    _task: Running,
}

/// Something written, if it can be in time.
async fn in_time(writes: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Option<Close>> {
    match tokio::time::timeout(PATIENCE, writes).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some(TOO_SLOW)),
    }
}

struct Socket<A: Api> {
    edge: web::Data<Edge<A>>,
    id: Uuid,
    session: Session,
    principal: Option<Principal>,
    /// Why the caller asks, for all operations of this socket.
    why: Why,
    live: HashMap<String, Live>,
    answers: mpsc::Sender<Answer>,
    waiting: mpsc::Receiver<Answer>,
    /// Operations started on this socket: tells a reused id from its former bearer.
    started: u64,
    stop: Stop,
    /// The place of this socket, once it is known whose it is.
    seat: Option<Seat>,
    /// Its place until then.
    unnamed: Option<Unnamed>,
    /// When the reader was asked whether it reads, until it answers.
    asked: Option<Instant>,
    /// Whether something was written since.
    wrote_since: bool,
}

impl<A: Api> Socket<A> {
    /// Runs until one side ends it; what to close with, if it is ours to close.
    async fn run(&mut self, mut stream: actix_ws::AggregatedMessageStream) -> Option<Close> {
        let init = tokio::time::sleep(Duration::from_secs(self.edge.settings.init_timeout_seconds));
        tokio::pin!(init);
        let mut beat = tokio::time::interval(BEAT);
        let mut heard = true;
        loop {
            let ends = self.time_left();
            let read_by = self.asked.map(|asked| asked + READ_WITHIN);
            let step = tokio::select! {
                message = stream.next() => {
                    heard = true;
                    match message {
                        Some(Ok(message)) => self.take(message).await,
                        Some(Err(_)) => Err(Some((1009, "Message too big"))),
                        None => Err(None),
                    }
                }
                Some((id, turn, leaving)) = self.waiting.recv() => self.deliver(id, turn, leaving).await,
                () = &mut init, if self.principal.is_none() => Err(Some((4408, "Connection initialisation timeout"))),
                () = tokio::time::sleep(ends), if self.principal.is_some() => Err(Some(TOKEN_ENDED)),
                () = tokio::time::sleep_until(read_by.unwrap_or_else(Instant::now)), if read_by.is_some() => Err(Some(TOO_SLOW)),
                () = self.stop.asked() => Err(Some((1012, "Service restart"))),
                _ = beat.tick() => {
                    if std::mem::take(&mut heard) { self.beat().await } else { Err(None) }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Shows that the socket lives, and ends one whose rights have ended while nothing ran on it: what runs reads
    /// its rights itself.
    async fn beat(&mut self) -> Result<(), Option<Close>> {
        if let (Some(principal), true) = (&self.principal, self.live.is_empty())
            && !self.edge.api.stands(principal, self.id).await
        {
            return Err(Some(RIGHTS_ENDED));
        }
        self.ping().await
    }

    /// A ping; the channel to a reader that reads nothing is full, and does not hold the socket up.
    async fn ping(&mut self) -> Result<(), Option<Close>> {
        in_time(self.session.ping(b"")).await
    }

    fn time_left(&self) -> Duration {
        let until = self.principal.as_ref().map_or(Duration::MAX, |principal| {
            (principal.expires_at() - self.edge.clock.token_time()).to_std().unwrap_or_default()
        });
        until.min(Duration::from_hours(1))
    }

    async fn send(&mut self, message: impl Serialize) -> Result<(), Option<Close>> {
        let text = serde_json::to_string(&message).map_err(|_| None)?;
        in_time(self.session.text(text)).await
    }

    /// Asks the reader whether it has read what was written until now, if it is not asked already.
    async fn ask(&mut self) -> Result<(), Option<Close>> {
        self.wrote_since = self.asked.is_some();
        if self.wrote_since {
            return Ok(());
        }
        self.asked = Some(Instant::now());
        self.ping().await
    }

    /// Says why it ends, to a reader that may be slow to hear it, and holds nothing else for that long.
    async fn close(self, (code, why): Close) {
        if (code, why) == TOO_SLOW {
            self.edge.seats.was_slow();
        }
        let Self { session, live, waiting, seat, unnamed, .. } = self;
        drop((live, waiting, seat));
        let reason = CloseReason { code: CloseCode::Other(code), description: Some(why.into()) };
        let _ = tokio::time::timeout(LAST_WORD, session.close(Some(reason))).await;
        // who never said who it is keeps its place until it is gone
        drop(unnamed);
    }

    async fn take(&mut self, message: AggregatedMessage) -> Result<(), Option<Close>> {
        match message {
            AggregatedMessage::Text(text) => match serde_json::from_str::<Value>(&text) {
                Ok(Value::Object(object)) => self.said(object).await,
                _ => Err(Some((4400, "Not a message object"))),
            },
            AggregatedMessage::Binary(_) => Err(Some((4400, "Text messages only"))),
            AggregatedMessage::Ping(bytes) => in_time(self.session.pong(&bytes)).await,
            AggregatedMessage::Pong(_) => {
                self.asked = None;
                if std::mem::take(&mut self.wrote_since) { self.ask().await } else { Ok(()) }
            }
            // answered in kind: a socket that just goes away reads as a failure on the other side
            AggregatedMessage::Close(_) => Err(Some((1000, "Goodbye"))),
        }
    }

    async fn said(&mut self, mut object: Map<String, Value>) -> Result<(), Option<Close>> {
        let payload = object.remove("payload").unwrap_or_default();
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        match object.get("type").and_then(Value::as_str).unwrap_or_default() {
            "connection_init" => self.init(&payload).await,
            "ping" => {
                let pong = if payload.is_null() {
                    json!({"type": "pong"})
                } else {
                    json!({"type": "pong", "payload": payload})
                };
                self.send(pong).await
            }
            "pong" => Ok(()),
            "subscribe" => self.subscribe(id, payload).await,
            "complete" => {
                self.live.remove(&id);
                Ok(())
            }
            _ => Err(Some((4400, "Unknown message type"))),
        }
    }

    async fn init(&mut self, payload: &Value) -> Result<(), Option<Close>> {
        if self.principal.is_some() {
            return Err(Some((4429, "Too many initialisation requests")));
        }
        let value = payload.get("Authorization").or_else(|| payload.get("authorization")).and_then(Value::as_str);
        let verified = request::verify(value.unwrap_or_default(), &self.edge.verifier).await;
        self.why = self.why.clone().or_payload(payload).map_err(|_| Some((4400, "Unknown purpose or reason")))?;
        let principal = verified.map_err(|_| Some((4403, "Forbidden")))?;
        self.seat = Some(self.edge.seats.take(principal.person()).ok_or(Some(TOO_MANY))?);
        self.unnamed = None;
        self.principal = Some(principal);
        self.send(json!({"type": "connection_ack"})).await
    }

    async fn subscribe(&mut self, id: String, payload: Value) -> Result<(), Option<Close>> {
        let Some(principal) = self.principal.clone() else { return Err(Some((4401, "Unauthorized"))) };
        if id.is_empty() || id.len() > 128 {
            return Err(Some((4400, "Without a usable id")));
        }
        if self.live.contains_key(&id) {
            return Err(Some((4409, "Subscriber already exists")));
        }
        match self.start(&principal, payload).await {
            Ok(answers) => {
                self.started += 1;
                let answers = forward(answers, self.answers.clone(), id.clone(), self.started);
                let task = tokio::spawn(answers.in_current_span());
                self.live.insert(id, Live { turn: self.started, _task: Running::new(task.abort_handle()) });
                Ok(())
            }
            Err(error) if error.code == ErrorCode::Unauthenticated => Err(Some(RIGHTS_ENDED)),
            Err(error) => {
                self.send(json!({"id": id, "type": "error", "payload": answer::errors_of(&error, self.id)})).await
            }
        }
    }

    async fn start(&self, principal: &Principal, payload: Value) -> Result<BoxStream<'static, Leaving>, RequestError> {
        if self.live.len() >= self.edge.settings.operations_per_socket {
            let message = "Too many live operations on this socket.";
            return Err(RequestError::new(429, ErrorCode::RateLimited, message));
        }
        let Value::Object(object) = payload else {
            return Err(RequestError::new(400, ErrorCode::BadRequest, "payload is an object."));
        };
        let mut operation = request::from_object(object)?;
        let prepared = self.edge.api.document().prepare(&mut operation)?;
        let asked = self.why.clone().asked(&prepared);
        let opened = self.edge.api.open(principal, prepared.operation_type, asked, self.id).await;
        let session = opened.map_err(|e| answer::not_opened(&e))?;
        tracing::info!(request = %self.id, hash = prepared.hash, kind = %prepared.operation_type, "live");
        let limit = stream::patience(prepared.operation_type, &self.edge.settings);
        Ok(stream::guarded(self.edge.api.stream(session, operation), limit))
    }

    async fn deliver(&mut self, id: String, turn: u64, leaving: Option<Leaving>) -> Result<(), Option<Close>> {
        if self.live.get(&id).is_none_or(|live| live.turn != turn) {
            return Ok(());
        }
        // an answer and the end of the token may be ready in the same moment
        if self.time_left().is_zero() {
            return Err(Some(TOKEN_ENDED));
        }
        let Some(leaving) = leaving else {
            self.live.remove(&id);
            return self.send(json!({"id": id, "type": "complete"})).await;
        };
        let (response, handed_over) = leaving.open();
        let response = answer::tidy(response, self.id);
        if answer::first_code(&response).as_deref() == Some(ErrorCode::Unauthenticated.as_str()) {
            return Err(Some(RIGHTS_ENDED));
        }
        if answer::is_request_error(&response) {
            self.live.remove(&id);
            return self.send(json!({"id": id, "type": "error", "payload": response.errors})).await;
        }
        self.send(Next { id: &id, kind: "next", payload: answer::Body::of(&response) }).await?;
        handed_over();
        self.ask().await
    }
}

/// The message of an answer.
#[derive(Serialize)]
struct Next<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    payload: answer::Body<'a>,
}

/// Hands the answers of one operation on until it ends or the socket is gone.
async fn forward(mut answers: BoxStream<'static, Leaving>, to: mpsc::Sender<Answer>, id: String, turn: u64) {
    while let Some(leaving) = answers.next().await {
        if to.send((id.clone(), turn, Some(leaving))).await.is_err() {
            return;
        }
    }
    let _ = to.send((id, turn, None)).await;
}
