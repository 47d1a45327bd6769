//! Restricted items, and the reader lists of items, of protected addresses and of allegations.

use entity::id::{
    AgencyId, AllegationId, ChildId, ConferenceId, ConferenceReportId, HouseholdId, PractitionerId, ReaderListingId,
    ReportRequestId, RestrictedItemId,
};
use entity::restricted_item::Kind;
use entity::sealed::Sealed;
use entity::{allegation, child, conference_report, household, reader_listing, restricted_item};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::invitee::Invitee;
use super::permit::Permit;
use super::{Tx, cut, in_force};
use crate::error::Result;
use crate::policy::actions::{ListReader, RecordRestrictedItem, UnlistReader};

/// An item to be recorded.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Its id.
    pub id: RestrictedItemId,
    /// The conference whose restricted section it is in.
    pub conference: Option<ConferenceId>,
    /// The version of a report that it comes with.
    pub report: Option<ConferenceReportId>,
    /// What kind it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
    /// Whether it is about, or came from, a third party.
    pub third_party: bool,
    /// Who is on its reader list from the first.
    pub readers: Vec<Invitee>,
}

/// What a reader list belongs to, locked.
#[derive(Clone, Debug)]
pub enum ListOf {
    /// A restricted item.
    Item(restricted_item::Model),
    /// The protected address of a household.
    Address(household::Model),
    /// An allegation against a professional.
    Allegation(allegation::Model),
}

impl ListOf {
    const fn ids(&self) -> (Option<RestrictedItemId>, Option<HouseholdId>, Option<AllegationId>) {
        match self {
            Self::Item(row) => (Some(row.id), None, None),
            Self::Address(row) => (None, Some(row.id), None),
            Self::Allegation(row) => (None, None, Some(row.id)),
        }
    }
}

impl Tx {
    /// Writes an item with its reader list.
    pub async fn record_restricted_item(
        &self,
        permit: Permit<RecordRestrictedItem, child::Model>,
        new: NewItem,
    ) -> Result<()> {
        let (agency, person) = (self.who().agency, self.who().practitioner);
        self.write_items(permit.row.id, (agency, person), vec![new]).await
    }

    /// Writes items about a child, with their reader lists, as coming from somebody.
    pub(super) async fn write_items(
        &self,
        child: ChildId,
        (agency, originator): (AgencyId, PractitionerId),
        items: Vec<NewItem>,
    ) -> Result<()> {
        let at = self.who().at;
        let (mut rows, mut listings) = (Vec::new(), Vec::new());
        for new in items {
            for reader in &new.readers {
                let list = (Some(new.id), None, None);
                listings.push(self.listing(ReaderListingId(self.new_id()), list, *reader, originator));
            }
            rows.push(restricted_item::ActiveModel {
                id: Set(new.id),
                child_id: Set(child),
                conference_id: Set(new.conference),
                conference_report_id: Set(new.report),
                kind: Set(new.kind),
                text: Set(Sealed::new(new.text)),
                third_party: Set(new.third_party),
                originator_agency_id: Set(agency),
                originator_id: Set(originator),
                recorded_at: Set(at),
                withdrawn_at: Set(None),
                version: Set(1),
            });
        }
        if !rows.is_empty() {
            restricted_item::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        if !listings.is_empty() {
            reader_listing::Entity::insert_many(listings).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }

    /// Writes that the items which came with any version of a report are taken back.
    pub(super) async fn withdraw_items(&self, request: ReportRequestId) -> Result<()> {
        use restricted_item::Column as C;
        let versions = Query::select()
            .column(conference_report::Column::Id)
            .from(conference_report::Entity)
            .and_where(conference_report::Column::ReportRequestId.eq(request))
            .take();
        restricted_item::Entity::update_many()
            .col_expr(C::WithdrawnAt, Expr::val(self.who().at))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::ConferenceReportId.in_subquery(versions))
            .filter(C::WithdrawnAt.is_null())
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    fn listing(
        &self,
        id: ReaderListingId,
        (item, household, allegation): (Option<RestrictedItemId>, Option<HouseholdId>, Option<AllegationId>),
        reader: Invitee,
        by: PractitionerId,
    ) -> reader_listing::ActiveModel {
        reader_listing::ActiveModel {
            id: Set(id),
            restricted_item_id: Set(item),
            household_id: Set(household),
            allegation_id: Set(allegation),
            agency_id: Set(reader.agency),
            practitioner_id: Set(reader.practitioner),
            starts_at: Set(self.who().at),
            ends_at: Set(None),
            listed_by: Set(by),
        }
    }

    /// The listings in force of a list.
    pub async fn listings_of(&self, list: &ListOf) -> Result<Vec<reader_listing::Model>> {
        use reader_listing::Column as C;
        let of = match list {
            ListOf::Item(row) => C::RestrictedItemId.eq(row.id),
            ListOf::Address(row) => C::HouseholdId.eq(row.id),
            ListOf::Allegation(row) => C::AllegationId.eq(row.id),
        };
        self.rows::<reader_listing::Entity>()
            .filter(of)
            .filter(in_force(C::StartsAt, C::EndsAt, self.who().at))
            .all()
            .await
    }

    /// Puts somebody on a list.
    pub async fn list_reader(
        &self,
        permit: Permit<ListReader, ListOf>,
        id: ReaderListingId,
        reader: Invitee,
    ) -> Result<()> {
        self.listing(id, permit.row.ids(), reader, self.who().practitioner).insert(&self.inner).await?;
        self.list_changed(&permit.row).await
    }

    /// Takes somebody off a list.
    pub async fn unlist_reader(
        &self,
        permit: Permit<UnlistReader, ListOf>,
        listing: reader_listing::Model,
    ) -> Result<()> {
        let at = cut(listing.starts_at, self.who().at);
        let mut row = listing.into_active_model();
        row.ends_at = Set(Some(at));
        row.update(&self.inner).await?;
        self.list_changed(&permit.row).await
    }

    async fn list_changed(&self, list: &ListOf) -> Result<()> {
        match list {
            ListOf::Item(row) => {
                let version = restricted_item::Column::Version;
                restricted_item::Entity::update_many()
                    .col_expr(version, Expr::col(version).add(1))
                    .filter(restricted_item::Column::Id.eq(row.id))
                    .exec(&self.inner)
                    .await?;
            }
            ListOf::Allegation(row) => {
                let version = allegation::Column::Version;
                allegation::Entity::update_many()
                    .col_expr(version, Expr::col(version).add(1))
                    .filter(allegation::Column::Id.eq(row.id))
                    .exec(&self.inner)
                    .await?;
            }
            ListOf::Address(_) => {}
        }
        Ok(())
    }
}
