//! The receipt of a report: which text was submitted, when, and how that stood to the day it was due. It can be checked by
//! whoever has the text and the public key, without asking anybody.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::ReportRequestId;
use entity::{conference_report, report_request};
use serde_json::{Value, json};

use super::NewReport;
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::global::global;
use crate::store::Store;
use crate::store::audit::key::hex;

/// How a report came, measured against what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// Not later than it was due.
    InTime,
    /// Later.
    Late,
    /// When the conference was over.
    AfterConference,
}

impl Timeliness {
    /// That of a version.
    pub fn of(report: &conference_report::Model, request: &report_request::Model) -> Self {
        if report.after_conference {
            Self::AfterConference
        } else if report.submitted_at > due_at(report, request) {
            Self::Late
        } else {
            Self::InTime
        }
    }

    /// How a version came, in words.
    pub fn in_words(report: &conference_report::Model, request: &report_request::Model) -> String {
        // what is due by the end of a day is due at the instant the next one begins
        let due = london_day(due_at(report, request) - TimeDelta::microseconds(1));
        Self::of(report, request).says(report.working_days_early, london_day(report.submitted_at) == due)
    }

    /// In words, with the working days where they are known. What was due on a Friday and came on the Saturday is no working
    /// day late.
    fn says(self, working_days_early: Option<i32>, came_that_day: bool) -> String {
        let days = |n: i32| if n == 1 { "1 working day".to_owned() } else { format!("{n} working days") };
        match (self, working_days_early) {
            (Self::InTime, Some(early)) if early > 0 => format!("{} early", days(early)),
            (Self::InTime, _) => "in time".to_owned(),
            (Self::Late, Some(early)) if early < 0 => format!("{} late", days(-early)),
            (Self::Late, _) if came_that_day => "late on the day it was due".to_owned(),
            (Self::Late, Some(_)) => "less than 1 working day late".to_owned(),
            (Self::Late, None) => "late".to_owned(),
            (Self::AfterConference, _) => "after the conference".to_owned(),
        }
    }
}

/// When a version was due, as it came: its conference may have been moved since.
pub fn due_at(report: &conference_report::Model, request: &report_request::Model) -> DateTime<Utc> {
    report.due_at.unwrap_or(request.due_at)
}

/// The canonical form of a JSON value (RFC 8785): no space, the names of an object in order. Numbers are whole here.
fn canonical(value: &Value, to: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.keys().collect();
            names.sort_unstable();
            to.push('{');
            for (n, name) in names.into_iter().enumerate() {
                if n > 0 {
                    to.push(',');
                }
                to.push_str(&Value::from(name.as_str()).to_string());
                to.push(':');
                canonical(fields.get(name).unwrap_or(&Value::Null), to);
            }
            to.push('}');
        }
        Value::Array(values) => {
            to.push('[');
            for (n, value) in values.iter().enumerate() {
                if n > 0 {
                    to.push(',');
                }
                canonical(value, to);
            }
            to.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => to.push_str(&value.to_string()),
    }
}

/// SHA-256, in lower-case hex, over the canonical JSON of what was submitted: the content with the names of the API, what was
/// left out left out, and beside it `reportRequestId`, `authorId`, `template` and `templateVersion`; in place of
/// `attachmentIds`, `attachments`, the SHA-256 of each file as it is kept, in order.
pub(super) fn fingerprint(request: ReportRequestId, new: &NewReport, mut files: Vec<&str>) -> String {
    let mut all = serde_json::to_value(&new.content).unwrap_or_default();
    if let Value::Object(fields) = &mut all {
        fields.remove("attachmentIds");
        if !files.is_empty() {
            files.sort_unstable();
            fields.insert("attachments".to_owned(), files.into());
        }
        fields.insert("reportRequestId".to_owned(), global(request).into());
        fields.insert("authorId".to_owned(), global(new.author).into());
        fields.insert("template".to_owned(), new.template.code.clone().into());
        fields.insert("templateVersion".to_owned(), new.template.version.into());
    }
    let mut text = String::new();
    canonical(&all, &mut text);
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Signs receipts. The key comes from the audit key, so that there is one secret to keep.
pub struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// The signer of a seed.
    ///
    /// # Errors
    /// `Internal` where the seed is none.
    pub fn new(seed: &[u8; 32]) -> Result<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| Error::internal("a seed of no use"))
    }

    /// What the key is called: the beginning of the hash of its public half.
    fn name(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.0.public_key().as_ref());
        hex(hash.as_ref()).chars().take(16).collect()
    }

    /// The public half, as a set of keys that every library for JSON web tokens reads (RFC 8037).
    pub fn public_keys(&self) -> Value {
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.name(),
            "x": URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())}]})
    }

    /// A compact JSON web signature over `claims`.
    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"alg": "EdDSA", "typ": "quorate-receipt+jwt", "kid": self.name()});
        let text = format!("{}.{}", part(&header), part(claims));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(text.as_bytes()).as_ref()))
    }
}

impl Store {
    /// The keys that receipts are checked with.
    pub fn receipt_keys(&self) -> Value {
        self.signer.public_keys()
    }

    /// The receipt of a version as a signed token: ids, instants and the hash, nothing of a person. `None` of a draft.
    pub fn receipt(&self, report: &conference_report::Model, request: &report_request::Model) -> Option<String> {
        if report.state == conference_report::State::Draft {
            return None;
        }
        Some(self.signer.sign(&json!({
            "jti": global(report.id),
            "iat": report.submitted_at.timestamp(),
            "reportRequest": global(request.id),
            "version": report.version,
            "dueAt": due_at(report, request).timestamp(),
            "sha256": report.receipt,
            "says": Timeliness::in_words(report, request),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_is_in_order_and_without_spaces() {
        let value = json!({"b": [1, {"z": "ü\n\"", "a": null}], "a": true});
        let mut text = String::new();
        canonical(&value, &mut text);
        assert_eq!(text, "{\"a\":true,\"b\":[1,{\"a\":null,\"z\":\"ü\\n\\\"\"}]}");
    }

    #[test]
    fn a_receipt_says_how_it_came() {
        let table = [
            (Timeliness::InTime, Some(3), false, "3 working days early"),
            (Timeliness::InTime, Some(1), false, "1 working day early"),
            (Timeliness::InTime, Some(0), true, "in time"),
            (Timeliness::Late, Some(0), true, "late on the day it was due"),
            // due on Friday, sent on Saturday
            (Timeliness::Late, Some(0), false, "less than 1 working day late"),
            (Timeliness::Late, Some(-1), false, "1 working day late"),
            (Timeliness::Late, Some(-2), false, "2 working days late"),
            (Timeliness::AfterConference, Some(-9), false, "after the conference"),
            (Timeliness::InTime, None, false, "in time"),
            (Timeliness::Late, None, false, "late"),
            (Timeliness::Late, None, true, "late on the day it was due"),
        ];
        for (how, days, that_day, says) in table {
            assert_eq!(how.says(days, that_day), says);
        }
    }
}
