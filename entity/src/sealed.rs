//! A sensitive column: it cannot be printed, serialised or read without a disclosure.

use std::fmt;
use std::marker::PhantomData;

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};

use crate::category::{ByRow, Category, Depth, Mark};

/// Says which categories the present reader may open on the present row.
pub trait Disclose {
    /// True if the reader has `category` at `depth`.
    fn opens(&self, category: Category, depth: Depth) -> bool;
}

/// A value of type `T` under mark `M`.
pub struct Sealed<T, M>(T, PhantomData<fn() -> M>);

impl<T, M> Sealed<T, M> {
    /// Seals a value on its way to the database.
    pub const fn new(value: T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, M: Mark> Sealed<T, M> {
    /// The value, if the reader's disclosure opens the column's category.
    pub fn open(&self, reader: &impl Disclose) -> Option<&T> {
        match M::SEAL {
            None => Some(&self.0),
            Some((category, depth)) => reader.opens(category, depth).then_some(&self.0),
        }
    }
}

impl<T> Sealed<T, ByRow> {
    /// The value, if the reader's disclosure opens the category this row belongs to.
    pub fn open_as(&self, reader: &impl Disclose, category: Category) -> Option<&T> {
        reader.opens(category, Depth::Full).then_some(&self.0)
    }
}

impl<T: Clone, M> Clone for Sealed<T, M> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<T: PartialEq, M> PartialEq for Sealed<T, M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq, M> Eq for Sealed<T, M> {}

impl<T, M> fmt::Debug for Sealed<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Into<Value>, M> From<Sealed<T, M>> for Value {
    fn from(sealed: Sealed<T, M>) -> Self {
        sealed.0.into()
    }
}

/// On its way in; nothing of it goes out by `Serialize`.
impl<'de, T: serde::Deserialize<'de>, M> serde::Deserialize<'de> for Sealed<T, M> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::new)
    }
}

impl<T: TryGetable, M> TryGetable for Sealed<T, M> {
    fn try_get_by<I: ColIdx>(res: &QueryResult, index: I) -> Result<Self, TryGetError> {
        T::try_get_by(res, index).map(Self::new)
    }
}

impl<T: ValueType, M> ValueType for Sealed<T, M> {
    fn try_from(v: Value) -> Result<Self, ValueTypeErr> {
        T::try_from(v).map(Self::new)
    }
    fn is_option() -> bool {
        T::is_option()
    }
    fn type_name() -> String {
        T::type_name()
    }
    fn array_type() -> ArrayType {
        T::array_type()
    }
    fn column_type() -> ColumnType {
        T::column_type()
    }
}

impl<T: Nullable, M> Nullable for Sealed<T, M> {
    fn null() -> Value {
        T::null()
    }
}
