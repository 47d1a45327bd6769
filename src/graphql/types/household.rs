//! Households and the people in them.

use async_graphql::{Context, ID, Object};
use entity::category::{ByRow, Category, Depth};
use entity::sealed::{Disclose, Sealed};

use super::child::Child;
use super::codes::{AddressStatus, InformationCategory, Relationship};
use super::restricted::ReaderListing;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::policy::disclosure::{Cell, cell};
use crate::store::audit::ledger::Opening;
use crate::store::loaders::about::ListedFor;
use crate::store::loaders::{MembersOfHousehold, ReadersOfAddress};

/// The people who live at one address.
pub struct Household(pub entity::household::Model);

impl Household {
    /// The category the address belongs to.
    const fn address_category(&self) -> Category {
        match self.0.address_status {
            entity::household::AddressStatus::None => Category::Household,
            entity::household::AddressStatus::Withheld | entity::household::AddressStatus::Refuge => {
                Category::ProtectedAddress
            }
        }
    }

    /// What the reader may open here. Whether it is on the address's list is asked only where a list can open it.
    async fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        let reader = reader(ctx)?;
        let listable = cell(reader.scope().who().role, self.address_category()) == Cell::Listed;
        let listed = listable && reader.load(ListedFor(self.0.id)).await?.unwrap_or(false);
        Ok(reader.scope().disclosure(None).listed(listed))
    }

    /// A value that tells where the household is: of a protected address only to who says why.
    async fn locate(&self, ctx: &Context<'_>, value: &Sealed<String, ByRow>) -> Resolved<Option<String>> {
        let told = value.open_as(&self.disclosure(ctx).await?, self.address_category()).cloned();
        if told.is_some() && self.address_category() == Category::ProtectedAddress {
            reader(ctx)?.scope().require_reason()?;
        }
        Ok(told)
    }
}

/// The people who live at one address.
#[Object]
impl Household {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The address. Null where you may not read it; `withheld` then says so. A protected one is told to who says why:
    /// REASON_REQUIRED without X-Access-Reason.
    async fn address(&self, ctx: &Context<'_>) -> Option<String> {
        or_null(ctx, self.locate(ctx, &self.0.address).await)
    }

    /// The postcode, under the same rule as the address.
    async fn postcode(&self, ctx: &Context<'_>) -> Option<String> {
        or_null(ctx, self.locate(ctx, &self.0.postcode).await)
    }

    /// Whether the address is protected. A refuge is told as WITHHELD to those who may not read the address.
    async fn address_status(&self, ctx: &Context<'_>) -> Resolved<AddressStatus> {
        use entity::household::AddressStatus as Stored;
        Ok(match self.0.address_status {
            Stored::Refuge if !self.disclosure(ctx).await?.opens(Category::ProtectedAddress, Depth::Full) => {
                AddressStatus::Withheld
            }
            other => other.into(),
        })
    }

    /// Categories your role may not read here: a null field of these is withheld, not empty, and so is who is missing
    /// among the members.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = self
            .disclosure(ctx)
            .await?
            .withheld(&[(self.address_category(), Depth::Full), (Category::Household, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// Who may read a protected address besides social care, now and before: whole for those who may change the list, your
    /// own entries for others.
    async fn address_readers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReaderListing>> {
        below(ctx, (ReadersOfAddress, self.0.id), first, after.as_deref(), ReaderListing).await
    }

    /// Its members now and before. Children you do not work with are left out, and adults where your role has the
    /// summary of a household only; `withheld` then says HOUSEHOLD.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<HouseholdMember>> {
        below(ctx, (MembersOfHousehold, self.0.id), first, after.as_deref(), HouseholdMember).await
    }
}

/// Somebody's membership of a household.
pub struct HouseholdMember(pub entity::membership::Model);

/// Somebody's membership of a household.
#[Object]
impl HouseholdMember {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Relationship to the children of the household. Null where withheld.
    async fn relationship(&self, ctx: &Context<'_>) -> Resolved<Option<Relationship>> {
        Ok(self.0.relationship.open(&reader(ctx)?.scope().disclosure(None)).map(|r| (*r).into()))
    }

    /// True if the person has parental responsibility.
    async fn parental_responsibility(&self) -> bool {
        self.0.parental_responsibility
    }

    /// Since this day.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// Until before this day; null while it lasts.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// The child, where the member is a child you work with.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        let id = self.0.child_id?;
        loaded(ctx, id, Child).await
    }

    /// The adult or other relative, where the member is not a child.
    async fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        let id = self.0.person_id?;
        loaded(ctx, id, Person).await
    }
}

/// An adult of a household, or another relative.
pub struct Person(pub entity::person::Model);

/// An adult of a household, or another relative.
#[Object]
impl Person {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Given name. Null where withheld.
    async fn given_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.given_name.open(&reader(ctx)?.scope().disclosure(None)).cloned())
    }

    /// Family name. Null where withheld.
    async fn family_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.family_name.open(&reader(ctx)?.scope().disclosure(None)).cloned())
    }

    /// Date of birth. Null where unknown or withheld.
    async fn born_on(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.born_on.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten().map(Date))
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(Category::Household, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}
