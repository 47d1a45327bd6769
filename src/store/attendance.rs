//! Who is at the table of a conference or a strategy meeting: whether that makes a quorum, what the replies let expect, and
//! who is asked why they stayed away.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::agency;
use entity::id::{AgencyId, ChildId, ConferenceId, InvitationId, StrategyMeetingId};
use entity::invitation::{self, Attendance, Reply};
use entity::{conference, conference_child, strategy_meeting};
use sea_orm::ColumnTrait;

use super::Scoped;
use crate::clock::london_day;
use crate::error::Result;
use crate::practice::attendance::{Followed, Reading, missed_running};
pub use crate::practice::attendance::{PATTERN, Stayed};
pub use crate::practice::quorum::{Count, Seat, Uncounted};
use crate::practice::quorum::{Quorum, took_part};

/// Who is needed at the table, and whether they are there.
#[derive(Clone, Debug)]
pub struct AtTheTable {
    /// The rule, what it asks, and where it stands.
    pub rule: String,
    /// What it asks, and where it stands.
    pub words: Option<(String, String)>,
    /// How many kinds of agency.
    pub least: Option<u16>,
    /// Which kinds among them.
    pub kinds: Vec<agency::Kind>,
    /// Who is counted, who is not and why, and what is missing: by who came, once that is recorded; by the replies until
    /// then.
    pub count: Count,
    /// The same in a sentence.
    pub explained: String,
    /// False once it is recorded who came: until then it is a forecast.
    pub forecast: bool,
}

/// Somebody who is asked why.
#[derive(Clone, Copy, Debug)]
pub struct Absent {
    /// The invitation.
    pub invitation: InvitationId,
    /// The agency.
    pub agency: AgencyId,
    /// What it is asked about.
    pub stayed: Stayed,
    /// What was recorded.
    pub attendance: Attendance,
    /// When its report came.
    pub report_received_at: Option<DateTime<Utc>>,
    /// How many conferences about one of these children it missed in a row, this one among them.
    pub running: usize,
}

/// Who is or was at the table of a conference.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The quorum, where the authority sets one.
    pub quorum: Option<AtTheTable>,
    /// Who is asked why; `None` where the authority does not ask, or not yet.
    pub absent: Option<Vec<Absent>>,
}

impl Scoped {
    /// Who is or was at the table of conferences, for who may read what agencies answered.
    pub(super) async fn tables_of(&self, ids: &[ConferenceId]) -> Result<HashMap<ConferenceId, Table>> {
        use invitation::Column as I;
        let rows = self.rows::<conference::Entity>().all_named(ids).await?;
        let invited =
            self.rows::<invitation::Entity>().filter(I::ConferenceId.is_in(ids.iter().copied())).all().await?;
        let kinds = self.kinds_of(&invited).await?;
        let earlier = self.earlier(&rows).await?;
        let (practice, profile) = (&self.store.practice, self.profile().await?);
        let mut tables = HashMap::new();
        for row in rows {
            let here: Vec<_> = invited.iter().filter(|each| each.conference_id == Some(row.id)).collect();
            let recorded = here.iter().any(|each| each.attendance.is_some());
            let there: Vec<_> = here.iter().filter_map(|each| self.seat(each, &kinds, recorded)).collect();
            let on = london_day(row.scheduled_at);
            let quorum = practice.conference_quorum(profile, on);
            let quorum = quorum.map(|quorum| self.at_the_table(quorum, &there, recorded));
            let reading = practice.follow_up(profile, on).filter(|_| recorded);
            let absent = reading.map(|reading| {
                let each = here.iter().filter_map(|each| absent(each, reading, &earlier));
                each.collect()
            });
            tables.insert(row.id, Table { quorum, absent });
        }
        Ok(tables)
    }

    /// Who is or was at the table of strategy meetings (WAR-SM-08), for who may read what agencies answered. Social care,
    /// which leads, is there.
    pub(super) async fn strategy_tables_of(
        &self,
        ids: &[StrategyMeetingId],
    ) -> Result<HashMap<StrategyMeetingId, AtTheTable>> {
        use invitation::Column as I;
        let rows = self.rows::<strategy_meeting::Entity>().all_named(ids).await?;
        let of = I::StrategyMeetingId.is_in(rows.iter().map(|row| row.id));
        let invited = self.rows::<invitation::Entity>().filter(of).all().await?;
        let kinds = self.kinds_of(&invited).await?;
        let (practice, profile) = (&self.store.practice, self.profile().await?);
        let mut tables = HashMap::new();
        for row in rows {
            let here: Vec<_> = invited.iter().filter(|each| each.strategy_meeting_id == Some(row.id)).collect();
            let recorded = row.quorate.is_some();
            let lead = Seat { agency: row.agency_id, kind: agency::Kind::Csc, attendance: Attendance::InPerson };
            let there = here.iter().filter_map(|each| self.seat(each, &kinds, recorded));
            let there: Vec<_> = std::iter::once(lead).chain(there).collect();
            let on = london_day(row.held_at.unwrap_or(row.scheduled_at));
            if let Some(quorum) = practice.strategy_quorum(profile, on) {
                tables.insert(row.id, self.at_the_table(quorum, &there, recorded));
            }
        }
        Ok(tables)
    }

