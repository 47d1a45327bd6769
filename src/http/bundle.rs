//! A bundle as a file: `GET /bundles/{conference}/{child}`, as JSON or as pages. It is one fixed query that is asked as its
//! reader: rules, limits and access record are those of every other query.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::answer::{self, Media};
use super::purpose::REASON;
use super::{Api, Edge, file};
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
    // a restricted item is told to who says why: without a reason the bundle says that there is one
    let because = request.headers().contains_key(REASON);
    let variables = json!({"conference": conference, "child": child, "because": because});
    match file::ask(request, edge, QUERY, variables).await? {
        Ok(data) if file::takes(request, "application/pdf") => file::pages("bundle", data, paper::bundle::pages).await,
        Ok(data) => Ok(HttpResponse::Ok().json(data)),
        Err(refused) => Ok(refused),
    }
}
