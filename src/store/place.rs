//! Places in an order that others share: the feed of an authority, the access record. A plain number would tell how much
//! lies between two entries that a reader sees; a sealed place tells nothing but whether it is the same.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Scoped;
use super::audit::AuditKey;
use crate::error::{Error, Result};

/// Which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The feed of the reader's authority.
    Feed,
    /// The access record.
    AccessRecord,
}

impl Order {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Feed => b"feed",
            Self::AccessRecord => b"access record",
        }
    }
}

/// Seals places, under a key of its own.
pub(super) struct PlaceKey(LessSafeKey);

impl PlaceKey {
    pub fn of(key: &AuditKey) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key.derive("place"));
        Ok(Self(LessSafeKey::new(key.map_err(|_| Error::internal("a key of the wrong length"))?)))
    }

    /// One place has one text, so that the same answer is the same bytes: the cipher is made for a nonce that repeats,
    /// and tells nothing but that two texts are equal.
    fn nonce() -> Nonce {
        Nonce::assume_unique_for_key([0; 12])
    }

    fn seal(&self, order: Order, of: &[u8], place: i64) -> Result<String> {
        let mut text = place.to_be_bytes().to_vec();
        let about = Aad::from([order.word(), of].concat());
        let sealed = self.0.seal_in_place_append_tag(Self::nonce(), about, &mut text);
        sealed.map_err(|_| Error::internal("a place could not be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode(text))
    }

    fn open(&self, order: Order, of: &[u8], text: &str) -> Option<i64> {
        let mut text = URL_SAFE_NO_PAD.decode(text).ok()?;
        let about = Aad::from([order.word(), of].concat());
        let plain = self.0.open_in_place(Self::nonce(), about, &mut text).ok()?;
        Some(i64::from_be_bytes((&*plain).try_into().ok()?))
    }
}

impl Scoped {
    /// The cursor of a place in an order.
    ///
    /// # Errors
    /// `Internal` if the cipher fails, which it does not.
    pub fn seal_place(&self, order: Order, place: i64) -> Result<String> {
        self.store.places.seal(order, self.who.authority.0.as_bytes(), place)
    }

    /// The place that a cursor names; `None` of a text that is no cursor of this order for this reader's authority.
    pub fn open_place(&self, order: Order, text: &str) -> Option<i64> {
        self.store.places.open(order, self.who.authority.0.as_bytes(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_in_its_own_order_only() {
        let directory = std::env::temp_dir().join(format!("quorate-place-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let key = |name: &str| PlaceKey::of(&AuditKey::load_or_create(&directory.join(name)).unwrap()).unwrap();
        let (here, there) = (key("here"), key("there"));
        for place in [0, 1, 2, 1_000_000, i64::MAX] {
            let text = here.seal(Order::Feed, b"a", place).unwrap();
            assert_eq!(here.seal(Order::Feed, b"a", place).unwrap(), text);
            assert_eq!(here.open(Order::Feed, b"a", &text), Some(place));
            assert_eq!(here.open(Order::AccessRecord, b"a", &text), None);
            assert_eq!(here.open(Order::Feed, b"b", &text), None);
            assert_eq!(there.open(Order::Feed, b"a", &text), None);
        }
        for text in ["", "ZmVlZDow", "!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(here.open(Order::Feed, b"a", text), None, "{text}");
        }
        std::fs::remove_dir_all(directory).unwrap();
    }
}
