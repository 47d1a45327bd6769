//! GraphQL over HTTP.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Variables};
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{self, Media};
use super::purpose::Why;
use super::seats::Seat;
use super::stop::Stop;
use super::{Api, Edge, multipart, stream};
use crate::auth::{Principal, Verifier};
use crate::graphql::code::ErrorCode;
use crate::graphql::document::{Prepared, RequestError};

/// How far a body that is too large is still read and thrown away: a client that is sending hears no answer.
const DRAINED: usize = 16 * 1024 * 1024;

type Read<T> = Result<T, RequestError>;

fn bad(message: &str) -> RequestError {
    RequestError::new(400, ErrorCode::BadRequest, message)
}

fn too_many() -> RequestError {
    RequestError::new(429, ErrorCode::RateLimited, "Too many connections; come again later.")
}

/// Said to who sends or reads more files at once than there is room for.
pub(super) fn too_many_files() -> RequestError {
    RequestError::new(429, ErrorCode::RateLimited, "Too many files at once; come again later.")
}

/// What an answer that goes on needs to know of who asked.
struct Caller {
    /// When the token ends.
    ends: DateTime<Utc>,
    /// The place of a subscription.
    seat: Option<Seat>,
}

/// Answers a request of any method.
pub async fn answer<A: Api>(request: &HttpRequest, payload: web::Payload, edge: &Edge<A>) -> HttpResponse {
    let started = edge.clock.now();
    let id = answer::request_id(request);
    let accept = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let Some(media) = Media::accepted(accept) else {
        let error = RequestError::new(406, ErrorCode::BadRequest, "Accept application/json.");
        return answer::refused(&error, Media::Json, id);
    };
    let (prepared, response) = match read(request, payload, edge, media).await {
        Ok((prepared, session, ready, caller)) => {
            let response = if media == Media::Events {
                let ends = caller.ends;
                let limit = stream::patience(prepared.operation_type, &edge.settings);
                let ends = (ends - edge.clock.token_time()).to_std().unwrap_or_default();
                let stop = request.app_data::<web::Data<Stop>>().map_or_else(Stop::new, |stop| stop.get_ref().clone());
                stream::events(stream::guarded(edge.api.stream(session, ready), limit), ends, stop, id, caller.seat)
            } else {
                match run(edge, session, ready).await {
                    Ok(response) => answer::executed(response, media, id),
                    Err(error) => answer::refused(&error, media, id),
                }
            };
            (Some(prepared), response)
        }
        Err(error) => {
            tracing::info!(request = %id, code = error.code.as_str(), status = error.status, "refused");
            (None, answer::refused(&error, media, id))
        }
    };
    if let Some(prepared) = prepared {
        let ms = (edge.clock.now() - started).num_milliseconds();
        let name = prepared.operation_name.as_deref().unwrap_or_default();
        let status = response.status().as_u16();
        tracing::info!(request = %id, operation = name, hash = prepared.hash, kind = %prepared.operation_type, status, ms, "answered");
    }
    response
}

/// Runs a query or mutation within the time that is given to it.
pub(super) async fn run<A: Api>(edge: &Edge<A>, session: A::Session, request: Request) -> Read<Response> {
    let time = Duration::from_secs(edge.settings.timeout_seconds);
    let work = AssertUnwindSafe(edge.api.execute(session, request)).catch_unwind();
    match tokio::time::timeout(time, work).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => {
            tracing::error!("a resolver panicked");
            Err(RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here."))
        }
        Err(_) => Err(RequestError::new(503, ErrorCode::Timeout, "The operation took too long.")),
    }
}

async fn read<A: Api>(
    request: &HttpRequest,
    payload: web::Payload,
    edge: &Edge<A>,
    media: Media,
) -> Read<(Prepared, A::Session, Request, Caller)> {
    check_form(request)?;
    let principal = bearer(request, &edge.verifier).await?;
    let mut operation = if request.method() == Method::GET {
        from_query(request.query_string())?
    } else {
        let time = Duration::from_secs(edge.settings.timeout_seconds);
        match multipart::boundary(request.headers()) {
            None => {
                let body = tokio::time::timeout(time, whole(payload, edge.settings.body_limit)).await;
                from_body(&body.map_err(|_| bad("The body came too slowly."))??)?
            }
            Some(boundary) => with_file(payload, (boundary, principal.person()), edge).await?,
        }
    };
    let prepared = edge.api.document().prepare(&mut operation)?;
    match prepared.operation_type {
        OperationType::Query => {}
        OperationType::Mutation if request.method() == Method::POST => {}
        OperationType::Mutation => {
            return Err(RequestError::new(405, ErrorCode::MethodNotAllowed, "Mutations need POST."));
        }
        OperationType::Subscription if media == Media::Events => {}
        OperationType::Subscription => {
            return Err(bad("Subscriptions need graphql-transport-ws, or Accept: text/event-stream."));
        }
    }
    let session = open(request, edge, &principal, &prepared).await?;
    let seat = match prepared.operation_type {
        OperationType::Subscription => Some(edge.seats.take(principal.person()).ok_or_else(too_many)?),
        OperationType::Query | OperationType::Mutation => None,
    };
    Ok((prepared, session, operation, Caller { ends: principal.expires_at(), seat }))
}

/// Opens the session of one operation, for the reason that the request's headers give.
pub(super) async fn open<A: Api>(
    request: &HttpRequest,
    edge: &Edge<A>,
    principal: &Principal,
    prepared: &Prepared,
) -> Read<A::Session> {
    let asked = Why::of_headers(request.headers())?.asked(prepared);
    let opened = edge.api.open(principal, prepared.operation_type, asked, answer::request_id(request)).await;
    opened.map_err(|error| answer::not_opened(&error))
}

