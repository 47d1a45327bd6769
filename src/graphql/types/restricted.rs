//! Restricted items and reader lists.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{ReaderListingId, RestrictedItemId};
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::allegation::Allegation;
use super::child::Child;
use super::codes::InformationCategory;
use super::conference::Conference;
use super::household::Household;
use super::report::ConferenceReport;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::restricted::On;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::{global, typed, typed_opt};
use crate::store::invitee::Invitee;
use crate::store::loaders::ReadersOfItem;

/// What kind of passage a restricted item is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::restricted_item::Kind")]
pub enum RestrictedItemKind {
    /// Of the restricted section of a conference.
    Restricted,
    /// Police intelligence.
    PoliceIntelligence,
    /// Where the child is placed.
    Placement,
    /// The school or nursery of a child whose address is protected.
    School,
    /// The practice or clinic of a child whose address is protected.
    HealthCentre,
    /// A telephone number, an account or a device that tells where the child is.
    Contact,
    /// Any other text that tells where the child is.
    OtherLocator,
}

/// A passage that its originator and those on its reader list read, and nobody else: to all others it is absent, in
/// lists, counts and events as well.
pub struct RestrictedItem(pub entity::restricted_item::Model);

/// A passage that its originator and those on its reader list read, and nobody else: to all others it is absent, in
/// lists, counts and events as well.
#[Object]
impl RestrictedItem {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What kind it is.
    async fn kind(&self) -> RestrictedItemKind {
        self.0.kind.into()
    }

    /// The category it belongs to.
    async fn category(&self) -> InformationCategory {
        self.0.kind.category().into()
    }

    /// What it says. REASON_REQUIRED for who does not say why in X-Access-Reason.
    async fn text(&self, ctx: &Context<'_>) -> Option<String> {
        let told = || {
            let reader = reader(ctx)?;
            let disclosure = reader.scope().disclosure(Some(self.0.originator_agency_id)).listed(true);
            let text = self.0.text.open_as(&disclosure, self.0.kind.category()).cloned();
            if text.is_some() {
                reader.scope().require_reason()?;
            }
            Ok(text)
        };
        or_null(ctx, told())
    }

    /// True if it is about, or came from, a third party: it goes into no copy for parents.
    async fn third_party(&self) -> bool {
        self.0.third_party
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Give it back as `expectedVersion` when you change its reader list.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The conference whose restricted section it is in, where you may see that.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        let id = self.0.conference_id?;
        loaded(ctx, id, Conference).await
    }

    /// The version of a report that it came with, where you may see that.
    async fn conference_report(&self, ctx: &Context<'_>) -> Option<ConferenceReport> {
        let id = self.0.conference_report_id?;
        loaded(ctx, id, ConferenceReport).await
    }

    /// When it was taken back with its report: since then its agency alone reads it.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// The agency it comes from: it alone puts others on the list.
    async fn originator_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.originator_agency_id).await
    }

    /// Who recorded it.
    async fn originator(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.originator_id)).await
    }

    /// Its reader list, now and before: whole for those who may change it, your own entries for others.
    async fn readers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReaderListing>> {
        below(ctx, (ReadersOfItem, self.0.id), first, after.as_deref(), ReaderListing).await
    }
}

/// An entry of a reader list. It opens the item, or the protected address, while the reader works with the child; an
/// allegation while the entry lasts.
pub struct ReaderListing(pub entity::reader_listing::Model);

/// An entry of a reader list. It opens the item, or the protected address, while the reader works with the child; an
/// allegation while the entry lasts.
#[Object]
impl ReaderListing {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Since this instant.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until before this instant; null while it lasts.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }

    /// The agency that reads.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The one professional; null for all of the agency who work with the child.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner_id).await
    }

    /// Who put the reader on the list.
    async fn listed_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.listed_by)).await
    }

    /// The item, where it is one's list.
    async fn restricted_item(&self, ctx: &Context<'_>) -> Option<RestrictedItem> {
        let id = self.0.restricted_item_id?;
        loaded(ctx, id, RestrictedItem).await
    }

    /// The household, where it is the list of its protected address.
    async fn household(&self, ctx: &Context<'_>) -> Option<Household> {
        let id = self.0.household_id?;
        loaded(ctx, id, Household).await
    }

    /// The allegation, where it is the list of one; only with a reason in X-Access-Reason, else REASON_REQUIRED.
    async fn allegation(&self, ctx: &Context<'_>) -> Option<Allegation> {
        let id = self.0.allegation_id?;
        loaded(ctx, id, Allegation).await
    }
}

/// An allegation as it was read.
#[derive(InputObject)]
pub struct AllegationVersionInput {
    /// The allegation.
    id: ID,
    /// The version you read.
    expected_version: i64,
}

/// Somebody who may read.
#[derive(InputObject, Clone)]
pub struct ReaderInput {
    /// The agency.
    agency_id: ID,
    /// The one professional; all of the agency who work with the child, if left out. In social care a person is named.
    practitioner_id: Option<ID>,
}

/// Those who may read, of a list that stands at `path` among the arguments.
pub fn invitees(readers: &[ReaderInput], path: &str) -> Resolved<Vec<Invitee>> {
    let each = readers.iter().enumerate().map(|(i, reader)| {
        Ok(Invitee {
            agency: typed(&reader.agency_id, &format!("{path}.{i}.agencyId"))?,
            practitioner: typed_opt(reader.practitioner_id.as_ref(), &format!("{path}.{i}.practitionerId"))?,
        })
    });
    each.collect()
}

