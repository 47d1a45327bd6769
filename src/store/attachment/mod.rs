//! Files that are added to reports: announced and sent by a ticket, or sent at once; looked at by a scanner; read.

mod check;
mod files;
mod receive;
pub mod settings;
mod sweep;
pub(super) mod ticket;
mod write;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::attachment::{self, MediaType, State};
use entity::id::AttachmentId;
use entity::{agency, conference_report};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use self::files::Files;
use self::settings::AttachmentSettings;
use super::{Scoped, Store};
use crate::content;
use crate::error::{Error, ProblemCode, Result};
use crate::policy::disclosure::category_reported_by;

pub use self::check::Checked;
pub use self::receive::Expected;
pub use self::write::{Announced, Received};
pub use crate::content::HEAD;

/// Where attachments are kept, and by which settings.
pub struct Attachments {
    /// `None` where nothing was said: then nothing is taken.
    files: Option<Files>,
    settings: AttachmentSettings,
    /// Wakes who looks at what came.
    came: Notify,
    room: Arc<Semaphore>,
    /// How many are looked through at a time.
    looks: Arc<Semaphore>,
    /// When contents were last looked for that nothing refers to.
    swept: Mutex<Option<DateTime<Utc>>>,
}

impl Attachments {
    /// No place for attachments: none is taken.
    pub fn nowhere() -> Self {
        Self::of(None, AttachmentSettings::default())
    }

    /// A place for attachments.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn open(settings: &AttachmentSettings) -> std::result::Result<Self, String> {
        Ok(Self::of(Some(Files::open(settings)?), settings.clone()))
    }

    fn of(files: Option<Files>, settings: AttachmentSettings) -> Self {
        let room = Arc::new(Semaphore::new(settings.at_once.max(1)));
        let looks = Arc::new(Semaphore::new(settings.at_once.max(1)));
        Self { files, settings, came: Notify::new(), room, looks, swept: Mutex::default() }
    }

    fn files(&self) -> Result<&Files> {
        self.files.as_ref().ok_or_else(|| {
            tracing::warn!("there is no place for attachments: configure it");
            Error::Unavailable
        })
    }

    /// True if that was longer ago than `every`; then it counts as done.
    fn is_to_be_swept(&self, at: DateTime<Utc>, every: TimeDelta) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let due = swept.is_none_or(|before| at - before >= every);
        if due {
            *swept = Some(at);
        }
        due
    }

    /// Bytes of a file at the most.
    pub const fn max_bytes(&self) -> u64 {
        self.settings.max_bytes
    }

    /// Files of one report request at the most.
    pub const fn max_per_request(&self) -> u64 {
        self.settings.max_per_request
    }

    /// Room to take in one file, once there is some: files are held whole while they are looked at.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.room.clone().acquire_owned().await.ok()
    }
}

/// What is served of a file.
#[derive(Clone)]
pub struct Served {
    /// Its name, with the ending of what it is.
    pub name: String,
    /// What it is.
    pub media: MediaType,
    /// Its content.
    pub content: Vec<u8>,
}

impl Store {
    /// Where attachments are kept, and by which settings.
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// The same store with another place for attachments.
    #[must_use]
    pub fn keeping(self, attachments: Attachments) -> Self {
        Self { attachments: Arc::new(attachments), ..self }
    }

