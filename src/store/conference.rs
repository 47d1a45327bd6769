//! Conferences: scheduling, attendance, outcomes.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference::{Kind, Status};
use entity::conference_child::{AbuseCategory, Outcome, Participation};
use entity::id::{
    AgencyId, ChildId, ConferenceChildId, ConferenceId, InvitationId, PractitionerId, ReportRequestId, TeamId,
};
use entity::invitation::Attendance;
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{child, conference, conference_child, invitation, involvement, plan, report_request};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, JoinType, QueryFilter, QuerySelect,
};

use super::Tx;
use super::invitee::{AskedToConference, Invitee};
use super::permit::Permit;
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::actions::{
    AdjournConference, CancelConference, MoveConference, RecordConferenceAttendance, RecordConferenceOutcome,
    ScheduleConference,
};
use crate::practice::states::of_conference;

/// Which conferences a list shows.
#[derive(Clone, Debug, Default)]
pub struct ConferenceFilter {
    /// At this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Standing so.
    pub status: Option<Status>,
    /// Of this kind.
    pub kind: Option<Kind>,
}

impl ConferenceFilter {
    /// The filter as a condition.
    pub fn condition(&self) -> Condition {
        Condition::all()
            .add_option(self.from.map(|at| conference::Column::ScheduledAt.gte(at)))
            .add_option(self.until.map(|at| conference::Column::ScheduledAt.lt(at)))
            .add_option(self.status.map(|status| conference::Column::Status.eq(status)))
            .add_option(self.kind.map(|kind| conference::Column::Kind.eq(kind)))
    }
}

/// A conference to be scheduled.
#[derive(Clone, Debug)]
pub struct NewConference {
    /// Its id.
    pub id: ConferenceId,
    /// What kind.
    pub kind: Kind,
    /// When.
    pub scheduled_at: DateTime<Utc>,
    /// Where.
    pub venue: String,
    /// Who chairs.
    pub chair: PractitionerId,
    /// Who takes the minutes.
    pub minute_taker: Option<PractitionerId>,
    /// The team whose case it is.
    pub team: Option<TeamId>,
    /// Who is asked, whether for a report, and about whom.
    pub invitees: Vec<AskedToConference>,
    /// When they heard of it.
    pub invited_at: DateTime<Utc>,
    /// Working days from then until the conference.
    pub notice_working_days: i32,
    /// When reports are due.
    pub report_due_at: DateTime<Utc>,
    /// When the relationships that the invitations give end.
    pub invitations_end_at: DateTime<Utc>,
    /// When those of chair and minute taker end, if no outcome is recorded.
    pub posts_end_at: DateTime<Utc>,
}

/// Another time of a conference.
#[derive(Clone, Copy, Debug)]
pub struct NewTime {
    /// When it is.
    pub scheduled_at: DateTime<Utc>,
    /// Working days until then from when it is said.
    pub notice_working_days: i32,
    /// When the relationships that the invitations give end.
    pub invitations_end_at: DateTime<Utc>,
    /// When those of chair and minute taker end, if no outcome is recorded.
    pub posts_end_at: DateTime<Utc>,
}

/// What is recorded of one child's outcome.
#[derive(Clone, Copy, Debug)]
pub struct ChildOutcome {
    /// The child.
    pub child: ChildId,
    /// What was decided.
    pub outcome: Outcome,
    /// Category of abuse.
    pub category: Option<AbuseCategory>,
    /// How the child took part.
    pub participation: Option<Participation>,
}

/// A report that was asked of an agency.
#[derive(Clone, Copy, Debug)]
pub struct ReportAsked {
    /// The request.
    pub id: ReportRequestId,
    /// Of which agency.
    pub agency: AgencyId,
    /// About which child.
    pub child: ChildId,
}

impl Tx {
    /// Writes the conference, its children, the posts at it, its invitations, the reports asked, and the
    /// relationships all these give. Answers the reports that were asked.
    pub async fn schedule_conference(
        &self,
        permit: Permit<ScheduleConference, Vec<child::Model>>,
        new: NewConference,
    ) -> Result<Vec<ReportAsked>> {
        let who = self.who();
        conference::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            agency_id: Set(who.agency),
            team_id: Set(new.team),
            kind: Set(new.kind),
            status: Set(of_conference::CALLED),
            scheduled_at: Set(new.scheduled_at),
            venue: Set(new.venue.clone()),
            chair_id: Set(new.chair),
            minute_taker_id: Set(new.minute_taker),
            quorate: Set(None),
            summary: Set(Sealed::new(None)),
            convened_at: Set(who.at),
            concluded_at: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let children: Vec<ChildId> = permit.row.iter().map(|child| child.id).collect();
        let rows = children.iter().map(|child| conference_child::ActiveModel {
            id: Set(ConferenceChildId(self.new_id())),
            conference_id: Set(new.id),
            child_id: Set(*child),
            outcome: Set(Sealed::new(None)),
            abuse_category: Set(Sealed::new(None)),
            participation: Set(Sealed::new(None)),
            decided_at: Set(None),
        });
        conference_child::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        self.relate_conference(&new, &children).await?;
        self.invite_to_conference(&new, &children).await
    }

