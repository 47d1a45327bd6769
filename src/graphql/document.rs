//! The gate every document passes before the executor sees it: counted, parsed, measured, validated by the
//! specification, and only then handed on.
//!
//! The order matters: the executor's own walk over fragments is exponential, and its validator accepts documents the
//! specification refuses. A validated document is kept by its hash; nothing about the caller is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use async_graphql::parser::types::{ExecutableDocument as Parsed, OperationType};
use async_graphql::{Request, Variables};
use sha2::{Digest, Sha256};

use super::code::ErrorCode;
use super::connection::DEFAULT_PAGE;
use super::limits::DocumentLimits;
use crate::store::non_attendance::MOST_BUCKETS;

/// A request that cannot be run.
#[derive(Clone, Debug)]
pub struct RequestError {
    /// HTTP status.
    pub status: u16,
    /// Code for clients.
    pub code: ErrorCode,
    /// Message for clients.
    pub message: String,
    /// The limit that was passed, where one was.
    pub limit: Option<&'static str>,
}

impl RequestError {
    /// A refusal with a fixed message.
    pub fn new(status: u16, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), limit: None }
    }

    fn limit(limit: &'static str, message: &str) -> Self {
        Self { limit: Some(limit), ..Self::new(400, ErrorCode::LimitExceeded, message) }
    }
}

/// Memory the kept documents may take together, by an estimate from their text.
const KEPT: u32 = 64 * 1024 * 1024;
/// Documents that are kept at the most: each counts for at least its share of [`KEPT`].
const KEPT_DOCUMENTS: u32 = 1000;
/// Both trees of a document are about this much larger than its text.
const TREE: usize = 40;

/// What is known of a request that may run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Query, mutation or subscription.
    pub operation_type: OperationType,
    /// Name of the operation, where it has one.
    pub operation_name: Option<String>,
    /// First sixteen hex digits of the document's SHA-256.
    pub hash: String,
}

/// Checks documents against one schema.
pub struct DocumentGuard {
    schema: Valid<Schema>,
    limits: DocumentLimits,
    known: moka::sync::Cache<[u8; 32], Arc<Known>>,
}

struct Known {
    document: Valid<ExecutableDocument>,
    parsed: Parsed,
    /// Its share of [`KEPT`].
    weight: u32,
}

