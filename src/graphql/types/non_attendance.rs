//! Non-attendance: counts over invitations, and what they say.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Lookahead, Object};

use super::codes::{AgencyKind, MeetingKind, NonAttendanceDimension, NonAttendanceList, NonAttendanceSort};
use super::codes::{NonAttendanceStage, NonAttendanceUnit};
use super::invitation::Invitation;
use super::non_attendance_figures::{NonAttendanceBucket, NonAttendanceMethodSummary, RateSummary};
use crate::auth::Grant;
use crate::graphql::connection::{Connection, Edge, connect, page_args};
use crate::graphql::context::{reader, session};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed_opt;
use crate::graphql::scalars::Date;
use crate::store::Scoped;
use crate::store::non_attendance::{Behind, Figures, MOST_BUCKETS, MOST_PAGED, Question, Sort, usual_period};

/// What is counted.
#[derive(InputObject, Default)]
pub struct NonAttendanceFilterInput {
    /// From this day; the first day of the month eleven months ago if left out.
    from: Option<Date>,
    /// Until before this day; tomorrow if left out. Three years at most.
    until: Option<Date>,
    /// Only meetings of this kind.
    meeting_kind: Option<MeetingKind>,
    /// Only agencies of this kind.
    agency_kind: Option<AgencyKind>,
    /// Only this agency.
    agency_id: Option<ID>,
    /// Only conferences this person chairs, and strategy meetings this person leads.
    chair_id: Option<ID>,
    /// Only conferences of this team.
    team_id: Option<ID>,
    /// Only meetings of this stage of a child's process.
    stage: Option<NonAttendanceStage>,
    /// What is counted as one; INVITATION if left out.
    count_by: Option<NonAttendanceUnit>,
}

impl NonAttendanceFilterInput {
    /// The question, with what stands where nothing is said.
    fn question(self, scope: &Scoped, by: Vec<NonAttendanceDimension>) -> Resolved<Question> {
        let (from, until) = usual_period(scope);
        let (from, until) = (self.from.map_or(from, |d| d.0), self.until.map_or(until, |d| d.0));
        if by.len() > 2 || by.iter().any(|one| by.iter().filter(|other| *other == one).count() > 1) {
            return Err(Fault::argument("groupBy", "At most two, none twice."));
        }
        if by.contains(&NonAttendanceDimension::Month) && by.contains(&NonAttendanceDimension::Quarter) {
            return Err(Fault::argument("groupBy", "By month or by quarter, not by both."));
        }
        if until <= from || (until - from).num_days() > 366 * 3 {
            return Err(Fault::argument("filter.until", "After `from`, and within three years of it."));
        }
        Ok(Question {
            from,
            until,
            meeting: self.meeting_kind.map(Into::into),
            agency_kind: self.agency_kind.map(Into::into),
            agency: typed_opt(self.agency_id.as_ref(), "filter.agencyId")?,
            chair: typed_opt(self.chair_id.as_ref(), "filter.chairId")?,
            team: typed_opt(self.team_id.as_ref(), "filter.teamId")?,
            stage: self.stage.map(Into::into),
            unit: self.count_by.map(Into::into).unwrap_or_default(),
            by: by.into_iter().map(Into::into).collect(),
            before: false,
        })
    }
}

/// The counts of non-attendance, over meetings that have begun.
pub struct NonAttendanceSummary {
    question: Question,
    figures: Arc<Figures>,
}

/// The counts of non-attendance, over meetings that have begun.
#[Object]
impl NonAttendanceSummary {
    /// First day counted.
    async fn from(&self) -> Date {
        Date(self.question.from)
    }

    /// First day no longer counted.
    async fn until(&self) -> Date {
        Date(self.question.until)
    }

    /// The rate of the whole partnership in the same time at the same meetings, of those with proper notice: the centre of the
    /// funnel. Null where small counts are kept from the reader.
    async fn partnership(&self) -> Option<RateSummary> {
        RateSummary::from_share(self.figures.partnership?.adjusted())
    }

