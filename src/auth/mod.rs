//! A bearer token becomes a [`Principal`]: a person in a post at an agency, never a list of children.
//!
//! The algorithm comes from the key, never from the token; HMAC is not accepted at all, so a public key can not be
//! misused as a secret. Time comes from the clock of the program.

mod claims;
mod keys;
mod signer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use self::claims::Claims;
use self::keys::{Key, Keys};
pub use self::signer::Signer;
use crate::clock::Clock;

/// Longer than any token of an issuer; what is longer is not decoded.
const MOST_BYTES: usize = 8 * 1024;

/// What a token allows at the most, whatever the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Queries.
    Read,
    /// Mutations.
    Submit,
    /// Subscriptions.
    Subscribe,
    /// Figures over many children.
    Analytics,
    /// Exports.
    Export,
    /// Emergency access.
    Emergency,
    /// The audit trail.
    Audit,
}

impl Grant {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "read" => Self::Read,
            "submit" => Self::Submit,
            "subscribe" => Self::Subscribe,
            "analytics" => Self::Analytics,
            "export" => Self::Export,
            "emergency" => Self::Emergency,
            "audit" => Self::Audit,
            _ => return None,
        })
    }
}

/// Who a verified token speaks for. There is no other way to make one than [`Verifier::verify`].
#[derive(Clone)]
pub struct Principal(Arc<Verified>);

struct Verified {
    person: Uuid,
    agency: Uuid,
    roles: Vec<String>,
    grants: Vec<Grant>,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    token_id: String,
    session: Option<String>,
    assurance: Option<String>,
    client: Option<String>,
}

impl Principal {
    /// The person, or the system that speaks for the agency.
    pub fn person(&self) -> Uuid {
        self.0.person
    }

    /// The agency.
    pub fn agency(&self) -> Uuid {
        self.0.agency
    }

    /// The posts the token claims, to be held against the record of posts.
    pub fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// Whether the token allows this at all.
    pub fn may(&self, grant: Grant) -> bool {
        self.0.grants.contains(&grant)
    }

    /// When the token was issued (`iat`), by which all that a person holds can be revoked.
    pub fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// When the token ends.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// The token's own id (`jti`), by which this one token can be revoked.
    pub fn token_id(&self) -> &str {
        &self.0.token_id
    }

    /// The session the token belongs to (`sid`), by which all of it can be revoked.
    pub fn session(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// How the person signed in (`acr`), such as `mfa`.
    pub fn assurance(&self) -> Option<&str> {
        self.0.assurance.as_deref()
    }

    /// The client system that acts for the person (`act`).
    pub fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Principal")
    }
}

/// Why a token was refused: for the log. A client is told that it was, not why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a token, or without what a token must have.
    #[error("malformed")]
    Malformed,
    /// Signed with a key that is not known.
    #[error("unknown key")]
    UnknownKey,
    /// Names another algorithm than its key has.
    #[error("wrong algorithm")]
    WrongAlgorithm,
    /// The signature, the issuer or the audience does not fit.
    #[error("does not verify")]
    DoesNotVerify,
    /// Over.
    #[error("expired")]
    Expired,
    /// Not yet begun.
    #[error("not yet valid")]
    NotYetValid,
    /// Runs longer than allowed.
    #[error("too long a lifetime")]
    TooLong,
}

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub String);

/// Where the keys come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
    /// A JWKS file; read again when a token names an unknown key.
    File(PathBuf),
    /// A JWKS address; fetched again when a token names an unknown key, once a minute at the most.
    Url(String),
    /// Keys in hand.
    #[serde(skip)]
    Set(JwkSet),
}

/// Whose tokens are accepted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    #[serde(default = "default_audience")]
    pub audience: String,
    /// Where the keys come from.
    pub keys: KeySource,
    /// How far clocks may differ.
    #[serde(default = "default_leeway")]
    pub leeway_seconds: i64,
    /// How long a token may run.
    #[serde(default = "default_lifetime")]
    pub max_lifetime_seconds: i64,
}

/// The audience of this API.
pub fn default_audience() -> String {
    "cp-partner-api".into()
}

/// Leeway of clocks in seconds.
pub const fn default_leeway() -> i64 {
    30
}

/// The longest lifetime of a token in seconds.
pub const fn default_lifetime() -> i64 {
    3600
}

/// Tokens that are remembered at the most.
const REMEMBERED: u64 = 10_000;

