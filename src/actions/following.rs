//! What follows from what a conference has written down is made due, met or lapses with what stands on its record.

use chrono::{DateTime, Utc};
use entity::deadline::Kind;
use entity::id::{ChildId, ConferenceId};
use entity::plan;

use super::due::Dues;
use crate::clock::{london_day, noon};
use crate::error::Result;
use crate::practice::following::{FOLLOWING, following};
use crate::practice::gaps::Sheet;
use crate::store::Tx;
use crate::store::deadline::About;
use crate::store::record::RecordId;

/// Brings what is due in line with the record of a conference as it stands now: what is asked for and was not made is made,
/// and met at once where what meets it is there already; what is not asked for any more lapses. What was met stays so, and is
/// not made again.
pub(super) async fn follow(tx: &Tx, conference: ConferenceId) -> Result<()> {
    let sheet = tx.sheet(RecordId::Conference(conference)).await?;
    let Some(held_at) = sheet.meeting_at else { return Ok(()) };
    let about = About { conference: Some(conference), ..About::default() };
    let (asked, standing) = (following(&sheet), tx.standing_deadlines(&FOLLOWING, conference).await?);
    for kind in FOLLOWING {
        let gone = standing.iter().filter(|each| each.0 == kind && !asked.contains(each));
        let gone: Vec<ChildId> = gone.map(|(_, child)| *child).collect();
        tx.lapsed(&[kind], &gone, about, tx.who().at).await?;
    }
    let new: Vec<_> = asked.into_iter().filter(|each| !standing.contains(each)).collect();
    let mut dues = Dues::own(tx, about).await?;
    for (kind, child) in &new {
        dues.add(&[*kind], *child, held_at);
    }
    dues.write().await?;
    for (kind, child) in &new {
        let met = match kind {
            Kind::FollowOnPlan => plan_since(tx, *child, held_at).await?,
            _ => said_at(tx, &sheet, *kind, *child),
        };
        if let Some(at) = met {
            tx.met(&[*kind], &[*child], about, at).await?;
        }
    }
    Ok(())
}

/// When a child in need plan was made that is there since a conference. Of a plan the day is known: on that of the
/// conference it was made after it.
async fn plan_since(tx: &Tx, child: ChildId, held_at: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let plans = tx.open_plans(&[child]).await?;
    let follows = |plan: &&plan::Model| plan.kind == plan::Kind::Cin && plan.starts_on >= london_day(held_at);
    Ok(plans.get(&child).filter(follows).map(|plan| noon(plan.starts_on).max(held_at).min(tx.who().at)))
}

/// When a record says that something was done that meets a deadline.
fn said_at(tx: &Tx, sheet: &Sheet, kind: Kind, child: ChildId) -> Option<DateTime<Utc>> {
    let practice = tx.scope().store().practice();
    let items = practice.standards.items();
    let meets = |item: &str| items.get(item).is_some_and(|item| item.meets.contains(&kind));
    let of = sheet.said.iter().filter(|said| meets(&said.item) && said.subject.child.is_none_or(|id| id == child));
    of.filter_map(|said| said.at).min()
}
