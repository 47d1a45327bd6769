//! Children, and the relationships to them.

use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::agency_reference::AgencyReferenceSummary;
use super::codes::{InformationCategory, InvolvementBasis, Sex};
use super::conference::ConferenceChild;
use super::conflict::Conflict;
use super::deadline::Deadline;
use super::enquiry::Enquiry;
use super::episode::Episode;
use super::household::Household;
use super::plan::Plan;
use super::restricted::RestrictedItem;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved, found};
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::{Date, plain};
use crate::store::audit::ledger::Opening;
use crate::store::child::FindBy;
use crate::store::loaders::{
    AgencyReferenceOf, ConferencesOfChild, ConflictsOfChild, CurrentPlanOf, DeadlinesOfChild, EnquiriesOfChild,
    EpisodesOfChild, HouseholdOf, InvolvementsOfChild, ItemsOfChild, PlansOfChild,
};
use crate::store::page::Listing;

/// A child, born or expected.
pub struct Child(pub entity::child::Model);

fn disclosure(ctx: &Context<'_>) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(None))
}

/// A child, born or expected. Visible to those whose role and relationship reach the child; to all others absent.
#[Object]
impl Child {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The authority's own reference.
    async fn local_reference(&self) -> &str {
        &self.0.local_reference
    }

    /// How your own agency names the child; null where it has set none. No other agency sees it.
    async fn agency_reference(&self, ctx: &Context<'_>) -> Option<AgencyReferenceSummary> {
        loaded(ctx, AgencyReferenceOf(self.0.id), AgencyReferenceSummary).await
    }

