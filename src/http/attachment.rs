//! Files of reports: sent by a ticket, read with a token.

use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use entity::attachment::MediaType;
use entity::id::{AttachmentId, TypedId as _};
use futures_util::StreamExt as _;
use serde_json::json;
use uuid::Uuid;

use super::purpose::Why;
use super::request::{bearer, too_many_files};
use super::seats::Seat;
use super::{Api, Edge, answer};
use crate::error::{Error, ProblemCode};
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;
use crate::graphql::id::{global, split};
use crate::store::attachment::{HEAD, Served};

/// Bytes that are given to a connection at a time.
const PIECE: usize = 64 * 1024;

type Read<T> = Result<T, RequestError>;

/// Takes in the file of a ticket: the body, whatever the request says of its type.
pub async fn put<A: Api>(
    request: HttpRequest,
    ticket: web::Path<String>,
    payload: web::Payload,
    edge: web::Data<Edge<A>>,
) -> HttpResponse {
    let id = answer::request_id(&request);
    match take(&request, &ticket, payload, &edge, id).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::info!(request = %id, code = error.code.as_str(), status = error.status, "a file was refused");
            answer::refused(&error, answer::Media::GraphqlResponse, id)
        }
    }
}

async fn take<A: Api>(
    request: &HttpRequest,
    ticket: &str,
    payload: web::Payload,
    edge: &Edge<A>,
    id: Uuid,
) -> Read<HttpResponse> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(RequestError::new(415, ErrorCode::UnsupportedMediaType, "Send the file as it is."));
    }
    let expected = edge.api.expected(ticket).await.map_err(|error| failed(&error))?;
    let most = usize::try_from(A::bytes(&expected)).unwrap_or_default();
    let _seat = edge.transfers.take(A::sender(&expected)).ok_or_else(too_many_files)?;
    let time = Duration::from_secs(edge.settings.upload_seconds);
    let work = async {
        let _room = edge.api.room().await;
        let content = body(payload, most).await?;
        edge.api.receive(expected, content, id).await.map_err(|error| failed(&error))
    };
    let late = |_| RequestError::new(408, ErrorCode::Timeout, "The file came too slowly.");
    let row = tokio::time::timeout(time, work).await.map_err(late)??;
    tracing::info!(request = %id, attachment = %row.id.0, "a file came");
    let said = json!({"id": *global(row.id), "state": row.state.word(), "bytes": row.bytes, "sha256": row.sha256,
      "mediaType": row.media_type.map(MediaType::word)});
    Ok(HttpResponse::Created().json(said))
}

/// The body; what it begins with tells soon enough whether it is worth waiting for.
async fn body(mut payload: web::Payload, most: usize) -> Read<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut looked = false;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| RequestError::new(400, ErrorCode::BadRequest, "The body broke off."))?;
        if bytes.len() + chunk.len() > most {
            return Err(RequestError::new(413, ErrorCode::PayloadTooLarge, "More came than was announced."));
        }
        bytes.extend_from_slice(&chunk);
        if !looked && bytes.len() >= HEAD {
            looked = true;
            if !crate::content::may_be_taken(bytes.get(..HEAD).unwrap_or_default()) {
                let message = "Send a PDF, a PNG, a JPEG, plain text in UTF-8 or a Word document (.docx).";
                return Err(RequestError::new(422, ErrorCode::FileRefused, message));
            }
        }
    }
    Ok(bytes)
}

/// Serves a file so that no browser runs it: as a download, in no frame, under a type that is only shown.
pub async fn get<A: Api>(request: HttpRequest, id: web::Path<String>, edge: web::Data<Edge<A>>) -> HttpResponse {
    let request_id = answer::request_id(&request);
    match serve(&request, id.into_inner(), &edge, request_id).await {
        Ok((served, seat)) => answered(served, seat),
        Err(error) => {
            tracing::info!(request = %request_id, code = error.code.as_str(), status = error.status, "refused");
            answer::refused(&error, answer::Media::GraphqlResponse, request_id)
        }
    }
}

async fn serve<A: Api>(request: &HttpRequest, id: String, edge: &Edge<A>, request_id: Uuid) -> Read<(Served, Seat)> {
    let principal = bearer(request, &edge.verifier).await?;
    let seat = edge.transfers.take(principal.person()).ok_or_else(too_many_files)?;
    let asked = Why::of_headers(request.headers())?.asked_for("download");
    let id = split(&id.into()).filter(|(noun, _)| noun == AttachmentId::NOUN).map(|(_, id)| AttachmentId(id));
    let time = Duration::from_secs(edge.settings.timeout_seconds);
    let work = async {
        // a token that is none is told so, whatever it asks for
        let opened = edge.api.opened_file(&principal, asked, request_id).await.map_err(|e| answer::not_opened(&e))?;
        edge.api.file(opened, id.ok_or(Error::NotFound)).await.map_err(|error| failed(&error))
    };
    let late = |_| RequestError::new(503, ErrorCode::Timeout, "The operation took too long.");
    Ok((tokio::time::timeout(time, work).await.map_err(late)??, seat))
}

/// The content in pieces; its place is taken until the last of them is sent.
fn in_pieces(content: Vec<u8>, seat: Seat) -> impl futures_util::Stream<Item = Result<web::Bytes, std::io::Error>> {
    let content = web::Bytes::from(content);
    futures_util::stream::unfold((content, seat), |(mut rest, seat)| async move {
        let piece = rest.split_to(rest.len().min(PIECE));
        (!piece.is_empty()).then_some((Ok(piece), (rest, seat)))
    })
}

const fn media_type(media: MediaType) -> &'static str {
    match media {
        MediaType::Pdf => "application/pdf",
        MediaType::Png => "image/png",
        MediaType::Jpeg => "image/jpeg",
        MediaType::Text => "text/plain; charset=utf-8",
        MediaType::Docx => "application/octet-stream",
    }
}

fn answered(served: Served, seat: Seat) -> HttpResponse {
    // RFC 8187: letters and digits as they are, all else by its bytes
    let name = served.name.bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type(served.media)))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(SizedStream::new(served.content.len() as u64, in_pieces(served.content, seat)))
}

/// An error where there is no payload to say it in.
fn failed(error: &Error) -> RequestError {
    match error {
        Error::NotFound => RequestError::new(404, ErrorCode::NotFound, "Not found."),
        Error::Denied(message) => RequestError::new(403, ErrorCode::Forbidden, *message),
        Error::Invalid(problems) => {
            let Some(problem) = problems.first() else {
                return RequestError::new(422, ErrorCode::FileRefused, "The file is not taken.");
            };
            let (status, code) = match problem.code {
                ProblemCode::WrongState => (409, ErrorCode::Conflict),
                ProblemCode::TooLarge => (413, ErrorCode::PayloadTooLarge),
                _ => (422, ErrorCode::FileRefused),
            };
            RequestError::new(status, code, problem.message.clone())
        }
        Error::ReasonRequired => {
            let message = "Say why in the header X-Access-Reason, in 10 to 500 characters.";
            RequestError::new(403, ErrorCode::ReasonRequired, message)
        }
        Error::RateLimited(limited) => RequestError::new(429, ErrorCode::RateLimited, limited.what),
        Error::Unavailable => {
            RequestError::new(503, ErrorCode::StorageUnavailable, "The record cannot be reached just now.")
        }
        other => {
            tracing::error!(error = %other, "a file");
            RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here.")
        }
    }
}
