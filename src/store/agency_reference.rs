//! How agencies name children in their own systems.

use entity::agency_reference::{self, Column as C};
use entity::child;
use entity::id::{AgencyReferenceId, ChildId};
use entity::sealed::Sealed;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};

use super::Tx;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::SetAgencyReference;

impl Tx {
    /// How the writer's agency names a child, or named it.
    pub async fn agency_reference(&self, child: ChildId) -> Result<Option<agency_reference::Model>> {
        let select = self.rows::<agency_reference::Entity>().filter(C::ChildId.eq(child));
        Ok(select.limit(1).all().await?.pop())
    }

    /// True if the writer's agency names another child so.
    pub async fn names_another(&self, reference: &str, child: ChildId) -> Result<bool> {
        // SECURITY: widened scope; one bit leaves this function, about a word of the writer's own agency: which child it is
        // is not told, and a person of the agency who does not work with that child hears no more than that
        let row = agency_reference::Entity::find()
            .filter(C::AgencyId.eq(self.who().agency))
            .filter(C::Reference.eq(reference))
            .filter(C::ChildId.ne(child))
            .one(&self.inner)
            .await?;
        Ok(row.is_some())
    }

    /// Names a child for the writer's agency, or clears the name.
    pub async fn set_agency_reference(
        &self,
        permit: Permit<SetAgencyReference, child::Model>,
        before: Option<agency_reference::Model>,
        reference: Option<String>,
    ) -> Result<()> {
        let (practitioner, agency, at) = (self.who().practitioner, self.who().agency, self.who().at);
        if let Some(before) = before {
            let version = before.version + 1;
            let mut row = before.into_active_model();
            row.reference = Set(Sealed::new(reference));
            row.set_by = Set(practitioner);
            row.set_at = Set(at);
            row.version = Set(version);
            row.update(&self.inner).await?;
            return Ok(());
        }
        agency_reference::ActiveModel {
            id: Set(AgencyReferenceId(self.new_id())),
            agency_id: Set(agency),
            child_id: Set(permit.row.id),
            reference: Set(Sealed::new(reference)),
            set_by: Set(practitioner),
            set_at: Set(at),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }
}
