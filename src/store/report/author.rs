//! Whether a person may give a report: asked where a system gives it for the person, whose rights apply.

use entity::id::ReportRequestId;
use entity::report_request::{self, Column as C};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::error::Result;
use crate::policy::actions::{Action, Submission, SubmitConferenceReport};
use crate::policy::roles::Role;
use crate::store::Tx;
use crate::store::visible::Visible;

impl Tx {
    /// True if the author of a submission may give the report that a request asks for, by one of the posts held at the agency
    /// now: the request is the author's to see, with no conflict of interest, and the post is one that reports. The caller's
    /// own rights were asked already.
    pub async fn author_may_report(&self, submission: &Submission, request: ReportRequestId) -> Result<bool> {
        if self.who().role != Role::AgencySystem {
            return Ok(true);
        }
        let of = (submission.author, submission.asked);
        for author in self.scope().store().standings_by(&self.inner, of, self.who().at).await? {
            if author.role == Role::AgencySystem || SubmitConferenceReport::decide(&author, submission).is_err() {
                continue;
            }
            // SECURITY: by the row rule of the author in place of the caller's; one truth value leaves this function
            let seen =
                report_request::Entity::find().filter(report_request::Entity::rows(&author)).filter(C::Id.eq(request));
            if seen.count(&self.inner).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
