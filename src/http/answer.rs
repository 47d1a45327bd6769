//! What goes back: media type, status and body of an answer, in one place.

use std::collections::BTreeMap;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use async_graphql::{Response, ServerError, Value};
use serde::Serialize;
use serde_json::json;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::error::Error;
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;

/// The id of a request, in its extensions.
#[derive(Clone, Copy)]
pub struct RequestId(pub Uuid);

/// Gives each request its id and each answer the header that tells it.
pub async fn stamp(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = crate::clock::Clock::system().new_id();
    request.extensions_mut().insert(RequestId(id));
    // every line that is logged on the way tells the request, also where no id is at hand
    let mut response = next.call(request).instrument(tracing::info_span!("request", %id)).await?;
    if let Ok(value) = header::HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(header::HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

/// The id of a request.
pub fn request_id(request: &HttpRequest) -> Uuid {
    request.extensions().get::<RequestId>().map_or(Uuid::nil(), |id| id.0)
}

/// The media types of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`
    GraphqlResponse,
    /// `application/json`
    Json,
    /// `text/event-stream`: every answer of the operation as an event.
    Events,
}

impl Media {
    const fn content_type(self) -> &'static str {
        match self {
            // a request that fails before its first event is answered like any other
            Self::GraphqlResponse | Self::Events => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The best one for an Accept header; `None` if it wants none of them.
    pub fn accepted(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept.filter(|text| !text.trim().is_empty()) else { return Some(Self::Json) };
        let mut best: Option<(f32, Self)> = None;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Self::GraphqlResponse,
                "application/json" | "application/*" | "*/*" => Self::Json,
                "text/event-stream" => Self::Events,
                _ => continue,
            };
            let weight = parts.find_map(|p| p.strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0_f32);
            if weight > 0.0 && best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

/// An error without an execution, as JSON.
pub fn refuse(status: u16, code: ErrorCode, message: &str, id: Uuid) -> HttpResponse {
    refused(&RequestError::new(status, code, message), Media::Json, id)
}

/// The status of a refusal. A client that reads plain JSON hears 200 for a document that does not parse, validate or
/// coerce, as the audit suite of the protocol wants; one that knows the protocol's own media type hears 400.
fn status_of(status: u16, code: Option<ErrorCode>, media: Media) -> StatusCode {
    let of_document = match code {
        None => true,
        Some(code) => {
            matches!(code, ErrorCode::GraphqlParseFailed | ErrorCode::GraphqlValidationFailed | ErrorCode::BadUserInput)
        }
    };
    if media == Media::Json && of_document {
        return StatusCode::OK;
    }
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A request error, for HTTP.
pub fn refused(error: &RequestError, media: Media, id: Uuid) -> HttpResponse {
    let status = status_of(error.status, Some(error.code), media);
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        answer.insert_header((header::ALLOW, "POST"));
    }
    answer.content_type(media.content_type()).body(json!({"errors": errors_of(error, id)}).to_string())
}

/// A request error as the protocol's list of errors.
pub fn errors_of(error: &RequestError, id: Uuid) -> serde_json::Value {
    let mut extensions = json!({"code": error.code.as_str(), "requestId": id});
    if let (Some(limit), Some(map)) = (error.limit, extensions.as_object_mut()) {
        map.insert("limit".into(), limit.into());
    }
    json!([{"message": error.message, "extensions": extensions}])
}

/// An executed operation, for HTTP.
pub fn executed(response: Response, media: Media, id: Uuid) -> HttpResponse {
    let response = tidy(response, id);
    let unavailable = first_code(&response).as_deref() == Some(ErrorCode::StorageUnavailable.as_str());
    let limited = is_request_error(&response).then(|| retry_after(&response)).flatten();
    let status = match is_request_error(&response) {
        true if limited.is_some() => StatusCode::TOO_MANY_REQUESTS,
        true if unavailable => StatusCode::SERVICE_UNAVAILABLE,
        true => status_of(400, None, media),
        false => StatusCode::OK,
    };
    let mut answer = HttpResponse::build(status);
    if let Some(seconds) = limited {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    answer.content_type(media.content_type()).body(Body::of(&response).text())
}

/// An executed operation, as JSON: its fields in the order they were asked for. A request error has no `data`.
#[derive(Serialize)]
pub struct Body<'r> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'r [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'r BTreeMap<String, Value>,
}

impl<'r> Body<'r> {
    /// What there is to say of a response.
    pub fn of(response: &'r Response) -> Self {
        let data = Some(&response.data).filter(|_| !is_request_error(response));
        Self { errors: &response.errors, data, extensions: &response.extensions }
    }

    /// It as text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// True if nothing was executed.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty())
}

/// An answer that is nothing but one error.
pub fn failed(code: ErrorCode, message: &str) -> Response {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code.as_str());
    Response::from_errors(vec![error])
}

/// Every error has a code, a fault of the program the id that finds it in the log, and there are not too many. Other
/// errors stay without the id: the answers to an absent and to an invisible thing must be the same, byte for byte.
pub fn tidy(mut response: Response, id: Uuid) -> Response {
    response.errors.truncate(20);
    for error in &mut response.errors {
        // they are places in the text that was written anew, not in the one that was sent; the path is right
        error.locations.clear();
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            // what the executor itself refuses is the coercion of a value
            extensions.set("code", ErrorCode::BadUserInput.as_str());
        }
        if extensions.get("code") == Some(&Value::from(ErrorCode::InternalServerError.as_str())) {
            extensions.set("requestId", id.to_string());
        }
    }
    response
}

/// The code of the first error of a response.
pub fn first_code(response: &Response) -> Option<String> {
    let error: &ServerError = response.errors.first()?;
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code.clone()),
        _ => None,
    }
}

/// The seconds after which a limit of use lets through again, where the first error is one.
fn retry_after(response: &Response) -> Option<String> {
    if first_code(response).as_deref() != Some(ErrorCode::RateLimited.as_str()) {
        return None;
    }
    let extensions = response.errors.first()?.extensions.as_ref()?;
    extensions.get("retryAfter").map(ToString::to_string)
}

/// What a client hears when its session cannot be opened.
pub fn not_opened(error: &Error) -> RequestError {
    match error {
        Error::Denied(message) => RequestError::new(403, ErrorCode::Forbidden, *message),
        Error::Unavailable => {
            RequestError::new(503, ErrorCode::StorageUnavailable, "The record cannot be reached just now.")
        }
        Error::NotFound => unauthenticated(),
        other => {
            tracing::error!(error = %other, "a session could not be opened");
            RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here.")
        }
    }
}

/// The one answer to a missing, bad or ended token.
pub fn unauthenticated() -> RequestError {
    RequestError::new(401, ErrorCode::Unauthenticated, "A valid bearer token of an active post is needed.")
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn accept_is_read_with_its_weights() {
        for (accept, media) in [
            (None, Some(Media::Json)),
            (Some("*/*"), Some(Media::Json)),
            (Some("application/graphql-response+json, application/json;q=0.9"), Some(Media::GraphqlResponse)),
            (Some("application/graphql-response+json;q=0.1, application/json"), Some(Media::Json)),
            (Some("text/event-stream"), Some(Media::Events)),
            (Some("image/png"), None),
            (Some("application/json;q=0"), None),
        ] {
            assert_eq!(Media::accepted(accept), media, "{accept:?}");
        }
    }
}
