//! The keys of an issuer, with rotation: an unknown key id makes the source be read again, seldom.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;

use super::{KeyError, KeySource};
use crate::clock::Clock;

const MOST_KEYS: usize = 64;
const MOST_BYTES: usize = 256 * 1024;
/// After this time the source is read again in any case, so that a withdrawn key ends.
const MAX_AGE: chrono::Duration = chrono::Duration::minutes(15);

/// A key with the one algorithm it is for.
pub(super) struct Key {
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

#[derive(Clone)]
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    source: KeySource,
    clock: Clock,
    known: std::sync::RwLock<HashMap<String, Arc<Key>>>,
    /// When `known` came from the source. A source that fails leaves it as it is.
    fresh_at: std::sync::RwLock<DateTime<Utc>>,
    /// When the source was read last; held while it is read, so that many unknown tokens read it once.
    read_at: Mutex<Option<DateTime<Utc>>>,
}

impl Keys {
    pub fn open(source: &KeySource, clock: Clock) -> Result<Self, KeyError> {
        let known = match source {
            KeySource::File(path) => usable(&read_file(path)?),
            KeySource::Set(set) => usable(set),
            KeySource::Url(_) => HashMap::new(),
        };
        if known.is_empty() && !matches!(source, KeySource::Url(_)) {
            return Err(KeyError("the key set holds no usable key".into()));
        }
        if let KeySource::Url(address) = source {
            check_address(address)?;
        }
        let fresh_at = clock.now().into();
        let inner = Inner { source: source.clone(), clock, known: known.into(), fresh_at, read_at: Mutex::default() };
        Ok(Self(Arc::new(inner)))
    }

    /// The key of an id; another one each time that the source was read again.
    pub async fn get(&self, kid: &str) -> Option<Arc<Key>> {
        if let Some(key) = self.lookup(kid).filter(|_| self.is_fresh()) {
            return Some(key);
        }
        self.refresh().await;
        self.lookup(kid)
    }

    fn holds_none(&self) -> bool {
        self.0.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).is_empty()
    }

    fn is_fresh(&self) -> bool {
        let fresh_at = *self.0.fresh_at.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        matches!(self.0.source, KeySource::Set(_)) || self.0.clock.now() - fresh_at < MAX_AGE
    }

    fn lookup(&self, kid: &str) -> Option<Arc<Key>> {
        self.0.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(kid).cloned()
    }

    /// Reads the source again, unless it was read a moment ago. On failure the keys in hand stay.
    async fn refresh(&self) {
        let mut read_at = self.0.read_at.lock().await;
        let now = self.0.clock.now();
        let pause = match self.0.source {
            KeySource::File(_) => chrono::Duration::seconds(1),
            // while there is no key at all, an issuer that started late is soon found
            KeySource::Url(_) if self.holds_none() => chrono::Duration::seconds(5),
            KeySource::Url(_) => chrono::Duration::seconds(60),
            KeySource::Set(_) => return,
        };
        if read_at.is_some_and(|at| now - at < pause) {
            return;
        }
        *read_at = Some(now);
        let set = match &self.0.source {
            KeySource::File(path) => read_file(path),
            KeySource::Url(url) => fetch(url).await,
            KeySource::Set(_) => return,
        };
        match set.map(|set| usable(&set)) {
            Ok(keys) if !keys.is_empty() => {
                *self.0.known.write().unwrap_or_else(std::sync::PoisonError::into_inner) = keys;
                *self.0.fresh_at.write().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
            }
            Ok(_) => tracing::warn!("the key set holds no usable key; the keys in hand stay"),
            Err(error) => tracing::warn!(%error, "the key set cannot be read; the keys in hand stay"),
        }
    }
}

fn usable(set: &JwkSet) -> HashMap<String, Arc<Key>> {
    set.keys.iter().take(MOST_KEYS).filter_map(|jwk| Some((jwk.common.key_id.clone()?, key_of(jwk)?.into()))).collect()
}

/// The key and its algorithm by the kind of key; symmetric keys are no keys here. A key that is published for
/// encryption or for another algorithm, such as PS256, is not bent to this one.
fn key_of(jwk: &Jwk) -> Option<Key> {
    let (algorithm, stated) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let for_this = jwk.common.key_algorithm.is_none_or(|other| other == stated);
    if !(for_signatures && for_this) {
        return None;
    }
    Some(Key { algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
}

/// Keys are not fetched in the clear: whoever can change them on the way can sign on as anybody.
fn check_address(address: &str) -> Result<(), KeyError> {
    let unusable = || KeyError("the key address must be https, or http on this machine".into());
    let url = reqwest::Url::parse(address).map_err(|_| unusable())?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "https" || (url.scheme() == "http" && here) { Ok(()) } else { Err(unusable()) }
}

fn parse(bytes: &[u8]) -> Result<JwkSet, KeyError> {
    #[derive(serde::Deserialize)]
    struct Published {
        keys: Vec<serde_json::Value>,
    }
    let set: Published = serde_json::from_slice(bytes).map_err(|_| KeyError("not a key set".into()))?;
    // RFC 7517, section 5: a key of a kind that is not known here must not take the others with it
    Ok(JwkSet { keys: set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect() })
}

fn read_file(path: &std::path::Path) -> Result<JwkSet, KeyError> {
    let bytes = std::fs::read(path).map_err(|e| KeyError(format!("the key file cannot be read: {}", e.kind())))?;
    parse(&bytes)
}

async fn fetch(url: &str) -> Result<JwkSet, KeyError> {
    let failed = |_| KeyError("the key address does not answer".into());
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(failed)?;
    let mut answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            return Err(KeyError("the key set is too large".into()));
        }
    }
    parse(&bytes)
}
