//! What a client sees of an error: a fixed message, a code, and the argument where one is at fault.
//!
//! [`Fault`] has no `Display` on purpose: async-graphql turns anything with one into client text.

use std::sync::Arc;

use async_graphql::{Context, ErrorExtensionValues, ServerError};

use super::code::ErrorCode;
use crate::error::Error;

/// An error on its way to a client.
#[derive(Clone, Debug)]
pub struct Fault {
    code: ErrorCode,
    message: &'static str,
    argument: Option<String>,
    /// Seconds.
    retry_after: Option<i64>,
}

/// The result of a resolver.
pub type Resolved<T> = Result<T, Fault>;

impl Fault {
    const fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, argument: None, retry_after: None }
    }

    /// An argument that cannot be read.
    pub fn argument(argument: impl Into<String>, message: &'static str) -> Self {
        Self { argument: Some(argument.into()), ..Self::new(ErrorCode::BadUserInput, message) }
    }

    /// The one answer for absent and invisible.
    pub const fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "Not found.")
    }

    /// The post or the token of a listener has ended.
    pub const fn rights_ended() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Your rights have ended; sign in again.")
    }

    /// What kind of error it is.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::Denied(message) => Self::new(ErrorCode::Forbidden, message),
            // findings belong in a payload; where one ends here, the program has a fault
            Error::Invalid(_) | Error::Internal(_) => {
                tracing::error!(error = %error, "internal error");
                Self::new(ErrorCode::InternalServerError, "Something went wrong here; the request id finds it.")
            }
            Error::BadInput { argument, message } => Self::argument(argument.clone(), message),
            Error::ReasonRequired => {
                Self::new(ErrorCode::ReasonRequired, "Say why in the header X-Access-Reason, in 10 to 500 characters.")
            }
            Error::RateLimited(limited) => {
                Self { retry_after: Some(limited.retry_after), ..Self::new(ErrorCode::RateLimited, limited.what) }
            }
            Error::Stale => Self::new(ErrorCode::Conflict, "It has changed since you read it; read it again."),
            Error::KeyReused => {
                Self::new(ErrorCode::IdempotencyMismatch, "This idempotency key was used with another input.")
            }
            Error::InFlight => Self {
                retry_after: Some(1),
                ..Self::new(
                    ErrorCode::IdempotencyInFlight,
                    "The change with this idempotency key is being made; send the same again.",
                )
            },
            Error::ResyncRequired => Self::new(
                ErrorCode::ResyncRequired,
                "What came after this cursor is not kept any more: read anew, and go on without it.",
            ),
            Error::Unavailable => Self::new(ErrorCode::StorageUnavailable, "The record cannot be reached just now."),
        }
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code.as_str());
        if let Some(argument) = &self.argument {
            values.set("argument", argument.clone());
        }
        if let Some(seconds) = self.retry_after {
            values.set("retryAfter", seconds);
        }
        values
    }

    /// The error of a whole answer.
    pub fn without_place(self) -> ServerError {
        let mut error = ServerError::new(self.message, None);
        error.extensions = Some(self.extensions());
        error
    }

    fn into_server_error(self, ctx: &Context<'_>) -> ServerError {
        let mut error = ServerError::new(self.message, Some(ctx.item.pos));
        error.extensions = Some(self.extensions());
        ctx.set_error_path(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl From<Arc<Error>> for Fault {
    fn from(error: Arc<Error>) -> Self {
        Self::of(&error)
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let extensions = fault.extensions();
        let mut error = Self::new(fault.message);
        error.extensions = Some(extensions);
        error
    }
}

/// A nullable field: null with the error at its own path. async-graphql would null the parent as well.
pub fn or_null<T>(ctx: &Context<'_>, result: Resolved<Option<T>>) -> Option<T> {
    result.unwrap_or_else(|fault| {
        ctx.add_error(fault.into_server_error(ctx));
        None
    })
}

/// A nullable field that must find what it names.
pub fn found<T>(ctx: &Context<'_>, result: Resolved<T>) -> Option<T> {
    or_null(ctx, result.map(Some))
}