/// An operation with a file, which is held whole while it is looked at: there is room for some at a time.
async fn with_file<A: Api>(payload: web::Payload, (boundary, person): (String, Uuid), edge: &Edge<A>) -> Read<Request> {
    let seat = edge.transfers.take(person).ok_or_else(too_many_files)?;
    let most = edge.api.max_file();
    let limit = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(2 * multipart::AROUND);
    let room = async {
        let room = edge.api.room().await;
        Ok((whole(payload, limit).await?, room))
    };
    let read = tokio::time::timeout(Duration::from_secs(edge.settings.upload_seconds), room).await;
    let (body, room) = read.map_err(|_| bad("The body came too slowly."))??;
    // the room is taken for as long as the request is
    Ok(multipart::read(body, boundary, most, from_body).await?.data((seat, room)))
}

/// Method, media type and the header that proves that no foreign form sent the request.
fn check_form(request: &HttpRequest) -> Read<()> {
    let headers = request.headers();
    let method = request.method();
    if method != Method::GET && method != Method::POST {
        return Err(RequestError::new(405, ErrorCode::MethodNotAllowed, "Use POST."));
    }
    if method == Method::GET {
        return preflighted(headers, "Send the header GraphQL-Require-Preflight with a GET.");
    }
    if multipart::boundary(headers).is_some() && !headers.contains_key(header::CONTENT_ENCODING) {
        // a form of a foreign page can send this, but not with a header of its own
        return preflighted(headers, "Send the header GraphQL-Require-Preflight with a file.");
    }
    let content = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let content = content.to_ascii_lowercase();
    let essence = content.split(';').next().unwrap_or_default().trim();
    let charset_ok = !content.contains("charset=") || content.contains("charset=utf-8");
    if essence != "application/json" || !charset_ok || headers.contains_key(header::CONTENT_ENCODING) {
        let message = "Send uncompressed application/json in UTF-8.";
        return Err(RequestError::new(415, ErrorCode::UnsupportedMediaType, message));
    }
    Ok(())
}

/// That a header stands there which makes a browser ask first whether a page may.
fn preflighted(headers: &HeaderMap, message: &str) -> Read<()> {
    let proof = ["graphql-require-preflight", "apollo-require-preflight", "x-requested-with"];
    if proof.iter().any(|name| headers.contains_key(*name)) {
        return Ok(());
    }
    Err(RequestError::new(400, ErrorCode::CsrfPrevented, message))
}

/// The principal of the one bearer token of a request.
pub async fn bearer(request: &HttpRequest, verifier: &Verifier) -> Read<Principal> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return Err(answer::unauthenticated()) };
    verify(value.to_str().unwrap_or_default(), verifier).await
}

/// The principal of an Authorization value.
pub async fn verify(value: &str, verifier: &Verifier) -> Read<Principal> {
    let token = match value.trim().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(answer::unauthenticated()),
    };
    verifier.verify(token).await.map_err(|refusal| {
        tracing::info!(%refusal, "token refused");
        answer::unauthenticated()
    })
}

async fn whole(mut payload: web::Payload, limit: usize) -> Read<Vec<u8>> {
    let (mut bytes, mut read) = (Vec::new(), 0);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| bad("The body broke off."))?;
        read += chunk.len();
        if read <= limit {
            bytes.extend_from_slice(&chunk);
        } else if read > DRAINED.max(limit) {
            break;
        }
    }
    if read > limit {
        return Err(RequestError::new(413, ErrorCode::PayloadTooLarge, "The body is too large."));
    }
    Ok(bytes)
}

fn from_body(bytes: &[u8]) -> Read<Request> {
    let object: Strict = serde_json::from_slice(bytes).map_err(|_| bad("Send one JSON object, no key twice."))?;
    from_object(object.0)
}

fn from_query(text: &str) -> Read<Request> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| bad("Malformed query string."))?;
    let mut object = Map::new();
    for (key, value) in pairs.into_inner() {
        let value = match key.as_str() {
            _ if value.is_empty() => continue,
            "variables" | "extensions" => {
                serde_json::from_str(&value).map_err(|_| bad("variables and extensions are JSON."))?
            }
            _ => Value::String(value),
        };
        if object.insert(key, value).is_some() {
            return Err(bad("A parameter is given twice."));
        }
    }
    from_object(object)
}

/// A request from its JSON object.
pub fn from_object(mut object: Map<String, Value>) -> Read<Request> {
    let extensions = object.remove("extensions").unwrap_or_default();
    let query = match object.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err(bad("query is a string.")),
        None if extensions.get("persistedQuery").is_some() => {
            let code = ErrorCode::PersistedQueryNotSupported;
            return Err(RequestError::new(400, code, "PersistedQueryNotSupported"));
        }
        None => return Err(bad("query is missing.")),
    };
    if !matches!(extensions, Value::Null | Value::Object(_)) {
        return Err(bad("extensions is an object."));
    }
    let mut request = Request::new(query);
    match object.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) => request.operation_name = Some(name),
        Some(_) => return Err(bad("operationName is a string.")),
    }
    match object.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => request.variables = Variables::from_json(variables),
        Some(_) => return Err(bad("variables is an object.")),
    }
    Ok(request)
}

/// A JSON object that names no key twice: two readers of such an object may see two requests.
struct Strict(Map<String, Value>);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Strict;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Strict, M::Error> {
                let mut object = Map::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if object.insert(key, value).is_some() {
                        return Err(serde::de::Error::custom("duplicate key"));
                    }
                }
                Ok(Strict(object))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
