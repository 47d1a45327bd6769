//! The claims of an access token, as RFC 9068 and the partnership's profile of it have them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The claims of an access token. It names the person and the post, never children.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom it is.
    pub aud: String,
    /// The person.
    pub sub: Uuid,
    /// When it ends, in seconds.
    pub exp: i64,
    /// When it begins, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// Its id.
    pub jti: String,
    /// The session it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The agency of the post.
    pub agency_id: Uuid,
    /// The posts claimed.
    pub roles: Vec<String>,
    /// The client system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
    /// How the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What it allows, separated by spaces.
    pub scope: String,
}
