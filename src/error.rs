//! The few kinds of failure the domain knows. The GraphQL edge turns each into a fixed message and a code;
//! the chain of causes goes to the log only.

use std::fmt;

/// A finding of a practice or input rule about one field of an input: payload data, never a thrown error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the input field in API spelling, such as `invitees.0.agencyId`.
    pub field: String,
    /// What kind of finding it is.
    pub code: ProblemCode,
    /// A fixed sentence for a person; holds no data of a child.
    pub message: String,
}

impl Problem {
    /// A finding about `field`.
    pub fn new(field: impl Into<String>, code: ProblemCode, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// The kinds of finding a write can answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A value is missing that the rule needs.
    Required,
    /// A value is outside its stated range or form.
    Invalid,
    /// A text is longer than its stated maximum.
    TooLong,
    /// A list holds more entries than its stated maximum.
    TooMany,
    /// The same thing is named twice.
    Duplicate,
    /// A date or instant is on the wrong side of another or of now.
    WrongTime,
    /// The thing named cannot be found by this caller.
    UnknownReference,
    /// The meeting was held, cancelled or decided already.
    AlreadyConcluded,
    /// The conference is over; a report can no longer be submitted for it.
    ConferenceOver,
    /// This was done before by somebody else and stands.
    AlreadyDone,
    /// The set of agencies at the meeting does not meet the minimum the rule names.
    NotQuorate,
    /// As often as it may be done for now.
    LimitExceeded,
    /// A rule of the national return or of a practice standard refuses the combination.
    RuleRefused,
    /// Something has no answer yet that a practice standard asks for before this step.
    Missing,
    /// The record is not in a state from which this can be done.
    WrongState,
    /// A file has more bytes than are taken.
    TooLarge,
    /// A file is of no kind that is taken, not whole, or holds what is not taken.
    FileRefused,
}

/// A limit of use that is reached, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// A fixed sentence that a client may see.
    pub what: &'static str,
    /// Seconds until the limit lets through again.
    pub retry_after: i64,
}

/// Everything that can stop a piece of work.
#[derive(Debug)]
pub enum Error {
    /// Absent, or invisible to this caller: the two are one.
    NotFound,
    /// The caller sees the thing and may not do this to it.
    Denied(&'static str),
    /// The input is refused by rules; nothing was written.
    Invalid(Vec<Problem>),
    /// An argument cannot be read at all: its name and a fixed sentence.
    BadInput {
        /// Path of the argument, such as `input.childIds.0` or `after`.
        argument: String,
        /// What form is expected.
        message: &'static str,
    },
    /// The caller must say why it asks, and did not.
    ReasonRequired,
    /// A limit of use is reached.
    RateLimited(Limited),
    /// The thing has changed since the caller read it.
    Stale,
    /// The idempotency key was used before with another input.
    KeyReused,
    /// The change with this idempotency key is being made at this moment.
    InFlight,
    /// What came after the caller's cursor is not kept any more.
    ResyncRequired,
    /// The database cannot be reached, is busy beyond the retries, or is not migrated.
    Unavailable,
    /// Anything else: a fault of the program or its data.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A refusal that names one field.
    pub fn problem(field: impl Into<String>, code: ProblemCode, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, code, message)])
    }

    /// A fault of the program, with a fixed text for the log.
    pub fn internal(what: &'static str) -> Self {
        Self::Internal(what.into())
    }
}

impl fmt::Display for Error {
    // Written for the log: kinds only, never values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Denied(why) => write!(f, "denied: {why}"),
            Self::Invalid(problems) => write!(f, "refused by {} rule(s)", problems.len()),
            Self::BadInput { argument, .. } => write!(f, "unreadable argument {argument}"),
            Self::ReasonRequired => f.write_str("reason required"),
            Self::RateLimited(limited) => write!(f, "limited: {}", limited.what),
            Self::Stale => f.write_str("stale version"),
            Self::KeyReused => f.write_str("idempotency key reused"),
            Self::InFlight => f.write_str("idempotency key in flight"),
            Self::ResyncRequired => f.write_str("resync required"),
            Self::Unavailable => f.write_str("storage unavailable"),
            Self::Internal(source) => write!(f, "internal: {source}"),
        }
    }
}

impl std::error::Error for Error {}

/// The result of domain work.
pub type Result<T> = std::result::Result<T, Error>;
