//! Global ids in their text form: opaque to clients, they carry the noun and the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::TypedId;
use uuid::Uuid;

/// The global id of a typed id.
pub fn global<T: TypedId>(id: T) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", T::NOUN, id.uuid().simple()))
}

/// The noun and key of a global id; `None` if it is none.
pub fn split(id: &str) -> Option<(String, Uuid)> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (noun, key) = plain.split_once(':')?;
    Some((noun.to_owned(), Uuid::try_parse(key).ok()?))
}
