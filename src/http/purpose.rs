//! Why a caller asks, as it says itself: for the access record only.

use actix_web::http::header::HeaderMap;
use entity::audit::Purpose;
use serde_json::Value;

use crate::graphql::code::ErrorCode;
use crate::graphql::document::{Prepared, RequestError};
use crate::store::audit::Asked;

/// The header of the purpose.
pub const PURPOSE: &str = "x-purpose";
/// The header of the reason.
pub const REASON: &str = "x-access-reason";
/// Characters of a reason at the most.
const MOST: usize = 500;

/// Purpose and reason of a request, or of all operations of a socket.
#[derive(Clone, Debug, Default)]
pub struct Why {
    purpose: Option<Purpose>,
    reason: Option<String>,
}

fn refused(message: &str) -> RequestError {
    RequestError::new(400, ErrorCode::BadRequest, message)
}

impl Why {
    /// What the headers say.
    ///
    /// # Errors
    /// If one is given twice, or cannot be read.
    pub fn of_headers(headers: &HeaderMap) -> Result<Self, RequestError> {
        let one = |name: &str| {
            let mut values = headers.get_all(name);
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => std::str::from_utf8(value.as_bytes()).map(Some).map_err(|_| ()),
                (Some(_), Some(_)) => Err(()),
            }
        };
        let purpose = one(PURPOSE).map_err(|()| refused("Send X-Purpose once."))?;
        let reason = one(REASON).map_err(|()| refused("Send X-Access-Reason once, in UTF-8."))?;
        Self::default().or(purpose, reason)
    }

    /// The same, with what the first message of a socket says in its place.
    ///
    /// # Errors
    /// If something is said that cannot be read.
    pub fn or_payload(self, payload: &Value) -> Result<Self, RequestError> {
        let said = |name: &str| {
            let fields = payload.as_object();
            fields.and_then(|f| f.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))).and_then(|(_, v)| v.as_str())
        };
        self.or(said(PURPOSE), said(REASON))
    }

    fn or(self, purpose: Option<&str>, reason: Option<&str>) -> Result<Self, RequestError> {
        let purpose = match purpose.map(str::trim) {
            None => self.purpose,
            Some(word) => Some(Purpose::of(word).ok_or_else(|| {
                refused("X-Purpose is one of CP_DUTY, CONFERENCE_PREP, STRATEGY, AUDIT, SAR, EMERGENCY.")
            })?),
        };
        let reason = match reason.map(str::trim).filter(|text| !text.is_empty()) {
            None => self.reason,
            Some(text) if text.chars().count() > MOST => {
                return Err(refused("X-Access-Reason has at most 500 characters."));
            }
            // PostgreSQL keeps no zero character
            Some(text) if text.contains('\0') => return Err(refused("X-Access-Reason is text.")),
            Some(text) => Some(text.to_owned()),
        };
        Ok(Self { purpose, reason })
    }

    /// What a request says of itself that is no operation.
    pub fn asked_for(self, kind: &str) -> Asked {
        Asked { kind: kind.to_owned(), purpose: self.purpose, reason: self.reason, ..Asked::default() }
    }

    /// What an operation says of itself.
    pub fn asked(self, prepared: &Prepared) -> Asked {
        Asked {
            kind: prepared.operation_type.to_string(),
            operation: prepared.operation_name.clone(),
            document: prepared.hash.clone(),
            purpose: self.purpose,
            reason: self.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_purpose_is_one_of_the_list_and_a_reason_is_short() {
        let said = |payload: Value| Why::default().or_payload(&payload).map(|why| (why.purpose, why.reason));
        assert_eq!(said(json!({"X-Purpose": "SAR"})).unwrap(), (Some(Purpose::Sar), None));
        assert_eq!(said(json!({"x-access-reason": " Duty call. "})).unwrap(), (None, Some("Duty call.".to_owned())));
        assert!(said(json!({"X-Purpose": "CURIOSITY"})).unwrap_err().message.contains("X-Purpose"));
        assert!(said(json!({"X-Access-Reason": "a".repeat(501)})).unwrap_err().message.contains("X-Access-Reason"));
    }
}
