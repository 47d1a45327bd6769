//! A letter about non-attendance as a file: `GET /letters/{id}`, as JSON, as pages or as plain text. It is one fixed query that is
//! asked as its reader: rules, limits and access record are those of every other query.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::answer::{self, Media};
use super::request::{bearer, open, run};
use super::{Api, Edge};
use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;
use crate::paper;

const QUERY: &str = include_str!("letter.graphql");

/// Answers a letter: pages where `Accept` names `application/pdf`, its text for `text/plain`, else JSON.
pub async fn letter<A: Api>(request: HttpRequest, id: web::Path<String>, edge: web::Data<Edge<A>>) -> HttpResponse {
    match made(&request, id.into_inner(), &edge).await {
        Ok(answer) => answer,
        Err(error) => answer::refused(&error, Media::GraphqlResponse, answer::request_id(&request)),
    }
}

async fn made<A: Api>(request: &HttpRequest, letter: String, edge: &Edge<A>) -> Result<HttpResponse, RequestError> {
    let id = answer::request_id(request);
    let principal = bearer(request, &edge.verifier).await?;
    let mut operation = Request::new(QUERY).variables(Variables::from_json(json!({"id": letter})));
    let prepared = edge.api.document().prepare(&mut operation)?;
    let session = open(request, edge, &principal, &prepared).await?;
    let response = run(edge, session, operation).await?;
    if !response.errors.is_empty() {
        return Ok(answer::executed(response, Media::GraphqlResponse, id));
    }
    let data = response.data.into_json().map_err(|_| broken())?;
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // the id of anything else is no letter
    let Some(text) = data.pointer("/node/text").and_then(Value::as_str).map(str::to_owned) else {
        return Err(RequestError::new(404, ErrorCode::NotFound, "Not found."));
    };
    if accept.contains("application/pdf") {
        return pages(data).await;
    }
    if accept.contains("text/plain") {
        let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"letter.txt\"");
        return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(name).body(text));
    }
    Ok(HttpResponse::Ok().json(data))
}

async fn pages(data: Value) -> Result<HttpResponse, RequestError> {
    let bytes = web::block(move || paper::letter::pages(&data).map(|paper| paper::render(&paper))).await;
    let bytes = match bytes {
        Ok(Some(Ok(bytes))) => bytes,
        Ok(Some(Err(error))) => {
            tracing::error!(%error, "a letter was not printed");
            return Err(broken());
        }
        Ok(None) | Err(_) => return Err(broken()),
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"letter.pdf\""))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(bytes))
}

fn broken() -> RequestError {
    RequestError::new(500, ErrorCode::InternalServerError, "Something went wrong here; the request id finds it.")
}
