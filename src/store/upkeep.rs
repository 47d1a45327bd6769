//! What is done without being asked: the review of a quarter is issued once it is over, what nobody answered about in time
//! is ended, counts whose window is over are forgotten.
//!
//! Every server may run it at any time, and one at a time does: who comes while it is done leaves it. A review is issued by who writes its row first, an entry is ended by who locks it
//! first; a server that stops half-way leaves nothing half done. Nobody's rights are used here: it reads for no caller
//! and answers numbers.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use entity::access_review_entry::{self, Kind};
use entity::id::{AccessReviewEntryId, AccessReviewId, AgencyId, ChildId, LocalAuthorityId, PractitionerId, TypedId};
use entity::involvement::Basis;
use entity::{
    access_count, access_reading, access_review, agency, appointment, audit, audit_subject, child, conflict,
    involvement, local_authority, notice,
};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, ConnectionTrait as _, DatabaseTransaction, EntityTrait, IntoActiveModel,
    JoinType, QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    TryInsertResult,
};
use uuid::Uuid;

use super::review::end_all;
use super::{Store, in_force, outbox};
use crate::clock::{id_at, london_day};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::policy::emergency::notices_since;
use crate::practice::calendar::end_of;
use crate::practice::deadlines::{quarter_before, review_answer_by};

/// Rows read and written at a time.
const BATCH: u64 = 500;

/// What the claim of a run is called.
const UPKEEP: &str = "upkeep";
/// How often, and after how long each time, one who was asked for a run tries to have it.
const TRIES: u32 = 300;
const TRY_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkept {
    /// Reviews issued.
    pub issued: usize,
    /// Relationships ended because nobody had answered about them.
    pub suspended: usize,
    /// Deadlines made for what was under way before deadlines were kept.
    pub made: usize,
    /// Deadlines said to be due soon, or missed.
    pub told: usize,
    /// Counts, keys of writes, events, what was sent of them, notices, tickets and contents forgotten.
    pub forgotten: u64,
}

