//! The log of a webhook: what was sent, or not. Kinds and places in the feed, nothing of a person.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::event::Kind;
use crate::id::{AgencyId, WebhookDeliveryId, WebhookId};

codes! {
    /// What became of it.
    pub enum State { Retrying, Delivered, Dead, Replaying }
}

codes! {
    /// Why an attempt failed.
    pub enum Failure { HostNotAllowed, NameNotResolved, AddressRefused, Connection, Timeout, Redirect, Status, Gone, NotReadable }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    pub webhook_id: WebhookId,
    pub agency_id: AgencyId,
    /// The place of the event in the feed; of a call to begin anew, the place from which on it goes on.
    pub position: i64,
    /// What happened; nothing is said of a call to begin anew.
    pub kind: Option<Kind>,
    pub state: State,
    pub attempts: i64,
    pub first_at: Option<DateTimeUtc>,
    pub last_at: Option<DateTimeUtc>,
    /// What it was answered with last.
    pub status_code: Option<i32>,
    pub failure: Option<Failure>,
    pub made_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