impl DocumentGuard {
    /// A guard for the schema of `sdl`.
    ///
    /// # Errors
    /// If the text is no valid schema.
    pub fn new(sdl: &str, limits: DocumentLimits) -> Result<Self, String> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql").map_err(|e| e.errors.to_string())?;
        let known = moka::sync::Cache::builder()
            .max_capacity(u64::from(KEPT))
            .weigher(|_, known: &Arc<Known>| known.weight)
            .build();
        Ok(Self { schema, limits, known })
    }

    /// Checks the request and puts the parsed document into it.
    ///
    /// # Errors
    /// The one reason it cannot run.
    pub fn prepare(&self, request: &mut Request) -> Result<Prepared, RequestError> {
        let digest: [u8; 32] = Sha256::digest(&request.query).into();
        let known = if let Some(known) = self.known.get(&digest) {
            known
        } else {
            let known = Arc::new(self.read(&request.query)?);
            self.known.insert(digest, known.clone());
            known
        };
        let operation = known.document.operations.get(request.operation_name.as_deref()).map_err(|_| {
            RequestError::new(400, ErrorCode::OperationResolutionFailure, "It is not clear which operation to run.")
        })?;
        let variables = self.coerce(operation, &request.variables)?;
        self.charge(&known.document, operation, &variables)?;
        request.set_parsed_query(known.parsed.clone());
        let operation_type = match operation.operation_type {
            apollo_compiler::ast::OperationType::Query => OperationType::Query,
            apollo_compiler::ast::OperationType::Mutation => OperationType::Mutation,
            apollo_compiler::ast::OperationType::Subscription => OperationType::Subscription,
        };
        Ok(Prepared {
            operation_type,
            operation_name: operation.name.as_ref().map(ToString::to_string),
            hash: digest.iter().take(8).fold(String::new(), |mut hex, byte| {
                use std::fmt::Write as _;
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
        })
    }

    fn read(&self, text: &str) -> Result<Known, RequestError> {
        self.count(text)?;
        let unreadable = || RequestError::new(400, ErrorCode::GraphqlParseFailed, "The document is not valid GraphQL.");
        let invalid = |message| RequestError::new(400, ErrorCode::GraphqlValidationFailed, message);
        let syntax = Parser::new()
            .recursion_limit(self.limits.nesting * 2)
            .token_limit(self.limits.tokens * 2)
            .parse_ast(text, "request.graphql")
            .map_err(|_| unreadable())?;
        let document = match syntax.to_executable(&self.schema) {
            Ok(document) => document,
            Err(with) => {
                let message = with.errors.iter().next().map(|e| e.to_json().message);
                return Err(invalid(message.unwrap_or_else(|| "The document does not fit the schema.".into())));
            }
        };
        self.measure(&document)?;
        let document = document.validate(&self.schema).map_err(|with| {
            let message = with.errors.iter().next().map(|e| e.to_json().message);
            invalid(message.unwrap_or_else(|| "The document does not fit the schema.".into()))
        })?;
        // written anew: the executor's parser knows neither descriptions of operations nor all escapes
        let mut plain = document.clone().into_inner();
        for operation in plain.operations.anonymous.iter_mut().chain(plain.operations.named.values_mut()) {
            operation.make_mut().description = None;
        }
        for fragment in plain.fragments.values_mut() {
            fragment.make_mut().description = None;
        }
        let plain = plain.serialize().no_indent().to_string();
        let parsed = async_graphql::parser::parse_query(plain).map_err(|_| unreadable())?;
        let weight = u32::try_from(text.len().saturating_mul(TREE)).unwrap_or(KEPT).max(KEPT / KEPT_DOCUMENTS);
        Ok(Known { document, parsed, weight })
    }

    /// Bytes, tokens and nesting, in one pass without a parser.
    fn count(&self, text: &str) -> Result<(), RequestError> {
        if text.len() > self.limits.bytes {
            return Err(RequestError::limit("BYTES", "The document is too large."));
        }
        let (mut tokens, mut nesting, mut in_word) = (0_usize, 0_usize, false);
        let mut rest = text.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            let word = byte.is_ascii_alphanumeric() || byte == b'_';
            match byte {
                b'#' => {
                    let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
                    rest = rest.get(end..).unwrap_or_default();
                }
                b'"' => rest = after_string(rest),
                b'{' | b'[' | b'(' => nesting += 1,
                b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
                _ => {}
            }
            if !(word && in_word || byte.is_ascii_whitespace() || byte == b',' || byte == b'#') {
                tokens += 1;
            }
            in_word = word;
            if tokens > self.limits.tokens {
                return Err(RequestError::limit("TOKENS", "The document has too many tokens."));
            }
            if nesting > self.limits.nesting {
                return Err(RequestError::limit("DEPTH", "The document is nested too deeply."));
            }
        }
        Ok(())
    }

    fn measure(&self, document: &ExecutableDocument) -> Result<(), RequestError> {
        let operations = document.operations.len();
        if operations > 20 || document.fragments.len() > self.limits.definitions {
            return Err(RequestError::limit("DEFINITIONS", "The document has too many definitions."));
        }
        let mut walk = Walk { guard: self, document, done: HashMap::new(), open: HashSet::new(), variables: None };
        for operation in document.operations.iter() {
            if operation.variables.len() > self.limits.definitions {
                return Err(RequestError::limit("VARIABLES", "The operation has too many variables."));
            }
            if !operation
                .variables
                .iter()
                .filter_map(|variable| variable.default_value.as_ref())
                .all(|value| fits(value))
            {
                return Err(too_large());
            }
            let size = walk.set(&operation.selection_set)?;
            for (limit, is, most) in [
                ("ALIASES", size.aliases, self.limits.aliases),
                ("FIELDS", size.fields, self.limits.fields),
                ("DEPTH", size.depth, self.limits.depth),
                ("INTROSPECTION", size.introspection, self.limits.introspection),
            ] {
                if is > most {
                    return Err(RequestError::limit(limit, "The operation is larger than allowed."));
                }
            }
        }
        Ok(())
    }

    /// The variables as the operation will see them. The executor finds a missing or wrong variable only where a
    /// field uses it, after others have run, and takes a missing `Int!` for null.
    fn coerce(&self, operation: &Operation, variables: &Variables) -> Result<JsonMap, RequestError> {
        let refused = |message: String| RequestError::new(400, ErrorCode::BadUserInput, message);
        let sent = serde_json::to_value(variables).and_then(serde_json::from_value::<JsonMap>);
        let sent = sent.map_err(|_| refused("The variables cannot be read.".to_owned()))?;
        coerce_variable_values(&self.schema, operation, &sent).map(Valid::into_inner).map_err(|_| {
            // the coercion's own words repeat the value, which may be a name: say which variable it is, and no more
            let mut alone = operation.clone();
            let wrong = operation.variables.iter().find(|variable| {
                alone.variables = vec![(*variable).clone()];
                coerce_variable_values(&self.schema, &alone, &sent).is_err()
            });
            refused(wrong.map_or_else(
                || "A variable has not the form of its type.".to_owned(),
                |v| format!("The variable `{}` is missing or has not the form of its type `{}`.", v.name, v.ty),
            ))
        })
    }

    fn charge(
        &self,
        document: &ExecutableDocument,
        operation: &Operation,
        variables: &JsonMap,
    ) -> Result<(), RequestError> {
        let mut walk =
            Walk { guard: self, document, done: HashMap::new(), open: HashSet::new(), variables: Some(variables) };
        if walk.set(&operation.selection_set)?.cost > self.limits.cost {
            return Err(RequestError::limit("COST", "The operation costs more than allowed; ask for shorter pages."));
        }
        Ok(())
    }
}

