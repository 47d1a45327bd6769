//! What one authority shows another of a child that moves there: frozen as it stood when it was shared.

use sea_orm::entity::prelude::*;

use crate::category::{DangerStatement, IdentityDetail, PlanDetail, RowRule};
use crate::id::{AgencyId, ChildId, LocalAuthorityId, PractitionerId, TransferShareId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_share")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TransferShareId,
    pub child_id: ChildId,
    pub from_authority_id: LocalAuthorityId,
    /// The social care that has the child.
    pub from_agency_id: AgencyId,
    pub to_authority_id: LocalAuthorityId,
    /// The social care that is to have the child.
    pub to_agency_id: AgencyId,
    pub shared_by: PractitionerId,
    pub shared_at: DateTimeUtc,
    pub reason: Sealed<String, RowRule>,
    /// By when the transfer-in conference is to be held.
    pub conference_due_at: DateTimeUtc,
    /// Who the child is, as JSON.
    pub identity: Sealed<String, IdentityDetail>,
    /// Danger and safety statement, as JSON.
    pub statements: Sealed<String, DangerStatement>,
    /// The plan with its actions and the last conference, as JSON.
    pub plan: Sealed<String, PlanDetail>,
    /// The agencies and professionals around the child, as JSON.
    pub contacts: Sealed<String, IdentityDetail>,
    pub accepted_by: Option<PractitionerId>,
    pub accepted_at: Option<DateTimeUtc>,
    /// Whom the receiving social care allocates.
    pub worker_id: Option<PractitionerId>,
    /// The transfer-in conference: since then the child is theirs.
    pub rights_from: Option<DateTimeUtc>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