    /// Given name. Null where withheld.
    async fn given_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.given_name.open(&disclosure(ctx)?).cloned())
    }

    /// Family name. Null where withheld.
    async fn family_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.family_name.open(&disclosure(ctx)?).cloned())
    }

    /// Date of birth. Null until birth, or where withheld.
    async fn born_on(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.born_on.open(&disclosure(ctx)?).copied().flatten().map(Date))
    }

    /// Expected date of birth of an unborn child.
    async fn expected_on(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.expected_on.open(&disclosure(ctx)?).copied().flatten().map(Date))
    }

    /// The day the child died. Null where it lives, or where withheld.
    async fn died_on(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.died_on.open(&disclosure(ctx)?).copied().flatten().map(Date))
    }

    /// Sex as in the national returns; U for an unborn child.
    async fn sex(&self) -> Sex {
        self.0.sex.into()
    }

    /// Ethnicity code of the national returns. Null where withheld.
    async fn ethnicity(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.ethnicity.open(&disclosure(ctx)?).map(|code| code.word()))
    }

    /// First language. Null where unknown or withheld.
    async fn first_language(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.first_language.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Disability codes of the national returns; NONE stands alone. Null where withheld.
    async fn disabilities(&self, ctx: &Context<'_>) -> Resolved<Option<Vec<String>>> {
        let codes = self.0.disabilities.open(&disclosure(ctx)?);
        Ok(codes.map(|codes| codes.split_whitespace().map(str::to_owned).collect()))
    }

    /// How the child communicates, where that needs care. Null where unknown or withheld.
    async fn communication_needs(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.communication_needs.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// NHS number, ten digits. Null where unknown or withheld.
    async fn nhs_number(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.nhs_number.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Unique pupil number. Null where unknown or withheld.
    async fn upn(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.upn.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Legal status code of the looked-after return. Null where there is none or withheld.
    async fn legal_status(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.legal_status.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = disclosure(ctx)?.withheld(&[(Category::Identity, Depth::Full), (Category::Legal, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The authority whose child it is.
    async fn local_authority(&self, ctx: &Context<'_>) -> Option<LocalAuthority> {
        loaded(ctx, self.0.local_authority_id, LocalAuthority).await
    }

    /// The household the child lives in now.
    async fn household(&self, ctx: &Context<'_>) -> Option<Household> {
        loaded(ctx, HouseholdOf(self.0.id), Household).await
    }

    /// The plan that is open now.
    async fn current_plan(&self, ctx: &Context<'_>) -> Option<Plan> {
        loaded(ctx, CurrentPlanOf(self.0.id), Plan).await
    }

    /// The enquiries under section 47 about the child, newest first.
    async fn enquiries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Enquiry>> {
        below(ctx, (EnquiriesOfChild, self.0.id), first, after.as_deref(), Enquiry).await
    }

    /// The episodes of need of the child, from referral to closing, newest first: social care's own, for those who hold the
    /// record and for chair and minute taker.
    async fn episodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Episode>> {
        below(ctx, (EpisodesOfChild, self.0.id), first, after.as_deref(), Episode).await
    }

    /// What is due about the child, and was, the first due first.
    async fn deadlines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Deadline>> {
        below(ctx, (DeadlinesOfChild, self.0.id), first, after.as_deref(), Deadline).await
    }

    /// All plans, newest first.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Plan>> {
        below(ctx, (PlansOfChild, self.0.id), first, after.as_deref(), Plan).await
    }

    /// The conferences about the child, each with its outcome for the child; the one that was called last first.
    async fn conferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceChild>> {
        below(ctx, (ConferencesOfChild, self.0.id), first, after.as_deref(), ConferenceChild).await
    }

    /// Restricted items that you may read, newest first. How many there are besides is told to nobody.
    async fn restricted_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<RestrictedItem>> {
        below(ctx, (ItemsOfChild, self.0.id), first, after.as_deref(), RestrictedItem).await
    }

    /// Who is or was involved with the child, on what ground. An agency that would tell where a child with a protected
    /// address is, such as its school, is left out for those who may not read the address.
    async fn involvements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Involvement>> {
        below(ctx, (InvolvementsOfChild, self.0.id), first, after.as_deref(), Involvement).await
    }

    /// The people the child is closed to. Empty for all but the social care staff who hold the record.
    async fn conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Conflict>> {
        below(ctx, (ConflictsOfChild, self.0.id), first, after.as_deref(), Conflict).await
    }
}

/// The relationship of an agency, or one of its people, to a child. It is what opens the child's record.
pub struct Involvement(pub entity::involvement::Model);

/// The relationship of an agency, or one of its people, to a child. It is what opens the child's record.
#[Object]
impl Involvement {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// On what ground.
    async fn basis(&self) -> InvolvementBasis {
        self.0.basis.into()
    }

    /// Since this instant.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until before this instant; null while it lasts.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }

    /// True if knowing the agency tells where a child with a protected address is.
    async fn locates(&self) -> bool {
        self.0.locates
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The named professional, where there is one.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner_id).await
    }
}

/// How to find a child: exactly one of these.
#[derive(OneofObject)]
pub enum FindChildInput {
    /// NHS number: ten digits, spaces allowed.
    NhsNumber(String),
    /// Unique pupil number.
    Upn(String),
    /// The authority's own reference.
    LocalReference(String),
    /// Names and date of birth.
    NameAndBirthDate(NameAndBirthDateInput),
}

/// Names as recorded, in any case, and date of birth.
#[derive(InputObject)]
pub struct NameAndBirthDateInput {
    /// Given name.
    given_name: String,
    /// Family name.
    family_name: String,
    /// Date of birth.
    born_on: Date,
}

impl FindChildInput {
    fn read(self) -> Resolved<FindBy> {
        Ok(match self {
            Self::NhsNumber(number) => {
                let number = plain(number, "by.nhsNumber")?;
                FindBy::NhsNumber(number.chars().filter(|c| !c.is_whitespace()).collect())
            }
            Self::Upn(upn) => FindBy::Upn(plain(upn, "by.upn")?.trim().to_uppercase()),
            Self::LocalReference(reference) => {
                FindBy::LocalReference(plain(reference, "by.localReference")?.trim().to_owned())
            }
            Self::NameAndBirthDate(name) => FindBy::NameAndBirthDate {
                given: plain(name.given_name, "by.nameAndBirthDate.givenName")?,
                family: plain(name.family_name, "by.nameAndBirthDate.familyName")?,
                born_on: name.born_on.0,
            },
        })
    }
}

/// Root fields about children.
#[derive(Default)]
pub struct ChildQuery;

/// Root fields about children.
#[Object]
impl ChildQuery {
    /// A child by its global id. NOT_FOUND for a child that does not exist and for one you do not work with alike.
    /// REASON_REQUIRED for a service manager who opens a child that is allocated to others: say why in X-Access-Reason.
    async fn child(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Child> {
        let opened = async {
            let (id, reader) = (typed::<entity::id::ChildId>(&id, "id")?, reader(ctx)?);
            reader.scope().reason_to_open(id).await?;
            reader.read_named::<Child, _>(ctx, id).await?;
            reader.load(id).await?.map(Child).ok_or_else(Fault::not_found)
        };
        found(ctx, opened.await)
    }

    /// The one child among those you work with that a number, or names and birthday, point to; else NOT_FOUND. By names
    /// only with a reason in X-Access-Reason, else REASON_REQUIRED. A person makes 30 searches an hour at the most, hits
    /// and misses alike, else RATE_LIMITED.
    async fn find_child(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one way to name the child.")] by: FindChildInput,
    ) -> Option<Child> {
        found(ctx, async { Ok(Child(reader(ctx)?.scope().find_child(by.read()?).await?)) }.await)
    }

    /// The children you work with.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Child>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.read_page::<Child>(ctx, Listing::whole(), &args).await?;
        Ok(connect::<entity::child::Entity, _>(Some(page), &args, Child))
    }
}
