//! Global ids as arguments and fields.

use async_graphql::ID;
use entity::id::TypedId;
use uuid::Uuid;

use super::error::{Fault, Resolved};
use crate::global;

/// The global id of a typed id.
pub fn global<T: TypedId>(id: T) -> ID {
    ID(global::global(id))
}

/// The noun and key of a global id.
pub fn split(id: &ID) -> Option<(String, Uuid)> {
    global::split(id)
}

/// Reads a global id of one noun.
///
/// # Errors
/// `BAD_USER_INPUT` naming `argument` if it is not one.
pub fn typed<T: TypedId>(id: &ID, argument: &str) -> Resolved<T> {
    match split(id) {
        Some((noun, key)) if noun == T::NOUN => Ok(T::of(key)),
        _ => Err(Fault::argument(argument, "This is not an id of the expected kind.")),
    }
}

/// Reads an optional global id.
pub fn typed_opt<T: TypedId>(id: Option<&ID>, argument: &str) -> Resolved<Option<T>> {
    id.map(|id| typed(id, argument)).transpose()
}

/// Reads a list of global ids.
pub fn typed_list<T: TypedId>(ids: &[ID], argument: &str) -> Resolved<Vec<T>> {
    ids.iter().enumerate().map(|(i, id)| typed(id, &format!("{argument}.{i}"))).collect()
}
