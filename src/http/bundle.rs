//! A bundle as a file: `GET /bundles/{conference}/{child}`, as JSON or as pages. It is one fixed query that is asked as its
//! reader: rules, limits and access record are those of every other query.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Request, Variables};
use serde_json::json;

use super::answer::{self, Media};
use super::purpose::REASON;
use super::request::{bearer, open, run};
use super::{Api, Edge};
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;
use crate::paper;

const QUERY: &str = include_str!("bundle.graphql");

/// Answers a bundle: pages where `Accept` names `application/pdf`, else JSON.
pub async fn bundle<A: Api>(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    edge: web::Data<Edge<A>>,
) -> HttpResponse {
    let id = answer::request_id(&request);
    match made(&request, path.into_inner(), &edge).await {
        Ok(answer) => answer,
        Err(error) => answer::refused(&error, Media::GraphqlResponse, id),
    }
}

async fn made<A: Api>(
    request: &HttpRequest,
    (conference, child): (String, String),
    edge: &Edge<A>,
) -> Result<HttpResponse, RequestError> {
    let id = answer::request_id(request);
    let principal = bearer(request, &edge.verifier).await?;
    // a restricted item is told to who says why: without a reason the bundle says that there is one
    let because = request.headers().contains_key(REASON);
    let variables = Variables::from_json(json!({"conference": conference, "child": child, "because": because}));
    let mut operation = Request::new(QUERY).variables(variables);
    let prepared = edge.api.document().prepare(&mut operation)?;
    let session = open(request, edge, &principal, &prepared).await?;
    let response = run(edge, session, operation).await?;
    if !response.errors.is_empty() {
        return Ok(answer::executed(response, Media::GraphqlResponse, id));
    }
    let data = response.data.into_json().map_err(|_| broken())?;
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.contains("application/pdf") {
        return Ok(HttpResponse::Ok().json(data));
    }
    // laying out a long bundle takes some tens of milliseconds, which other requests of the thread do not wait for
    let pages = web::block(move || paper::bundle::pages(&data).map(|paper| paper::render(&paper))).await;
    let bytes = match pages {
        Ok(Some(Ok(bytes))) => bytes,
        Ok(Some(Err(error))) => {
            tracing::error!(%error, "a bundle was not printed");
            return Err(broken());
        }
        Ok(None) | Err(_) => return Err(broken()),
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"bundle.pdf\""))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(bytes))
}

fn broken() -> RequestError {
    RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here; the request id finds it.")
}
