//! The routes of the demo's sandbox: its clock, and scenarios. Only a demo mounts them, and they answer to the operator's
//! token alone: whoever may reach a demo is not therefore its operator.

use std::future::Future;

use actix_web::http::header;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::answer;
use crate::graphql::code::ErrorCode;

/// Bytes of a body at the most.
const MOST: usize = 4096;

/// Where a clock is to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To an instant.
    To(DateTime<Utc>),
    /// By so much.
    By(Duration),
}

/// What an integrator wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scenario {
    /// A report that is due within the hour.
    Due,
    /// A report that was not given in time.
    Overdue,
    /// Reports that were released to the agencies at the conference.
    Released,
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It would go against what has happened.
    Conflict(&'static str),
    /// It is too much.
    Invalid(&'static str),
    /// It failed.
    Failed,
}

impl Refused {
    /// In a sentence.
    pub const fn says(&self) -> &'static str {
        match self {
            Self::Conflict(message) | Self::Invalid(message) => message,
            Self::Failed => "Something went wrong here.",
        }
    }
}

/// What a sandbox does.
pub trait Play: Clone + Send + Sync + 'static {
    /// True for the operator's token.
    fn admits(&self, token: &str) -> bool;
    /// Moves the clock; answers where it stands.
    fn shift(&self, to: Move) -> impl Future<Output = Result<Value, Refused>>;
    /// Brings a scenario about; answers what there is to see.
    fn stage(&self, scenario: Scenario) -> impl Future<Output = Result<Value, Refused>>;
}

/// Mounts the routes.
pub fn mount<P: Play>(cfg: &mut ServiceConfig, play: &P) {
    let (clock, scenario) = (play.clone(), play.clone());
    cfg.route("/sandbox/clock", web::post().to(move |request, body| move_clock(clock.clone(), request, body)));
    cfg.route("/sandbox/scenario", web::post().to(move |request, body| set_stage(scenario.clone(), request, body)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    to: Option<DateTime<Utc>>,
    forward: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioBody {
    name: Scenario,
}

async fn move_clock<P: Play>(play: P, request: HttpRequest, body: Bytes) -> HttpResponse {
    const FORM: &str = "Send {\"to\": \"2026-12-04T09:00:00Z\"} or {\"forward\": \"3 days\"}, as application/json.";
    if let Some(refusal) = unknown(&play, &request) {
        return refusal;
    }
    let to = match read::<ClockBody>(&request, &body) {
        Some(ClockBody { to: Some(at), forward: None }) => Some(Move::To(at)),
        Some(ClockBody { to: None, forward: Some(text) }) => span(&text).map(Move::By),
        _ => None,
    };
    let Some(to) = to else { return refuse(&request, 400, ErrorCode::BadRequest, FORM) };
    answer(&request, play.shift(to).await)
}

async fn set_stage<P: Play>(play: P, request: HttpRequest, body: Bytes) -> HttpResponse {
    const FORM: &str = "Send {\"name\": \"due\"}, \"overdue\" or \"released\", as application/json.";
    if let Some(refusal) = unknown(&play, &request) {
        return refusal;
    }
    match read::<ScenarioBody>(&request, &body) {
        Some(ScenarioBody { name }) => answer(&request, play.stage(name).await),
        None => refuse(&request, 400, ErrorCode::BadRequest, FORM),
    }
}

/// The refusal of who is not the operator.
fn unknown<P: Play>(play: &P, request: &HttpRequest) -> Option<HttpResponse> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    let message = "The sandbox answers to the operator's token, which the demo prints when it starts.";
    (!play.admits(token)).then(|| refuse(request, 401, ErrorCode::Unauthenticated, message))
}

/// A body of JSON that says it is one: what a foreign page could send is none.
fn read<T: serde::de::DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Option<T> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let is_json = kind.split(';').next()?.trim().eq_ignore_ascii_case("application/json");
    (is_json && body.len() <= MOST).then(|| serde_json::from_slice(body).ok()).flatten()
}

/// A span as a person writes it, such as `3 days`.
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number = number.parse::<u32>().ok()?;
    let seconds = match unit.trim().strip_suffix('s').unwrap_or_else(|| unit.trim()) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    Duration::try_seconds(i64::from(number) * seconds)
}

fn answer(request: &HttpRequest, done: Result<Value, Refused>) -> HttpResponse {
    match done {
        Ok(said) => HttpResponse::Ok().json(said),
        Err(Refused::Conflict(message)) => refuse(request, 409, ErrorCode::Conflict, message),
        Err(Refused::Invalid(message)) => refuse(request, 400, ErrorCode::BadRequest, message),
        Err(Refused::Failed) => refuse(request, 500, ErrorCode::InternalServerError, "Something went wrong here."),
    }
}

fn refuse(request: &HttpRequest, status: u16, code: ErrorCode, message: &str) -> HttpResponse {
    answer::refuse(status, code, message, answer::request_id(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, read) in [
            ("3 days", Some(Duration::days(3))),
            ("1 day", Some(Duration::days(1))),
            (" 90 minutes ", Some(Duration::minutes(90))),
            ("2 weeks", Some(Duration::weeks(2))),
            ("0 hours", Some(Duration::zero())),
            ("-1 day", None),
            ("3days", None),
            ("three days", None),
            ("3 years", None),
            ("99999999999 days", None),
            ("", None),
        ] {
            assert_eq!(span(text), read, "{text}");
        }
    }
}
