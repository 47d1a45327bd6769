//! What came is looked at before anybody reads it.
//!
//! Every server may run this at any time. A file is taken by who moves its next look ahead first, and nothing is held while
//! the scanner looks; what a server that stops had taken is taken by another some minutes later.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::agency;
use entity::attachment::{self, Column as C, State};
use entity::id::{AttachmentId, ChildId, TypedId as _};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::scan::{Away, Scanner, Scanning, Verdict};
use crate::store::{Store, outbox};

/// For so long a file is another server's.
const TAKEN: TimeDelta = TimeDelta::minutes(5);

/// What was not there for so long is lost.
const LOST: TimeDelta = TimeDelta::days(7);

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files that may be read.
    pub clean: usize,
    /// Files in which something was found.
    pub refused: usize,
    /// Files about which nothing is known still: the scanner is away, or cannot say.
    pub waiting: usize,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Clean,
    /// Nobody looked, as the configuration wants it.
    Unseen,
    Refused,
    /// What was stored is not there any more.
    Lost,
}

impl Outcome {
    /// What the access record calls it.
    const fn rule(self) -> &'static str {
        match self {
            Self::Clean => "CLEAN",
            Self::Unseen => "UNSCANNED",
            Self::Refused => "REFUSED",
            Self::Lost => "LOST",
        }
    }

    /// True of a file that nobody will ever read.
    const fn is_refused(self) -> bool {
        matches!(self, Self::Refused | Self::Lost)
    }
}

impl Store {
    /// Looks at all that waits. Where the configuration does not say who looks, everything goes on waiting.
    ///
    /// # Errors
    /// `Unavailable` if the database is; what was done until then stands.
    pub async fn check_attachments(&self) -> Result<Checked> {
        let mut checked = Checked::default();
        if self.attachments.settings.scanner == Scanning::Unsaid {
            return Ok(checked);
        }
        while let Some(row) = self.take_one().await? {
            let known = self.look_at(&row).await;
            if let Ok(Some(outcome)) = known {
                let of = if outcome.is_refused() { &mut checked.refused } else { &mut checked.clean };
                *of += self.told(&row, outcome).await?;
                continue;
            }
            let away = known.err();
            tracing::warn!(attachment = %row.id.0, away = away.as_ref().map(tracing::field::display), "an attachment waits");
            self.look_again(row.id).await?;
            checked.waiting += 1;
            // who is away is away for all of them; where it cannot be said of one, the others do not wait for it
            if away.is_some() {
                break;
            }
        }
        Ok(checked)
    }

    /// The next file that is to be looked at; for some minutes nobody else looks at it.
    async fn take_one(&self) -> Result<Option<attachment::Model>> {
        let at = self.clock.now();
        let tx = self.begin_upkeep().await?;
        let mut due = attachment::Entity::find()
            .filter(C::State.eq(State::Quarantined))
            .filter(C::CheckAt.lte(at))
            .order_by_asc(C::CheckAt)
            .limit(1);
        // SQLite has one writer, and this is it
        if self.db.is_postgres() {
            due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let Some(row) = due.one(&tx).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        attachment::Entity::update_many()
            .col_expr(C::CheckAt, Expr::val(at + TAKEN))
            .filter(C::FileId.eq(row.file_id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// What is known of a file; `None` where it cannot be said of this one yet.
    async fn look_at(&self, row: &attachment::Model) -> Result<Option<Outcome>> {
        let file = row.file_id.ok_or_else(|| Error::internal("an attachment without a content"))?;
        let content = match self.attachments.files()?.get(file).await {
            // a folder that is not mounted, a bucket of another name: what is not there today may be there tomorrow
            Err(Error::NotFound) => {
                let is_lost = row.uploaded_at.is_some_and(|came| came + LOST < self.clock.now());
                return Ok(is_lost.then_some(Outcome::Lost));
            }
            content => content?,
        };
        let scanner: &Scanner = match &self.attachments.settings.scanner {
            Scanning::By(scanner) => scanner,
            Scanning::Nobody => return Ok(Some(Outcome::Unseen)),
            Scanning::Unsaid => return Err(Error::Unavailable),
        };
        let patience = Duration::from_secs(self.attachments.settings.scanner_seconds);
        match scanner.look(&content, patience).await {
            Ok(Verdict::Clean) => Ok(Some(Outcome::Clean)),
            Ok(Verdict::Found(what)) => {
                tracing::warn!(attachment = %row.id.0, what, "something was found in an attachment");
                Ok(Some(Outcome::Refused))
            }
            Err(Away::Unclear) => Ok(None),
            Err(away) => Err(Error::Internal(away.into())),
        }
    }

    /// Has a file looked at again later.
    async fn look_again(&self, id: AttachmentId) -> Result<()> {
        let wait = TimeDelta::seconds(i64::from(self.attachments.settings.retry_seconds.max(1)));
        attachment::Entity::update_many()
            .col_expr(C::CheckAt, Expr::val(self.clock.now() + wait))
            .filter(C::Id.eq(id))
            .exec(&self.db.pool)
            .await?;
        Ok(())
    }

    /// Writes what is known of a file into all rows that share it, tells it, and throws away what was refused. Answers how
    /// many rows there were: none where they were taken back meanwhile.
    async fn told(&self, row: &attachment::Model, outcome: Outcome) -> Result<usize> {
        let at = self.clock.now();
        let tx = self.begin_upkeep().await?;
        let rows = attachment::Entity::find()
            .filter(C::FileId.eq(row.file_id))
            .filter(C::State.eq(State::Quarantined))
            .order_by_asc(C::Id)
            .lock_exclusive()
            .all(&tx)
            .await?;
        let author = agency::Entity::find_by_id(row.agency_id).one(&tx).await?.ok_or(Error::NotFound)?;
        let refused = outcome.is_refused();
        let (state, seen) =
            (if refused { State::Refused } else { State::Clean }, !matches!(outcome, Outcome::Unseen | Outcome::Lost));
        let never: Option<DateTime<Utc>> = None;
        let file = row.file_id.filter(|_| !refused);
        attachment::Entity::update_many()
            .col_expr(C::State, Expr::val(state.word()))
            .col_expr(C::CheckedAt, Expr::val(seen.then_some(at)))
            .col_expr(C::CheckAt, Expr::val(never))
            .col_expr(C::FileId, Expr::val(file))
            .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&tx)
            .await?;
        let events: Vec<_> = rows.iter().map(|row| Event::AttachmentChecked(row.id)).collect();
        if !events.is_empty() {
            outbox::append_all(&tx, author.local_authority_id, &events, at).await?;
            let about: Vec<_> = rows
                .iter()
                .map(|row| (AttachmentId::NOUN, row.id.0))
                .chain([(ChildId::NOUN, row.child_id.0)])
                .collect();
            self.record_upkeep(&tx, AttachmentId::NOUN, outcome.rule(), rows.len(), &about, at).await?;
        }
        tx.commit().await?;
        self.bell.ring();
        if let Some(file) = row.file_id.filter(|_| refused) {
            self.throw_away(file).await;
        }
        Ok(rows.len())
    }

    /// Ends the tickets whose time is over. Answers how many there were.
    pub(in crate::store) async fn forget_tickets(&self, at: DateTime<Utc>) -> Result<u64> {
        let over = attachment::Entity::update_many()
            .col_expr(C::State, Expr::val(State::Lapsed.word()))
            .filter(C::State.eq(State::Awaited))
            .filter(C::TicketUntil.lte(at));
        Ok(over.exec(&self.db.pool).await?.rows_affected)
    }
}
