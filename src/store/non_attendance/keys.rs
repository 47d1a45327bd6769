//! What a bucket is of, and in which order buckets go.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use entity::agency::Kind as AgencyKind;
use entity::id::{AgencyId, PractitionerId, TeamId};
use entity::invitation::Meeting;

use super::{Bucket, Stage};

/// What a bucket is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketKey {
    /// First day of the month or quarter.
    pub month: Option<NaiveDate>,
    /// Kind of agency.
    pub agency_kind: Option<AgencyKind>,
    /// Agency.
    pub agency: Option<AgencyId>,
    /// Kind of meeting.
    pub meeting: Option<Meeting>,
    /// Who chairs.
    pub chair: Option<PractitionerId>,
    /// Which team.
    pub team: Option<TeamId>,
    /// Which stage.
    pub stage: Option<Stage>,
}

impl BucketKey {
    /// The key in letters, the same for the same bucket: its place in a list.
    pub fn word(&self) -> String {
        let day = self.month.map(|day| day.to_string()).unwrap_or_default();
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.simple().to_string()).unwrap_or_default();
        format!(
            "{day}|{:?}|{}|{:?}|{}|{}|{:?}",
            self.agency_kind,
            id(self.agency.map(|id| id.0)),
            self.meeting,
            id(self.chair.map(|id| id.0)),
            id(self.team.map(|id| id.0)),
            self.stage
        )
    }
}

/// What buckets are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Month, kind of agency, agency, kind of meeting, chair, team, stage.
    #[default]
    Key,
    /// Most invitations first.
    Invitations,
    /// Most missed first.
    Missed,
    /// Highest rate first.
    Rate,
    /// Highest rate of those with proper notice first.
    AdjustedRate,
}

impl Sort {
    /// What stands first; buckets of which it is not told come last.
    fn value(self, bucket: &Bucket) -> f64 {
        let counts = bucket.told.counts();
        let real = |n: Option<i64>| n.map_or(-1.0, |n| f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
        match self {
            Self::Key => 0.0,
            Self::Invitations => real(bucket.told.invitations()),
            Self::Missed => real(counts.map(super::Counts::missed)),
            Self::Rate => counts.and_then(|c| c.all().rate()).unwrap_or(-1.0),
            Self::AdjustedRate => counts.and_then(|c| c.adjusted().rate()).unwrap_or(-1.0),
        }
    }

    /// The place of a bucket: it does not move while others come and go.
    pub fn place(self, bucket: &Bucket) -> String {
        format!("{:016x}~{}", self.value(bucket).to_bits(), bucket.key.word())
    }

    /// The buckets in order, from after a place on; `None` if that is no place of this order.
    pub fn after(self, buckets: Vec<Bucket>, place: Option<&str>) -> Option<Vec<Bucket>> {
        let mut all: Vec<_> =
            buckets.into_iter().map(|bucket| (self.value(&bucket), bucket.key.word(), bucket)).collect();
        let order = |one: (f64, &str), two: (f64, &str)| two.0.total_cmp(&one.0).then_with(|| one.1.cmp(two.1));
        all.sort_by(|one, two| order((one.0, &one.1), (two.0, &two.1)));
        if let Some(place) = place {
            let (bits, word) = place.split_once('~')?;
            let value = f64::from_bits(u64::from_str_radix(bits, 16).ok()?);
            all.retain(|each| order((each.0, &each.1), (value, word)) == Ordering::Greater);
        }
        Some(all.into_iter().map(|(.., bucket)| bucket).collect())
    }
}

/// The first day of the month, or of the three months of a quarter, that a day lies in.
pub fn first_of(day: NaiveDate, months: u32) -> NaiveDate {
    let month = (day.month0() / months) * months + 1;
    NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
}
