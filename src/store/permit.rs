//! Leave to write: minted only from policy, inside a transaction, over the locked row it is about.

use std::marker::PhantomData;

use super::Tx;
use crate::error::{Error, Result};
use crate::policy::actions::Action;

/// Leave to do `A` to the locked `row`. Consumed by the write, so that check and write see one state.
pub struct Permit<A, R> {
    pub(super) row: R,
    action: PhantomData<A>,
}

impl<A, R> Permit<A, R> {
    /// The row the leave is about.
    pub const fn row(&self) -> &R {
        &self.row
    }
}

impl Tx {
    /// Asks policy whether `A` may be done to `row`, given the `facts` read from it.
    ///
    /// # Errors
    /// `Denied` with the fixed sentence of the refusal.
    pub fn permit<A: Action, R>(&self, row: R, facts: &A::Facts) -> Result<Permit<A, R>> {
        A::decide(self.who(), facts).map_err(|why| {
            self.scope().who.ledger().refused("Operation", A::NAME);
            Error::Denied(why)
        })?;
        Ok(Permit { row, action: PhantomData })
    }
}
