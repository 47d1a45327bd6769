//! The access record of a child: who opened it, when and why.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::id::ChildId;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{AccessDecision, AccessPurpose, AccessRole, InformationCategory};
use crate::auth::Grant;
use crate::error::Error;
use crate::graphql::connection::{Connection, Edge, page_args};
use crate::graphql::context::{Reader, reader, session};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed;
use crate::policy::disclosure::CATEGORIES;
use crate::policy::roles::Role;
use crate::store::place::Order;

/// One access to the record of a child.
pub struct AccessEvent {
    row: entity::audit::Model,
    full: bool,
}

/// One access to the record of a child, or to a conference, household or meeting the child belongs to.
#[Object]
impl AccessEvent {
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }

    /// Who.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.row.practitioner_id)).await
    }

    /// For which agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.row.agency_id).await
    }

    /// In which role.
    async fn role(&self) -> Option<AccessRole> {
        let role = Role::ALL.into_iter().find(|role| format!("{role:?}") == self.row.role);
        role.map(Into::into)
    }

    /// Why, as the caller said. Null where it did not.
    async fn purpose(&self) -> Option<AccessPurpose> {
        self.row.purpose.map(Into::into)
    }

    /// What became of it.
    async fn decision(&self) -> AccessDecision {
        self.row.decision.into()
    }

    /// The categories that were opened, as far as they can be told apart.
    async fn categories(&self) -> Vec<InformationCategory> {
        let opened = |category: &&entity::category::Category| {
            self.row.categories.split(' ').any(|word| word == format!("{category:?}"))
        };
        CATEGORIES.iter().filter(opened).map(|category| (*category).into()).collect()
    }

    /// The kind of thing that was opened, such as ConferenceReport. Null where you have the summary of the record only.
    async fn resource(&self) -> Option<&str> {
        self.full.then_some(&self.row.resource)
    }

    /// The name its operation has. Null where it has none, or where you have the summary of the record only.
    async fn operation_name(&self) -> Option<&str> {
        Some(self.row.operation.as_str()).filter(|name| self.full && !name.is_empty())
    }
}

/// An auditor reads how the record is used with a token that says so.
pub fn may_audit(ctx: &Context<'_>, reader: &Reader) -> Resolved<()> {
    if reader.scope().who().role == Role::Auditor && !session(ctx)?.principal().may(Grant::Audit) {
        return Err(Error::Denied("The token does not allow reading the access record.").into());
    }
    Ok(())
}

/// Root fields about the access record.
#[derive(Default)]
pub struct AccessQuery;

/// Root fields about the access record.
#[Object]
impl AccessQuery {
    /// Who opened the record of a child, newest first: for the allocated social worker and the chair of its conference
    /// in summary, for the managers of the case and for auditors in full. Reading this is recorded as well.
    async fn access_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The child.")] child_id: ID,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<AccessEvent>> {
        let first = page_args(first, None)?.first;
        let child = typed::<ChildId>(&child_id, "childId")?;
        let reader = reader(ctx)?;
        let bad = || Fault::argument("after", "This is not a cursor of the access record.");
        let place = |text| reader.scope().open_place(Order::AccessRecord, text).ok_or_else(bad);
        let before = after.as_deref().map(place).transpose()?;
        may_audit(ctx, &reader)?;
        let page = reader.scope().access_log(child, first, before).await?;
        let full = page.full;
        let edge = |row: entity::audit::Model| {
            let cursor = reader.scope().seal_place(Order::AccessRecord, row.sequence)?;
            Ok(Edge { cursor, node: AccessEvent { row, full } })
        };
        let edges = page.rows.into_iter().map(edge).collect::<Resolved<_>>()?;
        Ok(Connection { edges, before: before.is_some(), more: page.more })
    }
}
