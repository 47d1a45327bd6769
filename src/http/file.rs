//! An answer as a file: one fixed query that is asked as its reader, so that rules, limits and access record are those of every
//! other query.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Request, Variables};
use serde_json::Value;

use super::answer::{self, Media};
use super::request::{bearer, open, run};
use super::{Api, Edge};
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;
use crate::paper::{self, Paper};

/// What a fixed query answers its reader; as an error inside, the answer to give where it answers errors.
pub async fn ask<A: Api>(
    request: &HttpRequest,
    edge: &Edge<A>,
    query: &str,
    variables: Value,
) -> Result<Result<Value, HttpResponse>, RequestError> {
    let principal = bearer(request, &edge.verifier).await?;
    let mut operation = Request::new(query).variables(Variables::from_json(variables));
    let prepared = edge.api.document().prepare(&mut operation)?;
    let session = open(request, edge, &principal, &prepared).await?;
    let response = run(edge, session, operation).await?;
    if !response.errors.is_empty() {
        return Ok(Err(answer::executed(response, Media::GraphqlResponse, answer::request_id(request))));
    }
    Ok(Ok(response.data.into_json().map_err(|_| broken())?))
}

/// Whether the caller takes a media type.
pub fn takes(request: &HttpRequest, media: &str) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains(media)
}

/// The pages that are laid out of an answer, as a file of this name.
pub async fn pages(
    name: &str,
    data: Value,
    lay_out: fn(&Value) -> Option<Paper>,
) -> Result<HttpResponse, RequestError> {
    // laying out a long one takes some tens of milliseconds, which other requests of the thread do not wait for
    let pages = web::block(move || lay_out(&data).map(|paper| paper::render(&paper))).await;
    let bytes = match pages {
        Ok(Some(Ok(bytes))) => bytes,
        Ok(Some(Err(error))) => {
            tracing::error!(%error, "a {name} was not printed");
            return Err(broken());
        }
        Ok(None) | Err(_) => return Err(broken()),
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.pdf\"")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(bytes))
}

fn broken() -> RequestError {
    RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here; the request id finds it.")
}