    /// How patterns are found.
    async fn method(&self) -> NonAttendanceMethodSummary {
        NonAttendanceMethodSummary(self.figures.method.clone())
    }

    /// The buckets, in order of month, kind, agency, meeting. At most 1,000; more are on pages.
    async fn buckets(&self) -> Vec<NonAttendanceBucket> {
        let bucket = |bucket| NonAttendanceBucket::new(bucket, &self.figures);
        self.figures.buckets.iter().cloned().map(bucket).collect()
    }

    /// A page of the buckets, sorted.
    async fn bucket_page(
        &self,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
        #[graphql(desc = "What stands first; KEY if left out.")] sort: Option<NonAttendanceSort>,
    ) -> Resolved<Connection<NonAttendanceBucket>> {
        let first = usize::from(page_args(first, None)?.first);
        let sort: Sort = sort.map(Into::into).unwrap_or_default();
        let rest = sort.after(self.figures.buckets.clone(), after.as_deref());
        let mut rest = rest.ok_or_else(|| Fault::argument("after", "This cursor is not one of this list."))?;
        let more = rest.len() > first;
        rest.truncate(first);
        let edge = |bucket| Edge { cursor: sort.place(&bucket), node: NonAttendanceBucket::new(bucket, &self.figures) };
        Ok(Connection { edges: rest.into_iter().map(edge).collect(), before: after.is_some(), more })
    }
}

/// Whether a field is asked of the buckets.
fn asks(all: &Lookahead<'_>, name: &str) -> bool {
    let page = all.field("bucketPage");
    [all.field("buckets"), page.field("nodes"), page.field("edges").field("node")]
        .iter()
        .any(|bucket| bucket.field(name).exists())
}

/// That the token is for figures.
pub fn may_count(ctx: &Context<'_>) -> Resolved<()> {
    if session(ctx)?.principal().may(Grant::Analytics) {
        return Ok(());
    }
    Err(crate::error::Error::Denied("These figures are not for your role.").into())
}

/// Root fields about non-attendance.
#[derive(Default)]
pub struct NonAttendanceQuery;

/// Root fields about non-attendance.
#[Object]
impl NonAttendanceQuery {
    /// Who came, who sent apologies, who stayed away without a word, and whose reports were there. Chairs and service
    /// managers count their authority's meetings, social workers and team managers those they see, other agencies
    /// their own invitations. Where small counts are kept from the reader, figures are of whole quarters that are over,
    /// by kind of meeting, quarter, and own agency or kind of agency. Some 20,000 buckets at the most.
    async fn non_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is counted.")] filter: Option<NonAttendanceFilterInput>,
        #[graphql(desc = "What the buckets are made by: two at most.")] group_by: Vec<NonAttendanceDimension>,
    ) -> Resolved<NonAttendanceSummary> {
        may_count(ctx)?;
        let reader = reader(ctx)?;
        let all = ctx.look_ahead();
        let mut question = filter.unwrap_or_default().question(reader.scope(), group_by)?;
        question.before = asks(&all, "trend");
        let most = if all.field("buckets").exists() { MOST_BUCKETS } else { MOST_PAGED };
        let figures = reader.scope().non_attendance(&question, most, asks(&all, "streak")).await?;
        Ok(NonAttendanceSummary { question, figures: Arc::new(figures) })
    }

    /// The invitations behind the figures, as far as you may see them one by one.
    async fn non_attendance_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is counted: of a bucket, with what the bucket is of.")] filter: Option<
            NonAttendanceFilterInput,
        >,
        #[graphql(desc = "Which of them; MISSED if left out.")] list: Option<NonAttendanceList>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Invitation>> {
        may_count(ctx)?;
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let question = filter.unwrap_or_default().question(reader.scope(), Vec::new())?;
        let listing = reader.scope().behind(&question, list.map_or(Behind::Missed, Into::into));
        let page = reader.read_page::<Invitation>(ctx, listing, &args).await?;
        Ok(connect::<entity::invitation::Entity, _>(Some(page), &args, Invitation))
    }
}
