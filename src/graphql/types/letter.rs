//! Letters that ask an agency why it did not come or sent no report.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{
    InformationCategory, NonAttendanceLetterAbout, NonAttendanceLetterStatus, NonAttendanceReplyReason,
};
use super::conference::Conference;
use super::invitation::Invitation;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::audit::ledger::Opening;
use crate::store::letter::Standing;

/// A letter that asks an agency why it did not come to a conference or sent no report (BIR-NA-01).
pub struct NonAttendanceLetter(pub entity::non_attendance_letter::Model);

impl NonAttendanceLetter {
    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
    }
}

/// A letter that asks an agency why it did not come to a conference or sent no report (BIR-NA-01). The agency has it once it is
/// sent. As pages: `GET /letters/{id}` with `Accept: application/pdf`, or `text/plain`.
#[Object]
impl NonAttendanceLetter {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What the agency is asked about.
    async fn about(&self) -> NonAttendanceLetterAbout {
        self.0.about.into()
    }

    /// Where it stands: NO_REPLY once `replyDueAt` has passed.
    async fn status(&self, ctx: &Context<'_>) -> Resolved<NonAttendanceLetterStatus> {
        Ok(Standing::of(&self.0, reader(ctx)?.scope().who().at).into())
    }

    /// What it says, a paragraph a line; it names no child. Null where withheld.
    async fn text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.text.open(&self.disclosure(ctx)?).cloned())
    }

    /// When it was written.
    async fn written_at(&self) -> DateTime<Utc> {
        self.0.written_at
    }

    /// Who wrote it.
    async fn written_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.written_by)).await
    }

    /// When it was sent.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }

    /// By when the agency is to answer; null until it is sent.
    async fn reply_due_at(&self) -> Option<DateTime<Utc>> {
        self.0.reply_due_at
    }

    /// Why the agency did not come or report, as it says. Null until it answers, or where withheld.
    async fn reason(&self, ctx: &Context<'_>) -> Resolved<Option<NonAttendanceReplyReason>> {
        Ok(self.0.reason.open(&self.disclosure(ctx)?).copied().flatten().map(Into::into))
    }

    /// What it says, in its words. Null where it says no more, or where withheld.
    async fn reply(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.reply.open(&self.disclosure(ctx)?).cloned().flatten())
    }

    /// True where the agency says that what was recorded is wrong.
    async fn contested(&self) -> bool {
        self.0.contested
    }

    /// When it answered.
    async fn replied_at(&self) -> Option<DateTime<Utc>> {
        self.0.replied_at
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = self.disclosure(ctx)?.withheld(&[(Category::NonAttendance, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// To which agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// About which invitation.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Invitation> {
        loaded(ctx, self.0.invitation_id, Invitation).await
    }

    /// About which conference.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id, Conference).await
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Root fields about letters.
#[derive(Default)]
pub struct LetterQuery;

/// Root fields about letters.
#[Object]
impl LetterQuery {
    /// The letters about non-attendance that you may read, newest first: those of your conferences, or those your agency was
    /// sent.
    async fn non_attendance_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only letters that stand so.")] status: Option<NonAttendanceLetterStatus>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<NonAttendanceLetter>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let listing = reader.scope().letters(status.map(Into::into));
        let page = reader.scope().page(listing, &args).await.map_err(Fault::from)?;
        Ok(connect::<entity::non_attendance_letter::Entity, _>(Some(page), &args, NonAttendanceLetter))
    }
}
