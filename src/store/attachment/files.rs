//! Where contents lie: a folder, or a bucket that speaks the protocol of S3. What lies there is called by an id and nothing
//! else.

use std::path::Path as Folder;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use uuid::Uuid;

use super::settings::{AttachmentSettings, S3Settings};
use crate::error::{Error, Result};

/// A store of contents.
#[derive(Clone)]
pub(super) struct Files(Arc<dyn ObjectStore>);

fn at(file: Uuid) -> Path {
    Path::from(file.simple().to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "a mapping of errors")]
fn failed(error: object_store::Error) -> Error {
    tracing::error!(%error, "the store of attachments");
    Error::Unavailable
}

impl Files {
    /// The store that the settings name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn open(settings: &AttachmentSettings) -> std::result::Result<Self, String> {
        match &settings.s3 {
            Some(s3) => bucket(s3).map(Self),
            None => folder(&settings.folder).map(Self),
        }
    }

    pub async fn put(&self, file: Uuid, content: Vec<u8>) -> Result<()> {
        self.0.put(&at(file), content.into()).await.map_err(failed)?;
        Ok(())
    }

    /// A content.
    ///
    /// # Errors
    /// `NotFound` if it is not there; `Unavailable` if the store is.
    pub async fn get(&self, file: Uuid) -> Result<Vec<u8>> {
        let found = match self.0.get(&at(file)).await {
            Err(object_store::Error::NotFound { .. }) => return Err(Error::NotFound),
            found => found.map_err(failed)?,
        };
        Ok(found.bytes().await.map_err(failed)?.into())
    }

    /// The contents that lie there since before an instant, in no order. What is called by anything but an id is not ours.
    pub fn lying_since_before(&self, at: DateTime<Utc>) -> BoxStream<'_, Result<Uuid>> {
        let found = self.0.list(None).map_err(failed).try_filter_map(move |file| {
            let id = file.location.filename().and_then(|name| Uuid::try_parse(name).ok());
            std::future::ready(Ok(id.filter(|_| file.last_modified < at)))
        });
        found.boxed()
    }

    /// Deletes a content. One that is left for a fault lies where nobody reads it.
    pub async fn delete(&self, file: Uuid) {
        match self.0.delete(&at(file)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!(%error, "an attachment could not be deleted"),
        }
    }
}

fn folder(folder: &Folder) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("the folder of attachments {}: {error}", folder.display());
    let mut make = std::fs::DirBuilder::new();
    make.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.create(folder).map_err(|error| wrong(&error.kind()))?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(&error))?))
}

#[cfg(feature = "s3")]
fn bucket(s3: &S3Settings) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    use object_store::aws::AmazonS3Builder;
    use secrecy::ExposeSecret as _;
    let mut builder =
        AmazonS3Builder::new().with_bucket_name(&s3.bucket).with_region(&s3.region).with_allow_http(s3.allow_http);
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let secret = match (&s3.secret_access_key, &s3.secret_access_key_file) {
        (Some(secret), None) => Some(secret.expose_secret().to_owned()),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {}", file.display(), e.kind()))?;
            Some(text.trim().to_owned())
        }
        (None, None) => None,
        (Some(_), Some(_)) => return Err("attachments.s3: one secret_access_key, in the file or here".into()),
    };
    match (&s3.access_key_id, secret) {
        (Some(id), Some(secret)) => builder = builder.with_access_key_id(id).with_secret_access_key(secret),
        (None, None) => {}
        _ => return Err("attachments.s3: access_key_id and its secret, or neither".into()),
    }
    Ok(Arc::new(builder.build().map_err(|error| format!("attachments.s3: {error}"))?))
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &S3Settings) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    Err("attachments.s3: this program was built without the feature `s3`".into())
}