/// A restricted item to be recorded.
#[derive(InputObject)]
pub struct RecordRestrictedItemInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child it is about.
    child_id: ID,
    /// The conference about the child whose restricted section it is in: its chair reads it as well.
    conference_id: Option<ID>,
    /// What kind it is.
    kind: RestrictedItemKind,
    /// What it says; 10,000 characters at most.
    #[graphql(secret)]
    text: String,
    /// True if it is about, or came from, a third party.
    #[graphql(default)]
    third_party: bool,
    /// Who may read it besides you; 40 at most.
    #[graphql(default)]
    readers: Vec<ReaderInput>,
}

/// The recorded item.
#[derive(SimpleObject)]
pub struct RecordRestrictedItemPayload {
    /// The item; null on a dry run or a refusal.
    restricted_item: Option<RestrictedItem>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Whose reader list: exactly one of these.
#[derive(OneofObject)]
pub enum ReaderListInput {
    /// Of a restricted item.
    RestrictedItem(RestrictedItemVersionInput),
    /// Of the protected address of a household.
    HouseholdId(ID),
    /// Of an allegation: only with a reason in X-Access-Reason, and of people by name.
    Allegation(AllegationVersionInput),
}

/// A restricted item as it was read.
#[derive(InputObject)]
pub struct RestrictedItemVersionInput {
    /// The item.
    id: ID,
    /// The version you read.
    expected_version: i64,
}

/// A new entry of a reader list.
#[derive(InputObject)]
pub struct ListReaderInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// Whose list.
    on: ReaderListInput,
    /// The agency.
    agency_id: ID,
    /// The one professional; all of the agency who work with the child, if left out. In social care a person is named.
    practitioner_id: Option<ID>,
}

/// The new entry.
#[derive(SimpleObject)]
pub struct ListReaderPayload {
    /// The entry; null on a dry run or a refusal.
    reader_listing: Option<ReaderListing>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of an entry of a reader list.
#[derive(InputObject)]
pub struct UnlistReaderInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The entry.
    reader_listing_id: ID,
}

/// The ended entry.
#[derive(SimpleObject)]
pub struct UnlistReaderPayload {
    /// The entry as it stands; null on a dry run or a refusal.
    reader_listing: Option<ReaderListing>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of restricted items and reader lists.
#[derive(Default)]
pub struct RestrictedMutation;

/// Mutations of restricted items and reader lists.
#[Object]
impl RestrictedMutation {
    /// Record a passage that only you and a list of readers may read: police their intelligence; police, health, schools
    /// and chairs what belongs to a restricted section; social care what tells where a child is.
    async fn record_restricted_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item.")] input: RecordRestrictedItemInput,
    ) -> Resolved<RecordRestrictedItemPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let record = actions::restricted::Record {
            child: typed(&input.child_id, "input.childId")?,
            conference: typed_opt(input.conference_id.as_ref(), "input.conferenceId")?,
            kind: input.kind.into(),
            third_party: input.third_party,
            readers: invitees(&input.readers, "input.readers")?,
            text: input.text,
        };
        let reader = reader(ctx)?;
        let done = actions::restricted::record(reader.scope(), &write, record).await;
        let Written { row, user_errors } = finish(&reader, done, RestrictedItemId).await?;
        Ok(RecordRestrictedItemPayload { restricted_item: row.map(RestrictedItem), user_errors })
    }

    /// Put an agency, or one of its people, on a reader list: of an item its originator only, of a protected address the
    /// social worker or the team manager, of an allegation the LADO.
    async fn list_reader(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entry.")] input: ListReaderInput,
    ) -> Resolved<ListReaderPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let on = match &input.on {
            ReaderListInput::RestrictedItem(item) => {
                On::Item(typed(&item.id, "input.on.restrictedItem.id")?, item.expected_version)
            }
            ReaderListInput::Allegation(of) => {
                On::Allegation(typed(&of.id, "input.on.allegation.id")?, of.expected_version)
            }
            ReaderListInput::HouseholdId(id) => On::Address(typed(id, "input.on.householdId")?),
        };
        let invitee = Invitee {
            agency: typed(&input.agency_id, "input.agencyId")?,
            practitioner: typed_opt(input.practitioner_id.as_ref(), "input.practitionerId")?,
        };
        let reader = reader(ctx)?;
        let done = actions::restricted::list(reader.scope(), &write, on, invitee).await;
        let Written { row, user_errors } = finish(&reader, done, ReaderListingId).await?;
        Ok(ListReaderPayload { reader_listing: row.map(ReaderListing), user_errors })
    }

    /// Take somebody off a reader list: of an item its originator or the chair, of a protected address the social worker
    /// or the team manager, of an allegation the LADO.
    async fn unlist_reader(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entry.")] input: UnlistReaderInput,
    ) -> Resolved<UnlistReaderPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.reader_listing_id, "input.readerListingId")?;
        let reader = reader(ctx)?;
        let done = actions::restricted::unlist(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, ReaderListingId).await?;
        Ok(UnlistReaderPayload { reader_listing: row.map(ReaderListing), user_errors })
    }
}
