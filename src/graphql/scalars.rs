//! Scalars that the library has not, or has without a specification.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use async_graphql::registry::Registry;
use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::error::{Fault, Resolved};

/// Years in which anything here can have happened. Outside of them the two databases do not agree on what a value is.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// An instant of an input: a `DateTime` of the schema in the years 1900 to 2200, cut to microseconds, which is what
/// both databases and the cursors keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl InputType for Instant {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <DateTime<Utc> as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <DateTime<Utc> as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let form = || InputValueError::custom("An instant is written 2026-11-24T09:00:00Z, in the years 1900 to 2200.");
        let Some(Value::String(text)) = &value else { return Err(form()) };
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| form())?;
        // cut and made whole again: a leap second becomes the next one
        let at = DateTime::from_timestamp_micros(at.timestamp_micros()).ok_or_else(form)?;
        if YEARS.contains(&at.year()) { Ok(Self(at)) } else { Err(form()) }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// A text to be looked for. `BAD_USER_INPUT` naming `argument` if it holds a zero character, which PostgreSQL has not.
///
/// # Errors
/// See above.
pub fn plain(text: String, argument: &str) -> Resolved<String> {
    if text.contains('\0') { Err(Fault::argument(argument, "A text holds no zero character.")) } else { Ok(text) }
}

/// The place of a file in an input. What stands there when a document is run was put there by who read the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload;

impl Upload {
    /// What stands in the variable of a file.
    pub const MARK: &str = "file";
}

/// A file, sent by the GraphQL multipart request convention.
#[Scalar(specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(mark) if mark == Self::MARK => Ok(Self),
            _ => Err(InputValueError::custom("Send the file by the multipart convention.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(Self::MARK)
    }
}

/// The file that came with a request: there is one, and it is taken once.
pub struct Sent(Mutex<Option<Vec<u8>>>);

impl Sent {
    /// This file.
    pub const fn new(content: Vec<u8>) -> Self {
        Self(Mutex::new(Some(content)))
    }

    /// Takes it.
    pub fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A day without a time: `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day without a time, as `YYYY-MM-DD`, in the years 1900 to 2200; days are those of England.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let form = || InputValueError::custom("A day is written YYYY-MM-DD.");
        let Value::String(text) = &value else { return Err(form()) };
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        let day = day.filter(|day| YEARS.contains(&day.year()));
        day.map(Self).ok_or_else(form)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Option<String> {
        Instant::parse(Some(Value::from(text))).ok().map(|at| at.0.to_rfc3339())
    }

    #[test]
    fn an_instant_is_one_both_databases_know() {
        for (text, read) in [
            ("2026-11-24T09:00:00Z", Some("2026-11-24T09:00:00+00:00")),
            ("2026-11-24T09:00:00+01:00", Some("2026-11-24T08:00:00+00:00")),
            ("2026-11-24T09:00:00.123456789Z", Some("2026-11-24T09:00:00.123456+00:00")),
            ("2016-12-31T23:59:60Z", Some("2017-01-01T00:00:00+00:00")),
            ("2200-12-31T23:59:59Z", Some("2200-12-31T23:59:59+00:00")),
            ("2200-12-31T23:59:59-01:00", None),
            ("1899-12-31T23:59:59Z", None),
            ("-262143-01-01T00:00:00Z", None),
            ("-4713-01-01T00:00:00Z", None),
            ("10000-01-01T00:00:00Z", None),
            ("2026-11-24", None),
            ("2026-11-24T09:00:00", None),
            ("", None),
        ] {
            assert_eq!(instant(text).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn a_day_is_of_these_centuries() {
        for (text, reads) in [("1900-01-01", true), ("1899-12-31", false), ("2200-12-31", true), ("0000-01-01", false)]
        {
            assert_eq!(<Date as ScalarType>::parse(Value::from(text)).is_ok(), reads, "{text}");
        }
    }
}
