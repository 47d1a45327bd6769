//! How files are added to reports.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::AttachmentId;
use uuid::Uuid;

use super::attachment::Attachment;
use super::write::{UserError, Written, finish, write, write_with};
use crate::actions;
use crate::actions::attachment::Announce;
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed;
use crate::graphql::scalars::{Sent, Upload};

/// A file to be sent for a report.
#[derive(InputObject)]
pub struct RequestAttachmentTicketInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The request that the report answers.
    report_request_id: ID,
    /// What the file is called; 200 characters at most.
    #[graphql(secret)]
    name: String,
    /// How many bytes will be sent.
    bytes: i32,
    /// SHA-256 in lower-case hex of what will be sent; nothing else is taken then.
    sha256: Option<String>,
}

/// The announced file and where to send it.
#[derive(SimpleObject)]
pub struct RequestAttachmentTicketPayload {
    /// The file; null on a dry run or a refusal.
    attachment: Option<Attachment>,
    /// Where to send it by PUT, the file as the body: a path of this service that needs no token, good for one file. Null
    /// where the file has come already or the time is over.
    upload_path: Option<String>,
    /// Until when it can be sent.
    expires_at: Option<DateTime<Utc>>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A file for a report.
#[derive(InputObject)]
pub struct UploadAttachmentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything, the file as well, and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The request that the report answers.
    report_request_id: ID,
    /// What the file is called; 200 characters at most.
    #[graphql(secret)]
    name: String,
    /// The file.
    file: Upload,
}

/// The file that came.
#[derive(SimpleObject)]
pub struct UploadAttachmentPayload {
    /// The file; null on a dry run or a refusal.
    attachment: Option<Attachment>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A file to be taken back.
#[derive(InputObject)]
pub struct RemoveAttachmentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The file.
    attachment_id: ID,
}

/// The file that was taken back.
#[derive(SimpleObject)]
pub struct RemoveAttachmentPayload {
    /// The file as it stands, without name and content; null on a dry run or a refusal.
    attachment: Option<Attachment>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of files of reports.
#[derive(Default)]
pub struct AttachmentMutation;

/// Mutations of files of reports.
#[Object]
impl AttachmentMutation {
    /// Announce a file for the report that was asked of your agency, and be given a ticket to send it by. PDF, PNG, JPEG,
    /// plain text and Word documents are taken.
    async fn request_attachment_ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: RequestAttachmentTicketInput,
    ) -> Resolved<RequestAttachmentTicketPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let announce = Announce {
            request: typed(&input.report_request_id, "input.reportRequestId")?,
            name: input.name,
            bytes: u64::try_from(input.bytes).unwrap_or_default(),
            sha256: input.sha256,
        };
        let reader = reader(ctx)?;
        let done = actions::attachment::request_ticket(reader.scope(), &write, announce).await;
        let Written { row, user_errors } = finish(&reader, done, AttachmentId).await?;
        let (upload_path, expires_at) = row.as_ref().and_then(|row| reader.scope().store().ticket(row)).unzip();
        Ok(RequestAttachmentTicketPayload { attachment: row.map(Attachment), upload_path, expires_at, user_errors })
    }

    /// Send a file for the report that was asked of your agency, by the GraphQL multipart request convention: one file, in
    /// the one variable it belongs to, with the header GraphQL-Require-Preflight.
    async fn upload_attachment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: UploadAttachmentInput,
    ) -> Resolved<UploadAttachmentPayload> {
        let sent = ctx.data_opt::<Sent>().and_then(Sent::take);
        let sent = sent.ok_or_else(|| Fault::argument("input.file", "Send one file, by the multipart convention."))?;
        let write = write_with(&input, input.idempotency_key, input.dry_run, &sent);
        let upload = actions::attachment::Upload {
            request: typed(&input.report_request_id, "input.reportRequestId")?,
            name: input.name,
            content: sent,
        };
        let reader = reader(ctx)?;
        let done = actions::attachment::upload(reader.scope(), &write, upload).await;
        let Written { row, user_errors } = finish(&reader, done, AttachmentId).await?;
        Ok(UploadAttachmentPayload { attachment: row.map(Attachment), user_errors })
    }

    /// Take back a file that stands in no report that was submitted. Its content is thrown away.
    async fn remove_attachment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: RemoveAttachmentInput,
    ) -> Resolved<RemoveAttachmentPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.attachment_id, "input.attachmentId")?;
        let reader = reader(ctx)?;
        let done = actions::attachment::remove(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, AttachmentId).await?;
        Ok(RemoveAttachmentPayload { attachment: row.map(Attachment), user_errors })
    }
}
