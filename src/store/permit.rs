//! Leave to write: minted only from policy, inside a transaction, over the locked row it is about.

use std::marker::PhantomData;

use super::{Scoped, Tx};
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

impl<A> Permit<A, ()> {
    /// The leave that was decided without a row, about what was found since. A leave about a row stays with it.
    pub fn with<S>(self, row: S) -> Permit<A, S> {
        Permit { row, action: PhantomData }
    }
}

impl Scoped {
    /// Asks policy before anything is begun, where what comes before the transaction costs much. It is no leave: the
    /// transaction asks again, over the locked row.
    ///
    /// # Errors
    /// `Denied` with the fixed sentence of the refusal.
    pub fn may<A: Action>(&self, facts: &A::Facts) -> Result<()> {
        A::decide(self.who(), facts).map_err(|why| {
            self.who.ledger().refused("Operation", A::NAME);
            Error::Denied(why)
        })
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
