//! Where an agency that cannot hold a connection is sent what happens.

use sea_orm::entity::prelude::*;

use crate::appointment::Post;
use crate::codes::codes;
use crate::id::{AgencyId, LocalAuthorityId, PractitionerId, WebhookId};

codes! {
    /// Where it stands.
    pub enum State { Active, Paused, Suspended, Gone, Removed }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    pub local_authority_id: LocalAuthorityId,
    pub agency_id: AgencyId,
    pub url: String,
    /// Words of kinds of events with a blank between; all kinds where nothing is said.
    pub kinds: Option<String>,
    /// Whose rights decide what is sent: who registered it, or took it over.
    pub practitioner_id: PractitionerId,
    /// In which post at the agency.
    pub post: Post,
    /// Since when it follows that person.
    pub followed_since: DateTimeUtc,
    pub state: State,
    /// Up to here in the feed it was sent everything, or it was given up.
    pub position: i64,
    /// Counts secrets, from 1.
    pub secret_generation: i64,
    /// For a day after a change the secrets from this number on sign.
    pub secrets_from: i64,
    /// Who was told the secret.
    pub secret_told_to: PractitionerId,
    /// When the secret was changed last.
    pub secret_rotated_at: Option<DateTimeUtc>,
    /// Since when it is as active as it is: what happened before has as much time from then on.
    pub active_since: DateTimeUtc,
    /// Since when what is next could not be sent.
    pub failing_since: Option<DateTimeUtc>,
    /// How often what is next was tried in vain.
    pub attempts: i64,
    /// Not before this instant.
    pub next_at: DateTimeUtc,
    /// Which sender has it.
    pub lease: Option<Uuid>,
    /// Until when it is that sender's.
    pub leased_until: Option<DateTimeUtc>,
    pub registered_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