    /// Waits until a file has come, or for so long.
    pub async fn file_came(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.attachments.came.notified()).await;
    }

    /// What is kept of a content, looked through and not stored yet.
    ///
    /// # Errors
    /// `Invalid` at `field` if it is not taken.
    pub async fn look_through(&self, field: &'static str, content: Vec<u8>) -> Result<Received> {
        if u64::try_from(content.len()).unwrap_or(u64::MAX) > self.attachments.max_bytes() {
            return Err(Error::problem(field, ProblemCode::TooLarge, "The file is too large."));
        }
        // it may take a moment, in which others are to be answered; who does not wait for it any more keeps its place taken
        let place = self.attachments.looks.clone().acquire_owned().await.ok();
        let look = move || {
            let cleaned = content::clean(content);
            drop(place);
            cleaned
        };
        let cleaned = tokio::task::spawn_blocking(look).await;
        let cleaned = cleaned.map_err(|_| Error::internal("an attachment could not be looked through"))?;
        let refused = |refusal: content::Refusal| Error::problem(field, ProblemCode::FileRefused, refusal.message());
        Ok(Received::of(self.clock.new_id(), cleaned.map_err(refused)?))
    }

    /// Stores what was looked through, under its id.
    ///
    /// # Errors
    /// `Unavailable` if it cannot be stored.
    pub async fn keep(&self, received: &mut Received) -> Result<()> {
        let content = received.take_content();
        self.attachments.files()?.put(received.file(), content).await
    }

    /// Tells who looks at files that one has come.
    pub fn wake_scan(&self) {
        self.attachments.came.notify_one();
    }

    /// Throws away what was stored for a change that failed. Not where the database went away: its commit may stand, and what
    /// belongs to nothing is swept later.
    pub async fn throw_away_after(&self, file: Uuid, error: &Error) {
        if !matches!(error, Error::Unavailable) {
            self.throw_away(file).await;
        }
    }

    /// Throws away what was stored for nothing.
    pub async fn throw_away(&self, file: Uuid) {
        if let Ok(files) = self.attachments.files() {
            files.delete(file).await;
        }
    }
}

/// The name under which a file is served: whatever it was called, it ends as what it is.
fn served_name(name: &str, media: MediaType) -> String {
    let endings = content::endings(media);
    let lower = name.to_lowercase();
    let fits = endings.iter().any(|ending| lower.ends_with(ending));
    if fits { name.to_owned() } else { format!("{name}{}", endings.first().unwrap_or(&"")) }
}

impl Scoped {
    /// The content of an attachment, once it was looked at. The reading is noted, and to be settled before it leaves.
    ///
    /// # Errors
    /// `NotFound` if it is absent or invisible; `Denied` if the role does not read what its agency reports; `Invalid` while
    /// it waits, and for good where something was found in it or it was taken back.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Served> {
        let row = self.by_id::<attachment::Entity>(id).await?;
        let author = self.by_id::<agency::Entity>(row.agency_id).await?;
        let open = self.disclosure(Some(row.agency_id));
        let Some(name) = row.name.open_as(&open, category_reported_by(author.kind)) else {
            return Err(Error::Denied("Your role does not read this."));
        };
        let message = match row.state {
            State::Clean => None,
            State::Awaited | State::Lapsed => Some("The file was not sent."),
            State::Quarantined => Some("The file is still to be looked at."),
            State::Refused => Some("Something was found in the file, or it was lost: send another."),
            State::Removed => Some("The file was taken back."),
        };
        if let Some(message) = message {
            return Err(Error::problem("attachmentId", ProblemCode::WrongState, message));
        }
        let (Some(file), Some(media)) = (row.file_id, row.media_type) else {
            return Err(Error::internal("an attachment without a content"));
        };
        // a file is read as a part of the copy that the reader was sent
        if let Some(report) = row.conference_report_id {
            self.reads_report(&self.by_id::<conference_report::Entity>(report).await?);
        }
        let content = self.store.attachments.files()?.get(file).await.map_err(|error| match error {
            // the row says that it is there
            Error::NotFound => Error::internal("the content of an attachment is gone"),
            other => other,
        })?;
        Ok(Served { name: served_name(name, media), media, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_what_it_is() {
        for (name, media, served) in [
            ("Letter.pdf", MediaType::Pdf, "Letter.pdf"),
            ("LETTER.PDF", MediaType::Pdf, "LETTER.PDF"),
            ("page.html", MediaType::Text, "page.html.txt"),
            ("photo.jpeg", MediaType::Jpeg, "photo.jpeg"),
            ("photo", MediaType::Jpeg, "photo.jpg"),
            ("run.exe", MediaType::Docx, "run.exe.docx"),
        ] {
            assert_eq!(served_name(name, media), served);
        }
    }
}