    /// What kind of agency each of those is that were invited.
    async fn kinds_of(&self, invited: &[invitation::Model]) -> Result<HashMap<AgencyId, agency::Kind>> {
        let agencies: BTreeSet<AgencyId> = invited.iter().map(|row| row.agency_id).collect();
        let agencies: Vec<_> = agencies.into_iter().collect();
        let agencies = self.rows::<agency::Entity>().all_named(&agencies).await?;
        Ok(agencies.into_iter().map(|row| (row.id, row.kind)).collect())
    }

    /// Who was invited, and whether they came or are expected to. Nothing where the reply is withheld.
    fn seat(&self, row: &invitation::Model, kinds: &HashMap<AgencyId, agency::Kind>, recorded: bool) -> Option<Seat> {
        let (agency, kind) = (row.agency_id, *kinds.get(&row.agency_id)?);
        Some(Seat { agency, kind, attendance: self.expected(row, recorded)? })
    }

    /// What was recorded of an invitation, or what its reply lets expect. Nothing where the reply is withheld.
    fn expected(&self, row: &invitation::Model, recorded: bool) -> Option<Attendance> {
        if recorded {
            return Some(row.attendance.unwrap_or(Attendance::NoWord));
        }
        let reply = row.reply.open(&self.disclosure(Some(row.agency_id)))?;
        Some(match reply {
            Reply::Attending => Attendance::InPerson,
            Reply::AttendingRemotely => Attendance::Remote,
            Reply::SendingDeputy => Attendance::Deputy,
            Reply::Apologies => Attendance::Apologies,
            Reply::Awaited => Attendance::NoWord,
        })
    }

    fn at_the_table(&self, quorum: Quorum<'_>, there: &[Seat], recorded: bool) -> AtTheTable {
        let rule = self.store.practice.standards.rule(quorum.rule());
        let count = quorum.counts(there);
        AtTheTable {
            rule: quorum.rule().to_owned(),
            words: rule.map(|rule| (rule.says.clone(), rule.about.clone())),
            least: quorum.least(),
            kinds: quorum.kinds().to_vec(),
            explained: quorum.explained(&count),
            count,
            forecast: !recorded,
        }
    }

    /// Who was asked to the conferences about the same children before these, newest first.
    async fn earlier(&self, rows: &[conference::Model]) -> Result<Earlier> {
        use conference_child::Column as C;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let about = self.rows::<conference_child::Entity>().filter(C::ConferenceId.is_in(ids)).all().await?;
        let children: BTreeSet<ChildId> = about.iter().map(|row| row.child_id).collect();
        let of_children = self.rows::<conference_child::Entity>().filter(C::ChildId.is_in(children)).all().await?;
        let named: BTreeSet<ConferenceId> = of_children.iter().map(|row| row.conference_id).collect();
        let named: Vec<_> = named.into_iter().collect();
        let held = self.rows::<conference::Entity>().all_named(&named).await?;
        let asked = invitation::Column::ConferenceId.is_in(named);
        let invited = self.rows::<invitation::Entity>().filter(asked).all().await?;
        Ok(Earlier { of_children, held, invited })
    }
}

/// Conferences about the same children.
struct Earlier {
    of_children: Vec<conference_child::Model>,
    held: Vec<conference::Model>,
    invited: Vec<invitation::Model>,
}

impl Earlier {
    /// How many conferences in a row an agency missed, up to one, about the child of it for whom that is most.
    fn running(&self, row: &invitation::Model) -> usize {
        let Some(id) = row.conference_id else { return 0 };
        let about = self.of_children.iter().filter(|each| each.conference_id == id).map(|each| each.child_id);
        let of_child = |child: ChildId| {
            let conferences: BTreeSet<_> =
                self.of_children.iter().filter(|each| each.child_id == child).map(|each| each.conference_id).collect();
            let mut held: Vec<_> = self
                .held
                .iter()
                .filter(|each| conferences.contains(&each.id) && each.scheduled_at <= row.scheduled_at)
                .filter_map(|each| {
                    let of = |i: &&invitation::Model| {
                        i.conference_id == Some(each.id) && i.agency_id == row.agency_id && i.attendance.is_some()
                    };
                    Some((each.scheduled_at, self.invited.iter().find(of)?.attendance?))
                })
                .collect();
            held.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
            missed_running(held.into_iter().map(|(_, attendance)| attendance))
        };
        about.map(of_child).max().unwrap_or(0)
    }
}

fn absent(row: &invitation::Model, reading: Reading, earlier: &Earlier) -> Option<Absent> {
    let attendance = row.attendance?;
    let followed = Followed {
        came: took_part(attendance),
        report_asked: row.report_due_at.is_some(),
        report_came: row.report_received_at.is_some(),
    };
    Some(Absent {
        invitation: row.id,
        agency: row.agency_id,
        stayed: followed.asked_why(reading)?,
        attendance,
        report_received_at: row.report_received_at,
        running: earlier.running(row),
    })
}
