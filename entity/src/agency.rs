//! An agency around the child.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AgencyId, LocalAuthorityId};

codes! {
    /// What the agency does.
    pub enum Kind { Csc, Police, Health, Education, EarlyHelp, Probation, Housing, Voluntary, Legal, OtherLa }
}

codes! {
    /// Whether a relationship of the agency opens a child to all its posts or to the named professional only.
    pub enum ScopeMode { Agency, Named }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "agency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgencyId,
    pub local_authority_id: LocalAuthorityId,
    pub name: String,
    pub kind: Kind,
    pub scope_mode: ScopeMode,
    /// Work address of the safeguarding lead's desk.
    pub safeguarding_email: String,
    pub active: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
