//! What all mutations share: the key, the findings, the row as it stands afterwards.

use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{InputType, SimpleObject, Value};
use entity::id::TypedId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::codes::UserErrorCode;
use crate::actions::Done;
use crate::error::{Error, Problem, Result};
use crate::graphql::context::Reader;
use crate::graphql::error::{Fault, Resolved};
use crate::store::{Scoped, Write};

/// A finding of a rule about one field of an input.
#[derive(SimpleObject)]
pub struct UserError {
    /// Path of the input field, such as `invitees.0.agencyId`.
    field: String,
    /// What kind of finding it is.
    code: UserErrorCode,
    /// A sentence for a person.
    message: String,
}

impl UserError {
    /// A finding of the API itself.
    pub fn new(field: &str, code: UserErrorCode, message: String) -> Self {
        Self { field: field.to_owned(), code, message }
    }
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        Self { field: problem.field, code: problem.code.into(), message: problem.message }
    }
}

/// The outcome of a write.
pub struct Written<M> {
    /// The row as it stands.
    pub row: Option<M>,
    /// What stands against it.
    pub user_errors: Vec<UserError>,
}

/// The key of a write with the fingerprint of its input: all fields but the key itself and the dry run.
pub fn write<T: InputType>(input: &T, key: Uuid, dry_run: bool) -> Write {
    let mut value = input.to_value();
    if let Value::Object(fields) = &mut value {
        fields.shift_remove("idempotencyKey");
        fields.shift_remove("dryRun");
    }
    Write { key, fingerprint: fingerprint(value.to_string()), dry_run }
}

/// The same of an input with a file, whose content belongs to it.
pub fn write_with<T: InputType>(input: &T, key: Uuid, dry_run: bool, content: &[u8]) -> Write {
    let write = write(input, key, dry_run);
    Write { fingerprint: fingerprint(write.fingerprint + &fingerprint(content)), ..write }
}

fn fingerprint(of: impl AsRef<[u8]>) -> String {
    Sha256::digest(of).iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Turns what an action answered into the row as the caller may see it now, or into findings.
pub async fn finish<K>(
    reader: &Reader,
    done: Result<Done>,
    key: impl FnOnce(Uuid) -> K,
) -> Resolved<Written<<Scoped as Loader<K>>::Value>>
where
    K: TypedId,
    Scoped: Loader<K, Error = Arc<Error>>,
{
    match done {
        Ok(id) => {
            let row = match id {
                Some(id) => reader.load(key(id)).await?,
                None => None,
            };
            Ok(Written { row, user_errors: Vec::new() })
        }
        Err(Error::Invalid(problems)) => {
            Ok(Written { row: None, user_errors: problems.into_iter().map(Into::into).collect() })
        }
        Err(other) => Err(Fault::from(other)),
    }
}

/// What an action answered, where what it wrote is not a row of its own: its findings beside it.
pub fn refused(done: Result<Done>) -> Resolved<(Done, Vec<UserError>)> {
    match done {
        Ok(id) => Ok((id, Vec::new())),
        Err(Error::Invalid(problems)) => Ok((None, problems.into_iter().map(Into::into).collect())),
        Err(other) => Err(Fault::from(other)),
    }
}
