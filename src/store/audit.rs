//! The record of writes: a row for each, in the transaction of what it tells of.

use entity::audit;
use entity::id::AuditId;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use uuid::Uuid;

use super::Tx;
use crate::error::Result;
use crate::policy::actions::Action;

/// Writes who did `A` to which resource. Ids and words only.
pub(super) async fn record<A: Action>(tx: &Tx, resource: Uuid, noun: &'static str) -> Result<()> {
    let who = tx.who();
    audit::ActiveModel {
        id: Set(AuditId(tx.new_id())),
        at: Set(who.at),
        practitioner_id: Set(who.practitioner),
        agency_id: Set(who.agency),
        role: Set(format!("{:?}", who.role)),
        action: Set(A::NAME.to_owned()),
        resource_kind: Set(noun.to_owned()),
        resource_id: Set(resource),
        request_id: Set(tx.request()),
    }
    .insert(&tx.inner)
    .await?;
    Ok(())
}