impl Store {
    /// Does all that is due now, once no other server is at it.
    ///
    /// # Errors
    /// `Unavailable` if the database is, or another server is at it for longer than a minute; what was done until then
    /// stands.
    pub async fn upkeep(&self) -> Result<Upkept> {
        for _ in 0..TRIES {
            if let Some(done) = self.upkeep_if_free().await? {
                return Ok(done);
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
        Err(Error::Unavailable)
    }

    /// Does all that is due now; `None` where another server is at it.
    ///
    /// # Errors
    /// `Unavailable` if the database is; what was done until then stands.
    pub async fn upkeep_if_free(&self) -> Result<Option<Upkept>> {
        let Some(claim) = self.claim(UPKEEP).await? else { return Ok(None) };
        let done = self.keep_up().await;
        claim.end().await;
        done.map(Some)
    }

    async fn keep_up(&self) -> Result<Upkept> {
        let at = self.clock.now();
        // what is due is told first, whatever becomes of the rest; what is made now is told by the next pass
        let mut done = Upkept { told: self.tell_deadlines(at).await?, ..Upkept::default() };
        done.made = self.make_missing_deadlines(at).await?;
        done.forgotten = self.forget(at).await?;
        let reviewed = self.review(&mut done, at).await;
        if done.issued + done.suspended + done.told > 0 {
            self.bell.ring();
        }
        reviewed.map(|()| done)
    }

    /// Issues reviews and ends what nobody answered about, one authority after the other; one that fails keeps no other up.
    async fn review(&self, done: &mut Upkept, at: DateTime<Utc>) -> Result<()> {
        let mut failed = Ok(());
        for authority in local_authority::Entity::find().all(&self.db.pool).await? {
            match self.issue(authority.id, at).await {
                Ok(issued) => done.issued += usize::from(issued),
                Err(error) => failed = Err(error),
            }
        }
        let due = access_review::Entity::find()
            .filter(access_review::Column::AnswerBy.lte(at))
            .filter(access_review::Column::SuspendedAt.is_null());
        for review in due.all(&self.db.pool).await? {
            match self.suspend(&review, at).await {
                Ok(suspended) => done.suspended += suspended,
                Err(error) => failed = Err(error),
            }
        }
        failed
    }

    pub(super) async fn begin_upkeep(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = self.db.pool.begin_with_options(options).await?;
        if self.db.is_postgres() {
            // nobody waits for it, and a pass over millions of relationships takes longer than a request may
            tx.execute_unprepared("SET LOCAL statement_timeout = '5min'").await?;
        }
        Ok(tx)
    }

    /// Issues the review of the quarter that is over; false if it was issued before.
    async fn issue(&self, authority: LocalAuthorityId, at: DateTime<Utc>) -> Result<bool> {
        let quarter_on = quarter_before(london_day(at));
        let known = access_review::Entity::find()
            .filter(access_review::Column::LocalAuthorityId.eq(authority))
            .filter(access_review::Column::QuarterOn.eq(quarter_on));
        if known.one(&self.db.pool).await?.is_some() {
            return Ok(false);
        }
        let days = self.limits.review_working_days;
        let answer_by = review_answer_by(&self.practice.calendar, london_day(at), days)
            .map_err(|_| Error::internal("the bank holidays of the review's time are not listed"))?;
        let id = AccessReviewId(id_at(at));
        let review = access_review::Model {
            id,
            local_authority_id: authority,
            quarter_on,
            issued_at: at,
            answer_by,
            suspended_at: None,
        };
        let tx = self.begin_upkeep().await?;
        let once = [access_review::Column::LocalAuthorityId, access_review::Column::QuarterOn];
        let taken = access_review::Entity::insert(review.into_active_model().reset_all())
            .on_conflict_do_nothing_on(once)
            .exec_without_returning(&tx)
            .await?;
        if !matches!(taken, TryInsertResult::Inserted(1)) {
            tx.rollback().await?;
            return Ok(false);
        }
        let listing = Listing { store: self, tx: &tx, review: id, authority, at };
        let entries = listing.posts().await?
            + listing.relationships().await?
            + listing.emergencies(quarter_on, at).await?
            + listing.conflicts().await?;
        outbox::append_all(&tx, authority, &[Event::AccessReviewIssued(id)], at).await?;
        self.record_upkeep(&tx, "AccessReview", "ISSUED", entries, &[("AccessReview", id.0)], at).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends the relationships of a review that nobody answered about, some at a time.
    async fn suspend(&self, review: &access_review::Model, at: DateTime<Utc>) -> Result<usize> {
        use access_review_entry::Column as C;
        let mut ended = 0;
        loop {
            let tx = self.begin_upkeep().await?;
            let entries = access_review_entry::Entity::find()
                .filter(C::AccessReviewId.eq(review.id))
                .filter(C::Kind.eq(Kind::Relationship))
                .filter(C::Answer.is_null())
                .filter(C::SuspendedAt.is_null())
                .order_by_asc(C::Id)
                .limit(BATCH)
                .lock_exclusive()
                .all(&tx)
                .await?;
            if entries.is_empty() {
                access_review::Entity::update_many()
                    .col_expr(access_review::Column::SuspendedAt, Expr::val(at))
                    .filter(access_review::Column::Id.eq(review.id))
                    .filter(access_review::Column::SuspendedAt.is_null())
                    .exec(&tx)
                    .await?;
                tx.commit().await?;
                return Ok(ended);
            }
            end_all(&tx, &entries, at).await?;
            access_review_entry::Entity::update_many()
                .col_expr(C::SuspendedAt, Expr::val(at))
                .filter(C::Id.is_in(entries.iter().map(|entry| entry.id)))
                .exec(&tx)
                .await?;
            let events: Vec<_> =
                entries.iter().filter_map(|entry| Some(Event::InvolvementEnded(entry.involvement_id?))).collect();
            outbox::append_all(&tx, review.local_authority_id, &events, at).await?;
            let children: Vec<_> =
                entries.iter().filter_map(|entry| Some((ChildId::NOUN, entry.child_id?.0))).collect();
            self.record_upkeep(&tx, "Involvement", "REVIEW_UNANSWERED", entries.len(), &children, at).await?;
            tx.commit().await?;
            ended += entries.len();
        }
    }

    /// Forgets what was counted in windows that are over: of days, which are the longest, by the end of the next one;
    /// the keys of writes that nobody retries any more; events that are older than the feed is kept; notices that nobody can read any more; contents of attachments that
    /// nothing refers to.
    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        let readings = access_reading::Entity::delete_many().filter(access_reading::Column::EndsAt.lte(at));
        let counts =
            access_count::Entity::delete_many().filter(access_count::Column::WindowAt.lt(at - Duration::days(2)));
        let (readings, counts) = (readings.exec(&self.db.pool).await?, counts.exec(&self.db.pool).await?);
        let keys = self.forget_keys(at - Duration::days(i64::from(self.limits.idempotency_days))).await?;
        let events = self.forget_events(at - Duration::days(i64::from(self.limits.feed_days))).await?;
        let sent = self.forget_deliveries(at - Duration::days(i64::from(self.limits.feed_days))).await?;
        let notices = notice::Entity::delete_many().filter(notice::Column::At.lt(notices_since(at)));
        let notices = notices.exec(&self.db.pool).await?.rows_affected;
        let tickets = self.forget_tickets(at).await?;
        let contents = self.sweep_contents(at).await?;
        Ok(readings.rows_affected + counts.rows_affected + keys + events + sent + notices + tickets + contents)
    }
}

/// Collects the entries of a review into its transaction.
struct Listing<'a> {
    store: &'a Store,
    tx: &'a DatabaseTransaction,
    review: AccessReviewId,
    authority: LocalAuthorityId,
    at: DateTime<Utc>,
}

/// Reads a table in the order of its ids, a batch at a time, and writes an entry for each row that gives one.
macro_rules! batches {
    ($self:ident, $table:ident, $select:expr, |$rows:ident| $entries:expr) => {{
        let (mut after, mut written): (Option<Uuid>, usize) = (None, 0);
        loop {
            let mut select = $select.order_by_asc($table::Column::Id).limit(BATCH);
            if let Some(id) = after {
                select = select.filter($table::Column::Id.gt(id));
            }
            let $rows: Vec<$table::Model> = select.all($self.tx).await?;
            let Some(last) = $rows.last() else { break Ok(written) };
            after = Some(last.id.0);
            let is_last = ($rows.len() as u64) < BATCH;
            written += $self.write($entries).await?;
            if is_last {
                break Ok(written);
            }
        }
    }};
}

impl Listing<'_> {
    fn agencies(&self, partners_only: bool) -> SelectStatement {
        let mut select = Query::select()
            .column(agency::Column::Id)
            .from(agency::Entity)
            .and_where(agency::Column::LocalAuthorityId.eq(self.authority))
            .to_owned();
        if partners_only {
            select.and_where(agency::Column::Kind.ne(agency::Kind::Csc));
        }
        select
    }