/// A token that fitted its key: which key that was, under which id.
#[derive(Clone)]
struct Fitted {
    kid: String,
    key: Arc<Key>,
    times: Times,
    principal: Principal,
}

/// Seconds since 1970 that a token names.
#[derive(Clone, Copy)]
struct Times {
    issued: i64,
    begins: i64,
    expires: i64,
}

/// Verifies tokens of one issuer.
#[derive(Clone)]
pub struct Verifier {
    settings: Arc<AuthSettings>,
    keys: Keys,
    clock: Clock,
    /// By the hash of the token: whoever calls a hundred times a minute has the same signature checked once. That the key is
    /// still the issuer's and that the token is in time is asked each time; whether it was revoked, of the database.
    fitted: moka::sync::Cache<[u8; 32], Fitted>,
}

impl Verifier {
    /// A verifier; a key file is read at once, an address at the first token.
    ///
    /// # Errors
    /// If the file cannot be read or holds no usable key.
    pub fn new(settings: AuthSettings, clock: Clock) -> Result<Self, KeyError> {
        let keys = Keys::open(&settings.keys, clock.clone())?;
        let fitted = moka::sync::Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_idle(std::time::Duration::from_mins(10))
            .build();
        Ok(Self { settings: Arc::new(settings), keys, clock, fitted })
    }

    /// The principal of a token.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        if token.len() > MOST_BYTES {
            return Err(Refusal::Malformed);
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(fitted) = self.fitted.get(&hash)
            && self.keys.get(&fitted.kid).await.is_some_and(|key| Arc::ptr_eq(&key, &fitted.key))
        {
            self.in_time(fitted.times)?;
            return Ok(fitted.principal);
        }
        let fitted = self.fit(token).await?;
        let principal = fitted.principal.clone();
        self.fitted.insert(hash, fitted);
        Ok(principal)
    }

    /// What a token says, if its key signed it and it is for this API.
    async fn fit(&self, token: &str) -> Result<Fitted, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Malformed)?;
        // RFC 7515: an extension that must be understood and is not
        if header.crit.is_some() {
            return Err(Refusal::Malformed);
        }
        let typ = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(Refusal::Malformed);
        }
        let kid = header.kid.ok_or(Refusal::Malformed)?;
        let key = self.keys.get(&kid).await.ok_or(Refusal::UnknownKey)?;
        if header.alg != key.algorithm {
            return Err(Refusal::WrongAlgorithm);
        }
        let mut rules = Validation::new(key.algorithm);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // time is checked below, against the program's own clock
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode(token, &key.key, &rules).map_err(|_| Refusal::DoesNotVerify)?.claims;
        let claims = self.plain(claims)?;
        let begins = claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat));
        let times = Times { issued: claims.iat, begins, expires: claims.exp };
        self.in_time(times)?;
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(Refusal::Malformed);
        let (issued_at, expires_at) = (instant(claims.iat)?, instant(claims.exp)?);
        let principal = Principal(Arc::new(Verified {
            person: claims.sub,
            agency: claims.agency_id,
            roles: claims.roles,
            grants: claims.scope.split_whitespace().filter_map(Grant::of).collect(),
            issued_at,
            expires_at,
            token_id: claims.jti,
            session: claims.sid,
            assurance: claims.acr,
            client: claims.act,
        }));
        Ok(Fitted { kid, key, times, principal })
    }

    /// The claims in the one form used here. A token for several audiences lists them, ours among them as was
    /// verified; a token that was exchanged names its client in an object (RFC 8693).
    fn plain(&self, mut claims: Map<String, Value>) -> Result<Claims, Refusal> {
        claims.insert("aud".into(), self.settings.audience.clone().into());
        if let Some(name) = claims.get("act").and_then(|act| act.get("sub")).cloned() {
            claims.insert("act".into(), name);
        }
        serde_json::from_value(Value::Object(claims)).map_err(|_| Refusal::Malformed)
    }

    fn in_time(&self, token: Times) -> Result<(), Refusal> {
        let now = self.clock.token_time().timestamp();
        let leeway = self.settings.leeway_seconds;
        if token.expires <= now.saturating_sub(leeway) {
            return Err(Refusal::Expired);
        }
        if token.begins > now.saturating_add(leeway) {
            return Err(Refusal::NotYetValid);
        }
        if token.expires.saturating_sub(token.issued) > self.settings.max_lifetime_seconds {
            return Err(Refusal::TooLong);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
