//! The figures of those from whom small counts are kept: cut into fixed cells, by quarters that are over, and told by
//! `practice::suppression`.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::keys::first_of;
use super::{Bucket, BucketKey, Dimension, Question, Unit};
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::policy::disclosure::Cell;
use crate::practice::suppression::{Told, of_cell};
use crate::store::Scoped;

fn refuse<T>(argument: &str, message: &'static str) -> Result<T> {
    Err(Error::BadInput { argument: argument.into(), message })
}

impl Scoped {
    /// The buckets of a question, made of the cells that are told.
    pub(super) async fn kept_small(&self, question: &Question, cell: Cell) -> Result<Vec<Bucket>> {
        let own = cell == Cell::Own;
        check(question, own, london_day(self.who.at))?;
        if own && question.agency.is_some_and(|agency| agency != self.who.agency) {
            return Ok(Vec::new());
        }
        let whose = if own { Dimension::Agency } else { Dimension::AgencyKind };
        let finest = Question {
            by: vec![Dimension::Quarter, whose, Dimension::Meeting],
            agency: None,
            unit: Unit::Invitation,
            before: false,
            ..question.clone()
        };
        let (_, quarters) = finest.slices();
        let mut buckets: BTreeMap<BucketKey, Told> = BTreeMap::new();
        for ((slice, key), counts) in self.counts(&finest).await? {
            let Some(quarter) = usize::try_from(slice).ok().and_then(|i| quarters.get(i).copied()) else { continue };
            let key = BucketKey {
                month: question.has(Dimension::Quarter).then_some(quarter),
                agency_kind: key.agency_kind.filter(|_| question.has(Dimension::AgencyKind)),
                agency: key.agency.filter(|_| question.has(Dimension::Agency)),
                meeting: key.meeting.filter(|_| question.has(Dimension::Meeting)),
                ..BucketKey::default()
            };
            let told = buckets.entry(key).or_insert(Told::NONE);
            *told = told.and(of_cell(&counts));
        }
        Ok(buckets.into_iter().map(|(key, told)| Bucket { key, told, before: None }).collect())
    }
}

/// That a question is one of those that are answered: whole quarters that are over, in buckets of the cells.
fn check(question: &Question, own: bool, today: NaiveDate) -> Result<()> {
    if first_of(question.from, 3) != question.from {
        return refuse("filter.from", "Where small counts are kept, figures are of quarters: the first day of one.");
    }
    if first_of(question.until, 3) != question.until || question.until > first_of(today, 3) {
        return refuse("filter.until", "Where small counts are kept, figures are of quarters that are over.");
    }
    let others = [
        ("filter.chairId", question.chair.is_some()),
        ("filter.teamId", question.team.is_some()),
        ("filter.stage", question.stage.is_some()),
        ("filter.countBy", question.unit == Unit::Child),
        ("filter.agencyId", !own && question.agency.is_some()),
        ("filter.agencyKind", own && question.agency_kind.is_some()),
    ];
    if let Some((field, _)) = others.iter().find(|(_, asked)| *asked) {
        return refuse(field, "Where small counts are kept, this is not asked.");
    }
    let whose = if own { Dimension::Agency } else { Dimension::AgencyKind };
    let known = [Dimension::Quarter, Dimension::Meeting, whose];
    if question.by.iter().any(|dimension| !known.contains(dimension)) {
        return refuse(
            "groupBy",
            "Where small counts are kept, buckets are by quarter, kind of meeting, and own agency or kind.",
        );
    }
    Ok(())
}
