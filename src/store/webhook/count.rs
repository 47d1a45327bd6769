//! How many webhooks stand how, and how much they have still to go through: for whoever runs the system.

use entity::webhook::State;
use sea_orm::{FromQueryResult, Statement};

use crate::error::Result;
use crate::store::Store;

/// The webhooks of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Counted {
    /// The state; never that of those which were removed.
    pub state: State,
    /// How many there are.
    pub many: i64,
    /// Active ones whose next message was tried in vain.
    pub failing: i64,
    /// Events that active ones have still to go through, for them or not.
    pub behind: i64,
}

/// The states that are counted.
const STATES: [State; 4] = [State::Active, State::Paused, State::Suspended, State::Gone];

const COUNT: &str = "SELECT w.state AS state, COUNT(*) AS many,
    CAST(SUM(CASE WHEN w.state = 'ACTIVE' AND w.attempts > 0 THEN 1 ELSE 0 END) AS BIGINT) AS failing,
    CAST(SUM(CASE WHEN w.state = 'ACTIVE' THEN f.position - w.position ELSE 0 END) AS BIGINT) AS behind
  FROM webhook w JOIN feed f ON f.local_authority_id = w.local_authority_id
  WHERE w.state <> 'REMOVED' GROUP BY w.state";

impl Store {
    /// The webhooks of each state, also where there are none.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn webhooks_by_state(&self) -> Result<Vec<Counted>> {
        let reads = &self.db.reads;
        let count = Statement::from_string(reads.get_database_backend(), COUNT);
        let counted = Counted::find_by_statement(count).all(reads).await?;
        let none = |state| Counted { state, many: 0, failing: 0, behind: 0 };
        let of = |state| counted.iter().find(|each| each.state == state).copied().unwrap_or_else(|| none(state));
        Ok(STATES.into_iter().map(of).collect())
    }
}
