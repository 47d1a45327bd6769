//! The one list of error codes, as clients see them in `extensions.code`.

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A stable code of a fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode { $($(#[$meta])* $variant),+ }
        impl ErrorCode {
            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

error_codes! {
    /// No valid token, or its post is not active.
    Unauthenticated = "UNAUTHENTICATED",
    /// Seen, but this act is not for this role.
    Forbidden = "FORBIDDEN",
    /// Absent, or invisible to this caller.
    NotFound = "NOT_FOUND",
    /// The request is not a GraphQL request.
    BadRequest = "BAD_REQUEST",
    /// An argument or variable has not the form it must have.
    BadUserInput = "BAD_USER_INPUT",
    /// Say why you ask, in the header X-Access-Reason.
    ReasonRequired = "REASON_REQUIRED",
    /// The thing changed since the caller read it.
    Conflict = "CONFLICT",
    /// The idempotency key was used with another input.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
    /// The change with this idempotency key is being made at this moment: send the same again.
    IdempotencyInFlight = "IDEMPOTENCY_IN_FLIGHT",
    /// The document is not GraphQL.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED",
    /// The document does not fit the schema.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED",
    /// It is not clear which operation to run.
    OperationResolutionFailure = "OPERATION_RESOLUTION_FAILURE",
    /// Persisted queries are not supported; send the document.
    PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED",
    /// The document is larger, deeper or dearer than allowed; `extensions.limit` names the limit.
    LimitExceeded = "LIMIT_EXCEEDED",
    /// Too many operations at once, or a limit of use is reached: `extensions.retryAfter` says for how many seconds.
    RateLimited = "RATE_LIMITED",
    /// Not by this HTTP method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    /// Not in this media type.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    /// The body is too big.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    /// The file is of no kind that is taken, not whole, or holds what is not taken.
    FileRefused = "FILE_REFUSED",
    /// A request a foreign page could make; send the preflight header.
    CsrfPrevented = "CSRF_PREVENTED",
    /// The operation took too long.
    Timeout = "TIMEOUT",
    /// What came after your cursor of the feed is not kept any more: read anew what you show, and go on without it.
    ResyncRequired = "RESYNC_REQUIRED",
    /// The database cannot be reached, or the server is about to stop: ask again.
    StorageUnavailable = "STORAGE_UNAVAILABLE",
    /// A fault of the program; the request id finds it in the log.
    InternalServerError = "INTERNAL_SERVER_ERROR",
}