    fn entry(
        &self,
        kind: Kind,
        agency_id: AgencyId,
        practitioner_id: Option<PractitionerId>,
        since: DateTime<Utc>,
    ) -> access_review_entry::Model {
        access_review_entry::Model {
            id: AccessReviewEntryId(id_at(self.at)),
            access_review_id: self.review,
            kind,
            agency_id,
            practitioner_id,
            child_id: None,
            appointment_id: None,
            involvement_id: None,
            conflict_id: None,
            post: None,
            basis: None,
            since,
            answer: None,
            answered_by: None,
            answered_at: None,
            suspended_at: None,
        }
    }

    fn of_involvement(&self, kind: Kind, row: &involvement::Model) -> access_review_entry::Model {
        access_review_entry::Model {
            child_id: Some(row.child_id),
            involvement_id: Some(row.id),
            basis: Some(row.basis),
            ..self.entry(kind, row.agency_id, row.practitioner_id, row.starts_at)
        }
    }

    async fn write(&self, entries: Vec<access_review_entry::Model>) -> Result<usize> {
        let many = entries.len();
        if many > 0 {
            let rows = entries.into_iter().map(|entry| entry.into_active_model().reset_all());
            access_review_entry::Entity::insert_many(rows).exec_without_returning(self.tx).await?;
        }
        Ok(many)
    }

    /// The posts in force at the agencies of the authority.
    async fn posts(&self) -> Result<usize> {
        use appointment::Column as C;
        let select = || {
            appointment::Entity::find().filter(C::AgencyId.in_subquery(self.agencies(false))).filter(in_force(
                C::StartsAt,
                C::EndsAt,
                self.at,
            ))
        };
        batches!(self, appointment, select(), |rows| {
            let entry = |row: &appointment::Model| access_review_entry::Model {
                appointment_id: Some(row.id),
                post: Some(row.post),
                ..self.entry(Kind::Post, row.agency_id, Some(row.practitioner_id), row.starts_at)
            };
            rows.iter().map(entry).collect()
        })
    }

