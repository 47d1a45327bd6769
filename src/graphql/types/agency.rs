//! Authorities, agencies and professionals.

use async_graphql::{Context, ID, Object};
use entity::category::Category;

use super::codes::{AgencyKind, PracticeProfileName};
use super::designation::Designation;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::loaders::DesignationsOfAgency;
use crate::store::loaders::about::AgencyAbout;

/// A local authority: the tenant whose children, meetings and feed these are.
pub struct LocalAuthority(pub entity::local_authority::Model);

/// A local authority: the tenant whose children, meetings and feed these are.
#[Object]
impl LocalAuthority {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Three digits, as in the national returns.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which local practice standards apply.
    async fn practice_profile(&self) -> PracticeProfileName {
        self.0.profile.into()
    }
}

/// An agency around the child.
pub struct Agency(pub entity::agency::Model);

/// An agency around the child.
#[Object]
impl Agency {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it does.
    async fn kind(&self) -> AgencyKind {
        self.0.kind.into()
    }

    /// Work address of its safeguarding lead's desk.
    async fn safeguarding_email(&self) -> &str {
        &self.0.safeguarding_email
    }

    /// False once it has left the partnership.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Who holds a duty here beside the post, latest first, past and to come as well. Where nobody is privacy officer now,
    /// the one of the authority's social care is.
    async fn designations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Designation>> {
        let list = (DesignationsOfAgency, self.0.id);
        below(ctx, list, first, after.as_deref(), Designation).await
    }

    /// The authority it works for.
    async fn local_authority(&self, ctx: &Context<'_>) -> Option<LocalAuthority> {
        loaded(ctx, self.0.local_authority_id, LocalAuthority).await
    }
}

/// A professional, or a system that speaks for its agency.
pub struct Practitioner(pub entity::practitioner::Model);

/// A professional, or a system that speaks for its agency.
#[Object]
impl Practitioner {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Full name.
    async fn full_name(&self) -> &str {
        &self.0.full_name
    }

    /// Post as the person signs it.
    async fn designation(&self) -> &str {
        &self.0.designation
    }
}

/// The agency of an id, for the fields of other types.
pub async fn agency(ctx: &Context<'_>, id: entity::id::AgencyId) -> Option<Agency> {
    loaded(ctx, id, Agency).await
}

/// The professional of an id, for the fields of other types.
pub async fn practitioner(ctx: &Context<'_>, id: Option<entity::id::PractitionerId>) -> Option<Practitioner> {
    let id = id?;
    loaded(ctx, id, Practitioner).await
}

/// The agency in what is said of a child: null where knowing it would tell the reader where the child is.
pub async fn agency_about(
    ctx: &Context<'_>,
    child: entity::id::ChildId,
    agency: entity::id::AgencyId,
) -> Option<Agency> {
    loaded(ctx, AgencyAbout { child, agency }, Agency).await
}

/// The professional of such an agency: null where the agency is.
pub async fn practitioner_about(
    ctx: &Context<'_>,
    child: entity::id::ChildId,
    agency: entity::id::AgencyId,
    person: Option<entity::id::PractitionerId>,
) -> Option<Practitioner> {
    agency_about(ctx, child, agency).await?;
    practitioner(ctx, person).await
}

/// What a null agency of [`agency_about`] stands for.
pub async fn withheld_about(
    ctx: &Context<'_>,
    child: entity::id::ChildId,
    agency: entity::id::AgencyId,
) -> Resolved<Option<Category>> {
    let told = reader(ctx)?.load(AgencyAbout { child, agency }).await?;
    Ok(told.is_none().then_some(Category::ProtectedAddress))
}

/// Root fields about agencies.
#[derive(Default)]
pub struct AgencyQuery;

/// Root fields about agencies.
#[Object]
impl AgencyQuery {
    /// The agencies of your authority, by name.
    async fn agencies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only agencies of this kind.")] kind: Option<AgencyKind>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Agency>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let page =
            reader.scope().page(reader.scope().agencies(kind.map(Into::into)), &args).await.map_err(Fault::from)?;
        Ok(connect::<entity::agency::Entity, _>(Some(page), &args, Agency))
    }
}