    async fn relate_conference(&self, new: &NewConference, children: &[ChildId]) -> Result<()> {
        let agency = self.who().agency;
        let chair = Invitee { agency, practitioner: Some(new.chair) };
        let minutes = new.minute_taker.map(|person| Invitee { agency, practitioner: Some(person) });
        let (posts_end, invitations_end) = (new.posts_end_at, new.invitations_end_at);
        let invited = |i: Invitee| (i, Basis::ConferenceInvitation, "Invited to the conference", invitations_end);
        let related = std::iter::once((chair, Basis::Chair, "Chairs the conference", posts_end))
            .chain(minutes.map(|m| (m, Basis::MinuteTaker, "Takes the minutes of the conference", posts_end)));
        let posts = related.flat_map(|post| children.iter().map(move |child| (*child, post)));
        let asked = new.invitees.iter().flat_map(|asked| {
            let about = children.iter().filter(|child| asked.is_about(**child));
            about.map(|child| (*child, invited(asked.invitee)))
        });
        let rows: Vec<_> = posts
            .chain(asked)
            .map(|(child, (invitee, basis, reason, ends_at))| involvement::ActiveModel {
                conference_id: Set(Some(new.id)),
                ends_at: Set(Some(ends_at)),
                ..self.relation(child, invitee, basis, reason)
            })
            .collect();
        involvement::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    async fn invite_to_conference(&self, new: &NewConference, children: &[ChildId]) -> Result<Vec<ReportAsked>> {
        let mut invitations = Vec::new();
        let (mut requests, mut asked_of) = (Vec::new(), Vec::new());
        for asked in &new.invitees {
            let AskedToConference { invitee, report, .. } = asked;
            let id = InvitationId(self.new_id());
            invitations.push(invitation::ActiveModel {
                id: Set(id),
                conference_id: Set(Some(new.id)),
                scheduled_at: Set(new.scheduled_at),
                invited_at: Set(new.invited_at),
                notice_working_days: Set(Sealed::new(new.notice_working_days)),
                report_due_at: Set(report.then_some(new.report_due_at)),
                ..self.blank_invitation(*invitee)
            });
            for child in children.iter().filter(|child| *report && asked.is_about(**child)) {
                let report = ReportAsked { id: ReportRequestId(self.new_id()), agency: invitee.agency, child: *child };
                requests.push(report_request::ActiveModel {
                    id: Set(report.id),
                    conference_id: Set(new.id),
                    child_id: Set(*child),
                    agency_id: Set(invitee.agency),
                    invitation_id: Set(id),
                    asked_at: Set(new.invited_at),
                    due_at: Set(new.report_due_at),
                    received_at: Set(None),
                    lapsed_at: Set(None),
                });
                asked_of.push(report);
            }
        }
        invitation::Entity::insert_many(invitations).exec_without_returning(&self.inner).await?;
        if !requests.is_empty() {
            report_request::Entity::insert_many(requests).exec_without_returning(&self.inner).await?;
        }
        Ok(asked_of)
    }

    /// All children of a conference, in scope or not: who decides about some of them only, decides nothing.
    pub async fn all_children_of_conference(&self, id: ConferenceId) -> Result<Vec<ChildId>> {
        // SECURITY: ids only, and of a conference the caller has locked; the caller's scope is asked of each of them
        let rows = conference_child::Entity::find()
            .filter(conference_child::Column::ConferenceId.eq(id))
            .all(&self.inner)
            .await?;
        Ok(rows.into_iter().map(|row| row.child_id).collect())
    }

    /// Of those of `children` who have an open child protection plan, since when, and how many reviews it has had.
    pub async fn reviews_since_plan(&self, children: &[ChildId]) -> Result<Vec<(ChildId, NaiveDate, usize)>> {
        let plans = self.open_plans(children).await?;
        let held = concluded_reviews(&self.inner, plans.keys().copied()).await?;
        let of_cp = plans.values().filter(|plan| plan.kind == plan::Kind::Cp);
        let counted = of_cp.map(|plan| {
            let of_it =
                |(child, at): &&(ChildId, DateTime<Utc>)| *child == plan.child_id && london_day(*at) > plan.starts_on;
            (plan.child_id, plan.starts_on, held.iter().filter(of_it).count())
        });
        Ok(counted.collect())
    }

    /// The children of a conference that are in scope.
    pub async fn children_of_conference(&self, id: ConferenceId) -> Result<Vec<conference_child::Model>> {
        let select = self.rows::<conference_child::Entity>().filter(conference_child::Column::ConferenceId.eq(id));
        select.all().await
    }

    /// The invitations to a conference.
    pub async fn invitations_to_conference(&self, id: ConferenceId) -> Result<Vec<invitation::Model>> {
        let select = self.rows::<invitation::Entity>().filter(invitation::Column::ConferenceId.eq(id));
        select.all().await
    }

    /// Writes who took part, and whether that made a quorum.
    pub async fn record_attendance(
        &self,
        permit: Permit<RecordConferenceAttendance, conference::Model>,
        entries: &[(AgencyId, Attendance, Option<String>)],
        quorate: bool,
    ) -> Result<()> {
        let (id, version) = (permit.row.id, permit.row.version);
        let entries = entries.iter().map(|(agency, attendance, reason)| (*agency, *attendance, reason.clone()));
        self.attended(&invitation::Column::ConferenceId.eq(id), entries).await?;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_conference::HOLD.to);
        row.quorate = Set(Some(quorate));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes that a conference goes on at another time, with its invitations and what those give.
    pub async fn adjourn_conference(
        &self,
        permit: Permit<AdjournConference, conference::Model>,
        to: NewTime,
    ) -> Result<()> {
        let (id, version) = (permit.row.id, permit.row.version);
        let mut row = permit.row.into_active_model();
        row.status = Set(of_conference::ADJOURN.to);
        row.scheduled_at = Set(to.scheduled_at);
        row.quorate = Set(None);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        self.moved(id, to).await
    }

    /// Writes that a conference that has not begun is at another time, and by when the reports are due that have not come.
    /// Answers the requests of these.
    pub async fn move_conference(
        &self,
        permit: Permit<MoveConference, conference::Model>,
        to: NewTime,
        report_due_at: DateTime<Utc>,
    ) -> Result<Vec<ReportAsked>> {
        use report_request::Column as R;
        let (id, version) = (permit.row.id, permit.row.version);
        let mut row = permit.row.into_active_model();
        row.scheduled_at = Set(to.scheduled_at);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        self.moved(id, to).await?;
        // a report that came in time for the day it was asked for stays in time
        let due = || Condition::all().add(R::ConferenceId.eq(id)).add(R::ReceivedAt.is_null());
        let open = report_request::Entity::find().filter(due()).all(&self.inner).await?;
        report_request::Entity::update_many()
            .col_expr(R::DueAt, Expr::val(report_due_at))
            .filter(due())
            .exec(&self.inner)
            .await?;
        invitation::Entity::update_many()
            .col_expr(invitation::Column::ReportDueAt, Expr::val(report_due_at))
            .filter(invitation::Column::Id.is_in(open.iter().map(|request| request.invitation_id)))
            .exec(&self.inner)
            .await?;
        let asked = |row: report_request::Model| ReportAsked { id: row.id, agency: row.agency_id, child: row.child_id };
        Ok(open.into_iter().map(asked).collect())
    }

    /// Writes that a conference is not held, and has what its invitations and posts opened close.
    pub async fn cancel_conference(
        &self,
        permit: Permit<CancelConference, conference::Model>,
        closes_at: DateTime<Utc>,
    ) -> Result<()> {
        let (id, version) = (permit.row.id, permit.row.version);
        let mut row = permit.row.into_active_model();
        row.status = Set(of_conference::CANCEL.to);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        // a report that did not come is not missed by anybody
        report_request::Entity::update_many()
            .set(report_request::ActiveModel { lapsed_at: Set(Some(self.who().at)), ..Default::default() })
            .filter(report_request::Column::ConferenceId.eq(id))
            .exec(&self.inner)
            .await?;
        invitation::Entity::update_many()
            .set(invitation::ActiveModel { report_due_at: Set(None), ..Default::default() })
            .filter(invitation::Column::ConferenceId.eq(id))
            .filter(invitation::Column::ReportReceivedAt.is_null())
            .exec(&self.inner)
            .await?;
        self.cut_all(involvement::Column::ConferenceId.eq(id), closes_at).await
    }

    /// Moves the invitations to a conference, with the notice they have of the new time, and what they and the posts give.
    async fn moved(&self, id: ConferenceId, to: NewTime) -> Result<()> {
        use involvement::Column as I;
        // who came to a session that ended is written with its adjournment; the next is attended anew
        invitation::Entity::update_many()
            .set(invitation::ActiveModel {
                scheduled_at: Set(to.scheduled_at),
                notice_working_days: Set(Sealed::new(to.notice_working_days)),
                attendance: Set(None),
                ..Default::default()
            })
            .col_expr(invitation::Column::Version, Expr::col(invitation::Column::Version).add(1))
            .filter(invitation::Column::ConferenceId.eq(id))
            .exec(&self.inner)
            .await?;
        let of = || Condition::all().add(I::ConferenceId.eq(id));
        self.end_all(of().add(I::Basis.eq(Basis::ConferenceInvitation)), to.invitations_end_at).await?;
        self.end_all(of().add(I::Basis.is_in([Basis::Chair, Basis::MinuteTaker])), to.posts_end_at).await
    }

    /// Writes whether invited agencies took part in a meeting, with the reason they gave where it is said.
    pub(super) async fn attended(
        &self,
        meeting: &Expr,
        entries: impl Iterator<Item = (AgencyId, Attendance, Option<String>)>,
    ) -> Result<()> {
        for (agency, attendance, reason) in entries {
            // what the agency wrote itself stands where the minutes say nothing
            let apologies_reason = reason.map_or(NotSet, |reason| Set(Sealed::new(Some(reason))));
            invitation::Entity::update_many()
                .set(invitation::ActiveModel {
                    attendance: Set(Some(attendance)),
                    apologies_reason,
                    ..Default::default()
                })
                .col_expr(invitation::Column::Version, Expr::col(invitation::Column::Version).add(1))
                .filter(meeting.clone())
                .filter(invitation::Column::AgencyId.eq(agency))
                .exec(&self.inner)
                .await?;
        }
        Ok(())
    }

    /// Writes the outcome for each child, closes the conference and says when what it opened closes. Plans are written by [`Tx::make_plan`] and
    /// [`Tx::end_plan`].
    pub async fn record_conference_outcome(
        &self,
        permit: Permit<RecordConferenceOutcome, conference::Model>,
        summary: Option<String>,
        outcomes: &[ChildOutcome],
        (invitations_end_at, posts_end_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<()> {
        let (id, version, at) = (permit.row.id, permit.row.version, self.who().at);
        for each in outcomes {
            conference_child::Entity::update_many()
                .set(conference_child::ActiveModel {
                    outcome: Set(Sealed::new(Some(each.outcome))),
                    abuse_category: Set(Sealed::new(each.category)),
                    participation: Set(Sealed::new(each.participation)),
                    decided_at: Set(Some(at)),
                    ..Default::default()
                })
                .filter(conference_child::Column::ConferenceId.eq(id))
                .filter(conference_child::Column::ChildId.eq(each.child))
                .exec(&self.inner)
                .await?;
        }
        let mut row = permit.row.into_active_model();
        row.status = Set(of_conference::CONCLUDE.to);
        row.summary = Set(Sealed::new(summary));
        row.concluded_at = Set(Some(at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        self.end_conference_invitations(id, invitations_end_at).await?;
        self.end_conference_posts(id, posts_end_at).await
    }
}

/// The reviews of children that were held and decided: whose, and when.
pub(super) async fn concluded_reviews<C: ConnectionTrait>(
    db: &C,
    children: impl IntoIterator<Item = ChildId>,
) -> Result<Vec<(ChildId, DateTime<Utc>)>> {
    let rows = conference_child::Entity::find()
        .select_only()
        .column(conference_child::Column::ChildId)
        .column(conference::Column::ScheduledAt)
        .join(
            JoinType::InnerJoin,
            conference_child::Entity::belongs_to(conference::Entity)
                .from(conference_child::Column::ConferenceId)
                .to(conference::Column::Id)
                .into(),
        )
        .filter(conference_child::Column::ChildId.is_in(children))
        .filter(conference::Column::Kind.eq(Kind::Review))
        .filter(conference::Column::Status.eq(Status::Concluded))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}
