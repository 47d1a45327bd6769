//! Files of the reports of the demo, put there past the program; and requests with a file.

use chrono::{DateTime, Utc};
use entity::attachment::{ActiveModel, Entity, MediaType, State};
use entity::id::{AttachmentId, PractitionerId, ReportRequestId};
use entity::sealed::Sealed;
use entity::{appointment, conference_report, report_request};
use quorate::clock::Clock;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::App;
use super::contents::{Beside, connect};
use super::sweep::global;

/// What is sent where a test says no more of a file.
const LETTER: &str = "A letter.";

/// A clean file to a request, which no report has yet; its global id.
pub async fn attach_to(db: &Beside, request: Uuid) -> String {
    let request = report_request::Entity::find_by_id(ReportRequestId(request)).one(db).await.unwrap().unwrap();
    let post = appointment::Entity::find().filter(appointment::Column::AgencyId.eq(request.agency_id));
    let by = post.one(db).await.unwrap().unwrap().practitioner_id;
    let clock = Clock::system();
    let row = row((clock.now(), clock.new_id()), &request, by, State::Clean);
    let id = row.id.clone().unwrap();
    Entity::insert(row).exec_without_returning(db).await.unwrap();
    global("Attachment", id.0)
}

/// A clean file to every report, and one that waits to every request that was not answered.
pub async fn attach(app: &App) {
    let db = connect(&app.url).await;
    let requests = report_request::Entity::find().all(&db).await.unwrap();
    let posts = appointment::Entity::find().all(&db).await.unwrap();
    let mut rows = Vec::new();
    for report in conference_report::Entity::find().all(&db).await.unwrap() {
        let request = requests.iter().find(|request| request.id == report.report_request_id).unwrap();
        rows.push(ActiveModel {
            conference_report_id: Set(Some(report.id)),
            ..row((app.clock.now(), app.clock.new_id()), request, report.author_id, State::Clean)
        });
    }
    for request in requests.iter().filter(|request| request.received_at.is_none()) {
        let by = posts.iter().find(|post| post.agency_id == request.agency_id).unwrap().practitioner_id;
        rows.push(row((app.clock.now(), app.clock.new_id()), request, by, State::Quarantined));
    }
    for some in rows.chunks(100) {
        Entity::insert_many(some.to_vec()).exec_without_returning(&db).await.unwrap();
    }
}

fn row(
    (now, id): (DateTime<Utc>, Uuid),
    request: &report_request::Model,
    by: PractitionerId,
    state: State,
) -> ActiveModel {
    ActiveModel {
        id: Set(AttachmentId(id)),
        report_request_id: Set(request.id),
        conference_report_id: Set(None),
        child_id: Set(request.child_id),
        agency_id: Set(request.agency_id),
        uploaded_by: Set(by),
        asked_at: Set(now),
        uploaded_at: Set(Some(now)),
        ticket_until: Set(None),
        name: Set(Sealed::new("Letter.txt".to_owned())),
        media_type: Set(Some(MediaType::Text)),
        bytes: Set(9),
        sha256: Set(Some(String::new())),
        state: Set(state),
        checked_at: Set(None),
        check_at: Set(None),
        file_id: Set(Some(Uuid::from_u128(rand::random()))),
    }
}

/// A body of these parts: each with its name and its content; what is named by a number is a file.
pub fn parts(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let file = name.chars().all(|c| c.is_ascii_digit());
        let file = if file { "; filename=\"a.html\"\r\ncontent-type: text/html" } else { "" };
        body.extend(format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--frontier--\r\n");
    body
}

/// A request with a body: one whose input has a null for a file is sent with a letter in its place, as the convention has
/// it.
pub fn with_body(request: reqwest::RequestBuilder, body: String) -> reqwest::RequestBuilder {
    let variables = if body.contains("\"file\":null") { serde_json::from_str::<Value>(&body).ok() } else { None };
    let place = variables.as_ref().and_then(|body| {
        let mut variables = body["variables"].as_object()?.iter();
        variables.find(|(_, value)| value.get("file").is_some_and(Value::is_null)).map(|(name, _)| name.clone())
    });
    let Some(name) = place else { return request.header("content-type", "application/json").body(body) };
    let map = json!({"0": [format!("variables.{name}.file")]}).to_string();
    let body = parts(&[("operations", body.as_bytes()), ("map", map.as_bytes()), ("0", LETTER.as_bytes())]);
    multipart(request, body)
}

/// A request whose body was made of parts.
pub fn multipart(request: reqwest::RequestBuilder, body: Vec<u8>) -> reqwest::RequestBuilder {
    let request = request.header("content-type", "multipart/form-data; boundary=frontier");
    request.header("graphql-require-preflight", "1").body(body)
}
