//! One macro for the coded columns: stored as text, so that one migration serves both databases.

/// Declares a coded column: the words in the database are the variants in SCREAMING_SNAKE_CASE.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
        )]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(40))", rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'_, str>>::deserialize(from)?;
                Self::of_word(&word).ok_or_else(|| serde::de::Error::custom("no word of this code"))
            }
        }

        impl $name {
            /// The word that stands in the database and in tokens.
            pub fn word(self) -> String {
                sea_orm::ActiveEnum::to_value(&self)
            }

            /// The code of a word, if it is one.
            pub fn of_word(word: &str) -> Option<Self> {
                sea_orm::ActiveEnum::try_from_value(&word.to_owned()).ok()
            }
        }
    };
}

pub(crate) use codes;
