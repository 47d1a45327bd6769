//! Secrets of webhooks, as the Standard Webhooks have them. None is stored: each is made from the server's key, the webhook and a
//! number, whenever it is needed.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use entity::id::WebhookId;
use entity::webhook;

use crate::store::audit::AuditKey;
use crate::store::audit::key::hex;

/// For so long after a change of the secret those before sign as well.
pub const OVERLAP: Duration = Duration::hours(24);

/// Secrets that sign at a time, at the most.
pub const MOST: i64 = 5;

/// The number of the oldest secret that signs at an instant; the newest is the one that stands.
pub(super) fn oldest(row: &webhook::Model, at: DateTime<Utc>) -> i64 {
    let is_recent = row.secret_rotated_at.is_some_and(|since| at < since + OVERLAP);
    if is_recent { row.secrets_from } else { row.secret_generation }
}

/// From when on the secret may be changed again, where as many sign as may; `None` where it may be now.
pub fn full_until(row: &webhook::Model, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let many = row.secret_generation - oldest(row, at) + 1;
    row.secret_rotated_at.filter(|_| many >= MOST).map(|since| since + OVERLAP)
}

/// Makes secrets, under a key of its own.
pub(in crate::store) struct SecretKey(hmac::Key);

impl SecretKey {
    pub(in crate::store) fn of(key: &AuditKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key.derive("webhook secrets")))
    }

    fn secret(&self, id: WebhookId, generation: i64) -> hmac::Tag {
        hmac::sign(&self.0, &[b"secret".as_slice(), id.0.as_bytes(), &generation.to_be_bytes()].concat())
    }

    /// A secret as it is told.
    pub(super) fn told(&self, id: WebhookId, generation: i64) -> String {
        format!("whsec_{}", STANDARD.encode(self.secret(id, generation)))
    }

    /// The id of a message: the same whenever it is sent, and telling nothing of what was sent between two of them.
    pub(super) fn message_id(&self, id: WebhookId, position: i64, is_event: bool) -> String {
        let about = [b"message".as_slice(), id.0.as_bytes(), &position.to_be_bytes(), &[u8::from(is_event)]].concat();
        let tag = hmac::sign(&self.0, &about);
        format!("msg_{}", hex(tag.as_ref().get(..16).unwrap_or_default()))
    }

    /// The signatures of a message: by the secret that stands, and for a day after a change by all that signed before it, so
    /// that a receiver that knows any of them can check it. The newest first, [`MOST`] at the most.
    pub(super) fn signatures(&self, row: &webhook::Model, message: (&str, i64, &str), at: DateTime<Utc>) -> String {
        let (id, timestamp, body) = message;
        let text = format!("{id}.{timestamp}.{body}");
        let mut all = String::new();
        for generation in (oldest(row, at)..=row.secret_generation).rev() {
            let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret(row.id, generation).as_ref());
            let space = if all.is_empty() { "" } else { " " };
            let _ = write!(all, "{space}v1,{}", STANDARD.encode(hmac::sign(&key, text.as_bytes())));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::id::{AgencyId, LocalAuthorityId, PractitionerId};
    use uuid::Uuid;

    fn row(at: DateTime<Utc>) -> webhook::Model {
        webhook::Model {
            id: WebhookId(Uuid::from_u128(7)),
            local_authority_id: LocalAuthorityId(Uuid::from_u128(1)),
            agency_id: AgencyId(Uuid::from_u128(2)),
            url: "https://hooks.example/".into(),
            kinds: None,
            practitioner_id: PractitionerId(Uuid::from_u128(3)),
            post: entity::appointment::Post::SafeguardingLead,
            followed_since: at,
            state: webhook::State::Active,
            position: 0,
            secret_generation: 2,
            secrets_from: 1,
            secret_told_to: PractitionerId(Uuid::from_u128(3)),
            secret_rotated_at: Some(at),
            active_since: at,
            failing_since: None,
            attempts: 0,
            next_at: at,
            lease: None,
            leased_until: None,
            registered_at: at,
            version: 1,
        }
    }

    #[test]
    fn a_secret_is_that_of_one_webhook_and_number() {
        let folder = std::env::temp_dir().join(format!("quorate-hooks-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = SecretKey::of(&AuditKey::load_or_create(&folder.join("key")).unwrap());
        let at = DateTime::from_timestamp_micros(1_790_000_000_000_000).unwrap();
        let row = row(at);
        let (old, new) = (key.told(row.id, 1), key.told(row.id, 2));
        assert!(old != new && old.starts_with("whsec_"));
        let other = WebhookId(Uuid::from_u128(8));
        assert_ne!(key.told(other, 1), old);
        let bytes = |told: &str| STANDARD.decode(told.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes(&new).len(), 32);
        let sign = |told: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes(told));
            format!("v1,{}", STANDARD.encode(hmac::sign(&key, b"msg_1.17.{}")))
        };
        let signed = |at| key.signatures(&row, ("msg_1", 17, "{}"), at);
        assert_eq!(signed(at + Duration::hours(23)), format!("{} {}", sign(&new), sign(&old)));
        assert_eq!(signed(at + Duration::hours(24)), sign(&new));
        let third = webhook::Model { secret_generation: 3, ..row.clone() };
        let all = key.signatures(&third, ("msg_1", 17, "{}"), at);
        assert_eq!(all, format!("{} {} {}", sign(&key.told(row.id, 3)), sign(&new), sign(&old)));
        let ids = [(row.id, 1, true), (row.id, 1, false), (row.id, 2, true), (other, 1, true)];
        let ids: std::collections::HashSet<_> =
            ids.into_iter().map(|(id, position, is_event)| key.message_id(id, position, is_event)).collect();
        assert_eq!(ids.len(), 4);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn five_sign_at_the_most() {
        let at = DateTime::from_timestamp_micros(1_790_000_000_000_000).unwrap();
        let of = |secret_generation| webhook::Model { secret_generation, ..row(at) };
        let hour = |hours| at + Duration::hours(hours);
        assert_eq!((oldest(&of(4), hour(23)), oldest(&of(4), hour(24))), (1, 4));
        assert_eq!((full_until(&of(4), hour(1)), full_until(&of(5), hour(1))), (None, Some(hour(24))));
        assert_eq!(full_until(&of(5), hour(24)), None);
        let never = webhook::Model { secret_generation: 1, secret_rotated_at: None, ..row(at) };
        assert_eq!((oldest(&never, at), full_until(&never, at)), (1, None));
    }
}