    /// The relationships of partner agencies that have lasted as long as the time of inactivity, and in which the agency
    /// has not opened or changed anything of the child in that time. Those that an invitation or a post at a meeting
    /// gave end with the meeting.
    async fn relationships(&self) -> Result<usize> {
        use involvement::Column as C;
        let since = self.at - Duration::days(i64::from(self.store.limits.review_inactive_days));
        let select = || {
            involvement::Entity::find()
                .filter(C::AgencyId.in_subquery(self.agencies(true)))
                .filter(C::Basis.is_in([Basis::Agency, Basis::Referrer, Basis::CoreGroup, Basis::PlanAction]))
                .filter(in_force(C::StartsAt, C::EndsAt, self.at))
                .filter(C::StartsAt.lte(since))
        };
        batches!(self, involvement, select(), |rows| {
            let pseudonym = |child: ChildId| self.store.audit_pseudonym(ChildId::NOUN, child.0);
            let active = self.active(rows.iter().map(|row| pseudonym(row.child_id)).collect(), since).await?;
            let still = |row: &&involvement::Model| !active.contains(&(pseudonym(row.child_id), row.agency_id.0));
            rows.iter().filter(still).map(|row| self.of_involvement(Kind::Relationship, row)).collect()
        })
    }

    /// Which of these children which agency has opened or changed anything of since.
    async fn active(&self, children: HashSet<Uuid>, since: DateTime<Utc>) -> Result<HashSet<(Uuid, Uuid)>> {
        let seen = audit_subject::Entity::find()
            .select_only()
            .column(audit_subject::Column::Subject)
            .column_as(audit::Column::AgencyId, "agency_id")
            .join(
                JoinType::InnerJoin,
                audit_subject::Entity::belongs_to(audit::Entity)
                    .from(audit_subject::Column::Sequence)
                    .to(audit::Column::Sequence)
                    .into(),
            )
            .filter(audit_subject::Column::Subject.is_in(children))
            .filter(audit::Column::At.gte(since))
            .filter(audit::Column::Decision.eq(audit::Decision::Allowed))
            .distinct()
            .into_tuple::<(Uuid, Uuid)>()
            .all(self.tx)
            .await?;
        Ok(seen.into_iter().collect())
    }

    /// The emergency accesses that began in the quarter or since.
    async fn emergencies(&self, quarter_on: chrono::NaiveDate, until: DateTime<Utc>) -> Result<usize> {
        use involvement::Column as C;
        let from = quarter_on.pred_opt().map_or(until, end_of);
        let select = || {
            involvement::Entity::find()
                .filter(C::AgencyId.in_subquery(self.agencies(false)))
                .filter(C::Basis.eq(Basis::BreakGlass))
                .filter(C::StartsAt.gte(from))
                .filter(C::StartsAt.lte(until))
        };
        batches!(self, involvement, select(), |rows| {
            rows.iter().map(|row| self.of_involvement(Kind::Emergency, row)).collect()
        })
    }

    /// The conflicts of interest in force about children of the authority.
    async fn conflicts(&self) -> Result<usize> {
        use conflict::Column as C;
        let children = Query::select()
            .column(child::Column::Id)
            .from(child::Entity)
            .and_where(child::Column::LocalAuthorityId.eq(self.authority))
            .to_owned();
        let select = || {
            conflict::Entity::find()
                .filter(C::ChildId.in_subquery(children.clone()))
                // what comes from an allegation is for who reads that
                .filter(C::AllegationId.is_null())
                .filter(in_force(C::StartsAt, C::EndsAt, self.at))
        };
        batches!(self, conflict, select(), |rows| {
            let entry = |row: &conflict::Model| access_review_entry::Model {
                child_id: Some(row.child_id),
                conflict_id: Some(row.id),
                ..self.entry(Kind::Conflict, row.recorded_at_agency_id, Some(row.practitioner_id), row.starts_at)
            };
            rows.iter().map(entry).collect()
        })
    }
}
