//! Reports to conferences: asked, in time, late, missing.

use chrono::{DateTime, Days, Duration, Utc};
use entity::chronology_row::{self, Kind, Precision};
use entity::conference_child::AbuseCategory;
use entity::conference_report::{self, Recommendation, State};
use entity::id::{ChronologyRowId, ConferenceReportId, FamilyCopyId, ReportAnswerId, ReportRequestId};
use entity::sealed::Sealed;
use entity::{family_copy, invitation, report_answer, report_request};
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::Maker;
use super::ids::mint;
use super::story::{Decided, Family};
use super::texts::Theme;
use crate::clock::london_day;
use crate::event::Event;
use crate::practice::calendar::Calendar;

impl Maker<'_> {
    /// Asks the agency of an invitation for a report about each child; answers when the last of them was there.
    pub fn reports(
        &mut self,
        family: &Family<'_>,
        seat: usize,
        invitation: &invitation::Model,
        decided: &[Decided],
    ) -> Option<DateTime<Utc>> {
        let (Some(due_at), Some(conference_id)) = (invitation.report_due_at, invitation.conference_id) else {
            return None;
        };
        let only = family.partner(seat).and_then(|(_, seat)| seat.only);
        let received = self.received(family, seat, invitation, due_at);
        let mut last = received;
        for each in decided.iter().filter(|d| only.is_none_or(|kid| kid == d.kid)) {
            let Some(kid) = family.kids.get(each.kid) else { continue };
            // one report of several is forgotten now and then, and then the agency has not reported
            let forgotten = !family.is_first && only.is_none() && self.rng.random_bool(0.02);
            let received_at =
                received.filter(|_| !forgotten).map(|at| at + Duration::minutes(self.rng.random_range(0..20)));
            last = last.zip(received_at).map(|(last, at)| last.max(at));
            let request = report_request::Model {
                id: ReportRequestId(mint(self.rng, invitation.invited_at)),
                conference_id,
                child_id: kid.id,
                agency_id: invitation.agency_id,
                invitation_id: invitation.id,
                asked_at: invitation.invited_at,
                due_at,
                received_at,
                lapsed_at: None,
            };
            self.report(family, &kid.name, &request, invitation);
            self.rows.requests.push(request);
        }
        last
    }

    /// When an agency's reports arrive, if they do.
    fn received(
        &mut self,
        family: &Family<'_>,
        seat: usize,
        invitation: &invitation::Model,
        due_at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let (partner, _) = family.partner(seat)?;
        let hours = if family.is_first {
            -20
        } else if self.rng.random_bool(partner.habits.unreported) {
            return None;
        } else if self.rng.random_bool(partner.habits.late) {
            self.rng.random_range(1..40)
        } else {
            -self.rng.random_range(2..60)
        };
        let earliest = invitation.invited_at + Duration::minutes(self.rng.random_range(60..180));
        let at = (due_at + Duration::hours(hours)).max(earliest);
        // after the conference nobody takes it any more; what is not sent before today is still to come
        let last = (invitation.scheduled_at - Duration::minutes(25)).min(self.days.start - Duration::minutes(25));
        (at < last).then_some(at)
    }

    fn report(
        &mut self,
        family: &Family<'_>,
        name: &str,
        request: &report_request::Model,
        invitation: &invitation::Model,
    ) {
        let (Some(at), Some(author_id)) = (request.received_at, invitation.practitioner_id) else { return };
        let theme = self.theme_of(family);
        let id = ConferenceReportId(mint(self.rng, at));
        let released_at = self.released(family, at, invitation.scheduled_at);
        let rng = &mut *self.rng;
        let recommendation = match rng.random_range(0..10) {
            0..6 => Some(Recommendation::CpPlan),
            6..8 => Some(Recommendation::NoCpPlan),
            8 => Some(Recommendation::Undecided),
            _ => None,
        };
        let shared = rng.random_bool(0.8).then(|| london_day(at));
        let (came, due) = (london_day(at), london_day(request.due_at - Duration::microseconds(1)));
        let early = Calendar::embedded().early(came, due).ok();
        self.rows.reports.push(conference_report::Model {
            id,
            report_request_id: request.id,
            conference_id: request.conference_id,
            child_id: request.child_id,
            agency_id: request.agency_id,
            author_id,
            version: 1,
            state: if released_at.is_some() { State::Released } else { State::Submitted },
            involvement: Sealed::new(Theme::involvement(rng, name)),
            worries: Sealed::new(theme.worries(rng, name)),
            strengths: Sealed::new(Theme::strengths(rng, name)),
            child_voice: Sealed::new(rng.random_bool(0.7).then(|| Theme::voice(rng, name))),
            family_views: Sealed::new(rng.random_bool(0.5).then(|| Theme::family(rng, name))),
            what_must_change: Sealed::new(rng.random_bool(0.8).then(|| theme.must_change(rng, name))),
            safety_score: Sealed::new(rng.random_bool(0.95).then(|| rng.random_range(0..=10))),
            recommendation: Sealed::new(recommendation),
            shared_with_family_on: shared,
            submitted_at: at,
            released_at,
            receipt: format!("{:032x}{:032x}", rng.random::<u128>(), rng.random::<u128>()),
            template: "GENERAL".to_owned(),
            template_version: 1,
            revision: 1,
            working_days_early: early,
            after_conference: false,
            due_at: Some(request.due_at),
            agreed_by: None,
            agreed_on: None,
            signed_by: None,
            signed_at: None,
            reason: Sealed::new(None),
            withdrawn_at: None,
            withdrawn_by: None,
            withdrawn_because: Sealed::new(None),
        });
        self.feed.tell(family.place.authority, at, Event::ConferenceReportSubmitted(id));
        self.detail(family, (name, theme), self.rows.reports.len() - 1);
    }

    /// What some reports say besides: an answer, a chronology, and that the child was given its copy. From numbers of its own, so
    /// that everything else stays as it was.
    fn detail(&mut self, family: &Family<'_>, (name, theme): (&str, Theme), place: usize) {
        let Some(report) = self.rows.reports.get(place) else { return };
        let rng = &mut ChaCha8Rng::seed_from_u64(report.id.0.as_u64_pair().1);
        if !family.is_first && !rng.random_bool(0.1) {
            return;
        }
        let (at, of) = (report.submitted_at, (report.id, report.child_id, report.agency_id));
        self.rows.answers.push(report_answer::Model {
            id: ReportAnswerId(mint(rng, at)),
            conference_report_id: of.0,
            child_id: of.1,
            agency_id: of.2,
            item: "FUTURE_DANGER".to_owned(),
            text: Sealed::new(Some(format!("{} We fear that it goes on.", theme.worries(rng, name)))),
            choice: Sealed::new(None),
            number: Sealed::new(None),
            day: Sealed::new(None),
            third_party: false,
            locates: false,
        });
        for line in 0..3 {
            let kinds = [Kind::Contact, Kind::Visit, Kind::Event];
            self.rows.chronology.push(chronology_row::Model {
                id: ChronologyRowId(mint(rng, at)),
                conference_report_id: of.0,
                child_id: of.1,
                agency_id: of.2,
                line,
                occurred_on: london_day(at) - Days::new(rng.random_range(20..400)),
                precision: Precision::Day,
                ended_on: None,
                kind: kinds.into_iter().nth(usize::try_from(line).unwrap_or_default()).unwrap_or(Kind::Other),
                text: Sealed::new(theme.worries(rng, name)),
                source: Sealed::new("Record of the agency".to_owned()),
                response: Sealed::new(rng.random_bool(0.5).then(|| "Talked about with the mother.".to_owned())),
                third_party: line == 1,
                locates: line == 2 && family.is_first,
            });
        }
        let day = report.shared_with_family_on.filter(|_| family.is_first);
        self.rows.family_copies.extend(day.map(|_| family_copy::Model {
            id: FamilyCopyId(mint(rng, at)),
            conference_report_id: of.0,
            child_id: of.1,
            agency_id: of.2,
            person_id: None,
            left_out: 2,
            shared_at: at,
            shared_by: report.author_id,
            recorded_at: at,
        }));
    }

    /// Most agencies see what the family's worker sees; some see another side.
    fn theme_of(&mut self, family: &Family<'_>) -> Theme {
        if self.rng.random_bool(0.6) {
            return family.theme;
        }
        let category = match family.category {
            AbuseCategory::Neg => 0,
            AbuseCategory::Phy => 1,
            AbuseCategory::Sab => 2,
            AbuseCategory::Emo => 3,
            AbuseCategory::Mul => 4,
        };
        let other = if self.rng.random_bool(0.7) { category } else { 3 };
        Theme::of(self.rng, other)
    }

    /// The chair releases reports to the table before the conference; a few never are.
    fn released(
        &mut self,
        family: &Family<'_>,
        at: DateTime<Utc>,
        scheduled_at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let minutes = self.rng.random_range(5..(scheduled_at - at).num_minutes().max(6));
        let kept = !family.is_first && self.rng.random_bool(0.08);
        Some(at + Duration::minutes(minutes)).filter(|at| !kept && self.days.past(*at))
    }
}
