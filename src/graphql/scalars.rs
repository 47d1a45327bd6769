//! Scalars that the library has not, or has without a specification.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// A day without a time: `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day without a time, as `YYYY-MM-DD`; days are those of England.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let form = || InputValueError::custom("A day is written YYYY-MM-DD.");
        let Value::String(text) = &value else { return Err(form()) };
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        day.map(Self).ok_or_else(form)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
