//! What the configuration says of attachments.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::scan::Scanning;

/// Where attachments are kept, what is taken, and who looks at it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachmentSettings {
    /// The folder of the files, seen from the folder of the configuration. It is made where it is missing.
    pub folder: PathBuf,
    /// A store that speaks the protocol of S3, in place of the folder.
    pub s3: Option<S3Settings>,
    /// `tcp://HOST:PORT` or `unix:///PATH` of a `clamd`; `none` to have everything read without a scanner. Where nothing is
    /// said, everything waits.
    pub scanner: Scanning,
    /// Bytes of a file at the most.
    pub max_bytes: u64,
    /// Files of one report request at the most.
    pub max_per_request: u64,
    /// Minutes that a ticket can be used.
    pub ticket_minutes: u32,
    /// Seconds that a scanner may take for a file.
    pub scanner_seconds: u64,
    /// Seconds after which a scanner that was away is asked again.
    pub retry_seconds: u32,
    /// Files that are taken in at once; others wait.
    pub at_once: usize,
}

impl Default for AttachmentSettings {
    fn default() -> Self {
        Self {
            folder: "attachments".into(),
            s3: None,
            scanner: Scanning::default(),
            max_bytes: 10 * 1024 * 1024,
            max_per_request: 20,
            ticket_minutes: 15,
            scanner_seconds: 60,
            retry_seconds: 30,
            at_once: 8,
        }
    }
}

/// A bucket of a store that speaks the protocol of S3.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Where it answers, where that is not Amazon.
    pub endpoint: Option<String>,
    /// Who asks; the role of the machine where nothing is said.
    pub access_key_id: Option<String>,
    /// The secret of who asks.
    pub secret_access_key: Option<SecretString>,
    /// The same, in a file.
    pub secret_access_key_file: Option<PathBuf>,
    /// True for an endpoint without TLS, within one machine.
    #[serde(default)]
    pub allow_http: bool,
}