/// What follows a string whose first quote was taken. A block string may hold single quotes: read as plain strings,
/// an odd number of them would hide all that follows from the count.
fn after_string(text: &[u8]) -> &[u8] {
    let (mark, mut rest): (&[u8], &[u8]) = match text.strip_prefix(b"\"\"") {
        Some(block) => (b"\"\"\"", block),
        None => (b"\"", text),
    };
    // a block escapes only its own end, a plain string any one character
    let escapes = |after: &[u8]| mark.len() == 1 || after.starts_with(mark);
    loop {
        if let Some(after) = rest.strip_prefix(mark) {
            return after;
        }
        rest = match rest {
            [] => return rest,
            [b'\\', after @ ..] if escapes(after) => after.get(mark.len()..).unwrap_or_default(),
            [_, after @ ..] => after,
        };
    }
}

/// False for a literal with an integer that the executor does not read, where the specification lets any stand, such as an ID.
fn fits(value: &apollo_compiler::ast::Value) -> bool {
    use apollo_compiler::ast::Value;
    match value {
        Value::Int(number) => number.as_str().parse::<i64>().is_ok(),
        Value::List(values) => values.iter().all(|value| fits(value)),
        Value::Object(fields) => fields.iter().all(|(_, value)| fits(value)),
        _ => true,
    }
}

fn too_large() -> RequestError {
    RequestError::new(400, ErrorCode::GraphqlValidationFailed, "An integer of the document is too large.")
}

/// The size of a selection.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: u64,
    aliases: u64,
    depth: u64,
    introspection: u64,
    cost: u64,
}

/// Walks selections, each fragment once.
struct Walk<'a> {
    guard: &'a DocumentGuard,
    document: &'a ExecutableDocument,
    done: HashMap<&'a str, Size>,
    open: HashSet<&'a str>,
    /// Coerced, so that defaults are in place; none while only the document is measured.
    variables: Option<&'a JsonMap>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Size, RequestError> {
        let mut total = Size::default();
        for selection in &set.selections {
            let part = match selection {
                Selection::Field(field) => self.field(field)?,
                Selection::InlineFragment(inline) => self.set(&inline.selection_set)?,
                Selection::FragmentSpread(spread) => self.fragment(spread.fragment_name.as_str())?,
            };
            total.fields = total.fields.saturating_add(part.fields);
            total.aliases = total.aliases.saturating_add(part.aliases);
            total.cost = total.cost.saturating_add(part.cost);
            total.depth = total.depth.max(part.depth);
            total.introspection = total.introspection.max(part.introspection);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &str) -> Result<Size, RequestError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(Size::default()) };
        if let Some(size) = self.done.get(name.as_str()) {
            return Ok(*size);
        }
        if !self.open.insert(name.as_str()) {
            let message = "A fragment spreads itself.";
            return Err(RequestError::new(400, ErrorCode::GraphqlValidationFailed, message));
        }
        let size = self.set(&fragment.selection_set)?;
        self.open.remove(name.as_str());
        self.done.insert(name.as_str(), size);
        Ok(size)
    }

    fn field(&mut self, field: &'a Field) -> Result<Size, RequestError> {
        if field.directives.len() > self.guard.limits.directives {
            return Err(RequestError::limit("DIRECTIVES", "A field has too many directives."));
        }
        if self.variables.is_none() && !field.arguments.iter().all(|argument| fits(&argument.value)) {
            return Err(too_large());
        }
        let below = field.selection_set.as_ref().map_or_else(|| Ok(Size::default()), |set| self.set(set))?;
        let name = field.name.as_str();
        let leaf = field.selection_set.is_none();
        let meta = name.starts_with("__");
        let lists = matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
        let page = match field.ty().inner_named_type().as_str() {
            ty if ty.ends_with("Connection") => self.page(field),
            // a list that is no page: as many as it may have
            "NonAttendanceBucket" if name == "buckets" => MOST_BUCKETS as u64,
            _ => 1,
        };
        Ok(Size {
            fields: below.fields.saturating_add(1),
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            // introspection is deep by nature and measured apart
            depth: if meta { 0 } else { below.depth + u64::from(!leaf) },
            introspection: below.introspection + u64::from(lists),
            cost: below.cost.saturating_mul(page).saturating_add(1),
        })
    }

    fn page(&self, field: &Field) -> u64 {
        let default = u64::from(DEFAULT_PAGE.unsigned_abs());
        let Some(argument) = field.arguments.iter().find(|a| a.name == "first") else { return default };
        let asked = match argument.value.as_variable() {
            Some(name) => self.variables.and_then(|values| values.get(name.as_str())?.as_i64()),
            None => argument.value.to_i32().map(i64::from),
        };
        let asked = asked.map(|n| u64::try_from(n).unwrap_or_default());
        asked.unwrap_or(default).clamp(1, 100)
    }
}

#[cfg(test)]
mod tests;
