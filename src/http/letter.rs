//! A letter about non-attendance as a file: `GET /letters/{id}`, as JSON, as pages or as plain text. It is one fixed query that is
//! asked as its reader: rules, limits and access record are those of every other query.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::answer::{self, Media};
use super::{Api, Edge, file};
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
    let data = match file::ask(request, edge, QUERY, json!({"id": letter})).await? {
        Ok(data) => data,
        Err(refused) => return Ok(refused),
    };
    // the id of anything else is no letter
    let Some(text) = data.pointer("/node/text").and_then(Value::as_str).map(str::to_owned) else {
        return Err(RequestError::new(404, ErrorCode::NotFound, "Not found."));
    };
    if file::takes(request, "application/pdf") {
        return file::pages("letter", data, paper::letter::pages).await;
    }
    if file::takes(request, "text/plain") {
        let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"letter.txt\"");
        return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(name).body(text));
    }
    Ok(HttpResponse::Ok().json(data))
}
