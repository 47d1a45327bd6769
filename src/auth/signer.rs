//! Signs tokens for the demo, the `token` command and the tests.

use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use sha2::{Digest, Sha256};

use super::{Claims, KeyError};

/// An Ed25519 key that signs access tokens.
pub struct Signer {
    pkcs8: Vec<u8>,
    public: Vec<u8>,
}

impl Signer {
    /// A fresh key.
    ///
    /// # Errors
    /// If the machine gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let failed = |_| KeyError("no key can be made".into());
        let pair = Ed25519KeyPair::generate().map_err(failed)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
        Ok(Self { pkcs8: pkcs8.as_ref().to_vec(), public: pair.public_key().as_ref().to_vec() })
    }

    /// The key of a file; made there, readable by its owner only, where there is none.
    ///
    /// # Errors
    /// If the file cannot be read, written or understood.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        let failed = |e: std::io::Error| KeyError(format!("the key file: {}", e.kind()));
        if path.exists() {
            let pkcs8 = std::fs::read(path).map_err(failed)?;
            let pair =
                Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError("the key file holds no Ed25519 key".into()))?;
            return Ok(Self { public: pair.public_key().as_ref().to_vec(), pkcs8 });
        }
        let signer = Self::generate()?;
        write_private(path, &signer.pkcs8).map_err(failed)?;
        Ok(signer)
    }

    /// The public half, as a verifier reads it.
    ///
    /// # Errors
    /// Never for a key this type made.
    pub fn jwks(&self) -> Result<JwkSet, KeyError> {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        let set = serde_json::json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid(), "x": x,
        }] });
        serde_json::from_value(set).map_err(|e| KeyError(e.to_string()))
    }

    /// A signed token.
    ///
    /// # Errors
    /// If signing fails.
    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.kid());
        encode(&header, claims, &self.encoding_key()).map_err(|e| KeyError(e.to_string()))
    }

    pub(super) fn encoding_key(&self) -> EncodingKey {
        EncodingKey::from_ed_der(&self.pkcs8)
    }

    fn kid(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.public))
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}
