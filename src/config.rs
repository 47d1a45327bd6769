//! Configuration: one TOML file, with the database address from the environment. Unknown keys are refused.

use std::path::Path;

use serde::Deserialize;

use crate::auth::AuthSettings;
use crate::graphql::limits::DocumentLimits;
use crate::http::HttpSettings;
use crate::policy::emergency::EmergencyLimits;
use crate::policy::limits::AccessLimits;
use crate::practice::PracticeSettings;
use crate::store::StoreSettings;
use crate::store::attachment::settings::AttachmentSettings;
use crate::store::audit::AuditSettings;
use crate::store::webhook::settings::WebhookSettings;

/// Everything `serve` needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub listen: String,
    /// The database. `DATABASE_URL`, where it is set, stands in for its address.
    pub database: Option<StoreSettings>,
    /// Whose tokens are accepted.
    pub auth: AuthSettings,
    /// The transports.
    #[serde(default)]
    pub http: HttpSettings,
    /// Where the key of the access record and its signed heads are.
    pub audit: AuditSettings,
    /// Limits of documents.
    #[serde(default)]
    pub limits: DocumentLimits,
    /// Limits of emergency access.
    #[serde(default)]
    pub emergency: EmergencyLimits,
    /// Limits of use.
    #[serde(default)]
    pub access: AccessLimits,
    /// Where attachments are kept, and who looks at them.
    #[serde(default)]
    pub attachments: AttachmentSettings,
    /// Where webhooks may be; there are none where nothing is said.
    #[serde(default)]
    pub webhooks: WebhookSettings,
    /// Calendar and standards.
    #[serde(default)]
    pub practice: PracticeSettings,
}

fn default_listen() -> String {
    "127.0.0.1:8080".into()
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong with it, with the line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {}", path.display(), e.kind()))?;
        let mut config: Self = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        if let (Some(assets), Some(folder)) = (&mut config.http.assets, path.parent()) {
            *assets = folder.join(&*assets);
        }
        if let Some(folder) = path.parent() {
            config.attachments.folder = folder.join(&config.attachments.folder);
        }
        Ok(config)
    }
}
