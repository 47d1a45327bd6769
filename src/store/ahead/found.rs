//! What was read ahead, by the keys that the batches of [`loaders`](crate::store::loaders) have.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;

use crate::store::Scoped;
use crate::store::loaders::Loader;

type Shelf<K> = HashMap<K, Option<<Scoped as Loader<K>>::Value>>;

/// Values by the key they would be loaded by. A key that is there without a value was looked for and is absent or
/// invisible.
#[derive(Default)]
pub struct Found(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Found {
    /// What is known of a key; `None` where nothing was read for it.
    pub fn get<K>(&self, key: &K) -> Option<Option<<Scoped as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Scoped: Loader<K>,
    {
        self.0.get(&TypeId::of::<K>())?.downcast_ref::<Shelf<K>>()?.get(key).cloned()
    }

    pub(super) fn put<K>(&mut self, key: K, value: Option<<Scoped as Loader<K>>::Value>)
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Scoped: Loader<K>,
    {
        let values = self.0.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Shelf::<K>::new()));
        if let Some(values) = values.downcast_mut::<Shelf<K>>() {
            values.insert(key, value);
        }
    }
}
