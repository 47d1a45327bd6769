//! Tickets: who has one may send one file, for a quarter of an hour, without saying who it is. A ticket names the row that
//! waits for the file and until when, signed; what may be sent stands in the row.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::attachment::{self, State};
use entity::id::AttachmentId;
use uuid::Uuid;

use crate::store::Store;
use crate::store::audit::AuditKey;

/// Signs tickets, under a key of its own.
pub(in crate::store) struct TicketKey(hmac::Key);

impl TicketKey {
    pub(in crate::store) fn of(key: &AuditKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key.derive("attachment tickets")))
    }

    fn seal(&self, id: AttachmentId, until: DateTime<Utc>) -> String {
        let mut ticket = id.0.into_bytes().to_vec();
        ticket.extend(until.timestamp_micros().to_be_bytes());
        let tag = hmac::sign(&self.0, &ticket);
        ticket.extend(tag.as_ref());
        URL_SAFE_NO_PAD.encode(ticket)
    }

    /// The row and the time of a ticket; `None` of a text that is none.
    pub(super) fn open(&self, text: &str) -> Option<(AttachmentId, DateTime<Utc>)> {
        let ticket = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, tag) = ticket.split_at_checked(24)?;
        hmac::verify(&self.0, said, tag).ok()?;
        let (id, until) = said.split_at_checked(16)?;
        let until = DateTime::from_timestamp_micros(i64::from_be_bytes(until.try_into().ok()?))?;
        Some((AttachmentId(Uuid::from_slice(id).ok()?), until))
    }
}

impl Store {
    /// Where the file that a row waits for is sent, and until when; `None` where it waits for none.
    pub fn ticket(&self, row: &attachment::Model) -> Option<(String, DateTime<Utc>)> {
        let until = row.ticket_until.filter(|until| *until > self.clock.now())?;
        let waits = row.state == State::Awaited;
        waits.then(|| (format!("/attachments/{}", self.tickets.seal(row.id, until)), until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_as_it_was_given() {
        let folder = std::env::temp_dir().join(format!("quorate-ticket-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = |name: &str| TicketKey::of(&AuditKey::load_or_create(&folder.join(name)).unwrap());
        let (here, there) = (key("here"), key("there"));
        let id = AttachmentId(Uuid::from_u128(7));
        let until = DateTime::from_timestamp_micros(1_790_000_000_000_001).unwrap();
        let ticket = here.seal(id, until);
        assert_eq!(here.open(&ticket), Some((id, until)));
        assert_eq!(there.open(&ticket), None);
        let bytes = URL_SAFE_NO_PAD.decode(&ticket).unwrap();
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_eq!(here.open(&URL_SAFE_NO_PAD.encode(&other)), None, "byte {at}");
            assert_eq!(here.open(&URL_SAFE_NO_PAD.encode(&bytes[..at])), None, "cut at {at}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
