//! What is sent: that something happened, where it stands in the feed, and the ids of what it is about. Who is sent it asks the
//! API for more, as somebody.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::event;
use entity::id::TypedId;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::global::global;
use crate::store::place::Order;
use crate::store::webhook::RESYNC;
use crate::store::webhook::courier::Due;

#[derive(Serialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    cursor: String,
    about: Vec<String>,
}

/// The body of a message.
///
/// # Errors
/// `Internal` if the cursor cannot be sealed, which it can.
pub fn body(due: &Due, now: DateTime<Utc>) -> Result<String> {
    let cursor = due.scope.seal_place(Order::Feed, due.position)?;
    let (kind, at, about) = match &due.event {
        Some(event) => (event.kind.word(), event.occurred_at, about(event)),
        None => (RESYNC.to_owned(), now, Vec::new()),
    };
    let timestamp = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let message = Message { kind, timestamp, data: Data { cursor, about } };
    serde_json::to_string(&message).map_err(|error| Error::Internal(Box::new(error)))
}

/// The global ids of what an event is about, as its fields in the API. No `..`: of a column that comes it is decided here.
fn about(event: &event::Model) -> Vec<String> {
    let event::Model {
        // whose feed, where in it, and to whom it is told
        local_authority_id: _,
        position: _,
        id: _,
        kind: _,
        agency_id: _,
        audience: _,
        occurred_at: _,
        // who has a notice of it knows that there is one, and not which
        emergency_access_id: _,
        strategy_meeting_id,
        conference_id,
        invitation_id,
        conference_report_id,
        core_group_id,
        involvement_id,
        conflict_id,
        restricted_item_id,
        reader_listing_id,
        designation_id,
        export_id,
        access_review_id,
        allegation_id,
        transfer_share_id,
        deadline_id,
        enquiry_id,
        episode_id,
        plan_id,
        attachment_id,
        escalation_id,
        child_id,
    } = event;
    let all = [
        of(*strategy_meeting_id),
        of(*conference_id),
        of(*invitation_id),
        of(*conference_report_id),
        of(*core_group_id),
        of(*involvement_id),
        of(*conflict_id),
        of(*restricted_item_id),
        of(*reader_listing_id),
        of(*designation_id),
        of(*export_id),
        of(*access_review_id),
        of(*allegation_id),
        of(*transfer_share_id),
        of(*deadline_id),
        of(*enquiry_id),
        of(*episode_id),
        of(*plan_id),
        of(*attachment_id),
        of(*escalation_id),
        of(*child_id),
    ];
    all.into_iter().flatten().collect()
}

fn of<T: TypedId>(id: Option<T>) -> Option<String> {
    id.map(global)
}
