//! Restricted items and reader lists.

use entity::category::Category;
use entity::id::{AllegationId, ChildId, ConferenceId, HouseholdId, ReaderListingId, RestrictedItemId};
use entity::restricted_item::Kind;

use super::checks::{Agencies, check_invitee};
use super::{Done, Findings, expect_version};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{ListReader, ReaderList, RecordRestrictedItem, UnlistReader};
use crate::policy::disclosure::cell;
use crate::policy::roles::Role;
use crate::store::invitee::Invitee;
use crate::store::restricted::{ListOf, NewItem};
use crate::store::{Begun, Scoped, Tx, Write};

/// Characters of an item at the most.
pub(super) const PASSAGE: usize = 10_000;
/// Readers of one list at the most.
pub(super) const MOST_READERS: usize = 40;

/// Input of [`record`].
#[derive(Clone, Debug)]
pub struct Record {
    /// About whom.
    pub child: ChildId,
    /// The conference whose restricted section it is in.
    pub conference: Option<ConferenceId>,
    /// What kind it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
    /// Whether it is about, or came from, a third party.
    pub third_party: bool,
    /// Who may read it.
    pub readers: Vec<Invitee>,
}

/// Records a passage for its originator and a list of readers only.
pub async fn record(scope: &Scoped, write: &Write, input: Record) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("text", &input.text, PASSAGE);
    if !input.readers.is_empty() {
        findings.list("readers", &input.readers, MOST_READERS);
    }
    let id = RestrictedItemId(scope.store().clock().new_id());
    let tx = match scope.begin::<RecordRestrictedItem>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let child = tx.lock::<entity::child::Entity>(input.child).await?;
    let permit = tx.permit::<RecordRestrictedItem, _>(child, &input.kind.category())?;
    if let Some(conference) = input.conference {
        let about = tx.children_of_conference(conference).await?;
        if !about.iter().any(|row| row.child_id == input.child) {
            findings.add("conferenceId", ProblemCode::UnknownReference, "No such conference about this child.");
        }
    }
    let candidates = Candidates::of(&tx, &input.readers).await?;
    for (i, reader) in input.readers.iter().enumerate() {
        check_reader(&candidates, &format!("readers.{i}."), *reader, input.kind.category(), &mut findings);
    }
    findings.into_result()?;
    let new = NewItem {
        id,
        conference: input.conference,
        report: None,
        kind: input.kind,
        text: input.text,
        third_party: input.third_party,
        readers: input.readers,
    };
    tx.record_restricted_item(permit, new).await?;
    tx.commit::<RecordRestrictedItem>(Event::RestrictedItemRecorded(id)).await
}

/// Which list.
#[derive(Clone, Copy, Debug)]
pub enum On {
    /// Of an item, at the version the caller read.
    Item(RestrictedItemId, i64),
    /// Of a household's protected address.
    Address(HouseholdId),
    /// Of an allegation, at the version the caller read.
    Allegation(AllegationId, i64),
}

/// Puts an agency, or one of its people, on a reader list. It reads from now on, while it works with the child.
pub async fn list(scope: &Scoped, write: &Write, on: On, reader: Invitee) -> Result<Done> {
    if matches!(on, On::Allegation(..)) {
        scope.open_allegations()?;
    }
    let mut findings = Findings::default();
    let id = ReaderListingId(scope.store().clock().new_id());
    let tx = match scope.begin::<ListReader>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let list = match on {
        On::Item(id, _) => ListOf::Item(tx.lock::<entity::restricted_item::Entity>(id).await?),
        On::Address(id) => ListOf::Address(tx.lock::<entity::household::Entity>(id).await?),
        On::Allegation(id, _) => ListOf::Allegation(tx.lock::<entity::allegation::Entity>(id).await?),
    };
    let facts = facts(&list);
    let permit = tx.permit::<ListReader, _>(list, &facts)?;
    match (on, permit.row()) {
        (On::Item(_, expected), ListOf::Item(row)) => expect_version(expected, row.version)?,
        (On::Allegation(_, expected), ListOf::Allegation(row)) => expect_version(expected, row.version)?,
        _ => {}
    }
    let candidates = Candidates::of(&tx, &[reader]).await?;
    check_reader(&candidates, "", reader, category(permit.row()), &mut findings);
    check_subject(permit.row(), reader, &mut findings);
    let listed = tx.listings_of(permit.row()).await?;
    if listed.iter().any(|row| row.agency_id == reader.agency && row.practitioner_id == reader.practitioner) {
        findings.add("agencyId", ProblemCode::AlreadyDone, "On the list already.");
    }
    if listed.len() >= MOST_READERS {
        findings.add("agencyId", ProblemCode::TooMany, format!("At most {MOST_READERS} on a list."));
    }
    findings.into_result()?;
    tx.list_reader(permit, id, reader).await?;
    tx.commit::<ListReader>(Event::ReaderListed(id)).await
}

/// Takes somebody off a reader list from now on.
pub async fn unlist(scope: &Scoped, write: &Write, id: ReaderListingId) -> Result<Done> {
    let tx = match scope.begin::<UnlistReader>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let listing = tx.lock::<entity::reader_listing::Entity>(id).await?;
    let list = match (listing.restricted_item_id, listing.household_id, listing.allegation_id) {
        (Some(item), ..) => ListOf::Item(tx.lock::<entity::restricted_item::Entity>(item).await?),
        (None, Some(household), _) => ListOf::Address(tx.lock::<entity::household::Entity>(household).await?),
        (None, None, Some(allegation)) => {
            scope.open_allegations()?;
            ListOf::Allegation(tx.lock::<entity::allegation::Entity>(allegation).await?)
        }
        (None, None, None) => return Err(Error::internal("a listing of no list")),
    };
    let facts = facts(&list);
    let permit = tx.permit::<UnlistReader, _>(list, &facts)?;
    if listing.ends_at.is_some() {
        return Err(Error::problem("readerListingId", ProblemCode::AlreadyDone, "Off the list already."));
    }
    tx.unlist_reader(permit, listing).await?;
    tx.commit::<UnlistReader>(Event::ReaderUnlisted(id)).await
}

const fn facts(list: &ListOf) -> ReaderList {
    match list {
        ListOf::Item(row) => ReaderList::Item { originator: row.originator_agency_id, category: row.kind.category() },
        ListOf::Address(_) => ReaderList::Address,
        ListOf::Allegation(_) => ReaderList::Allegation,
    }
}

/// What a list opens.
const fn category(list: &ListOf) -> Category {
    match list {
        ListOf::Item(row) => row.kind.category(),
        ListOf::Address(_) => Category::ProtectedAddress,
        ListOf::Allegation(_) => Category::Allegation,
    }
}

/// An allegation is read by people who are named, and never by whom it is about.
fn check_subject(list: &ListOf, reader: Invitee, findings: &mut Findings) {
    let ListOf::Allegation(row) = list else { return };
    match reader.practitioner {
        // at social care that was said already
        None if !findings.names("practitionerId") => {
            findings.add("practitionerId", ProblemCode::Required, "An allegation is read by people by name.");
        }
        Some(person) if person == row.subject_id => {
            findings.add("practitionerId", ProblemCode::RuleRefused, "Nobody reads an allegation about themselves.");
        }
        None | Some(_) => {}
    }
}

/// What bears on those who are named as readers: the agencies that are there, and the posts people hold.
pub(super) struct Candidates {
    there: Agencies,
    posts: Vec<entity::appointment::Model>,
}

impl Candidates {
    /// Of those named, all at once.
    pub(super) async fn of(tx: &Tx, readers: &[Invitee]) -> Result<Self> {
        let agencies: Vec<_> = readers.iter().map(|reader| reader.agency).collect();
        let people: Vec<_> = readers.iter().filter_map(|reader| reader.practitioner).collect();
        let there = if agencies.is_empty() { Agencies::new() } else { tx.active_agencies(&agencies).await? };
        let posts = if people.is_empty() { Vec::new() } else { tx.posts_of(&people).await? };
        Ok(Self { there, posts })
    }
}

/// A reader exists, and has a post that a list can open this category to.
pub(super) fn check_reader(
    Candidates { there, posts }: &Candidates,
    prefix: &str,
    reader: Invitee,
    category: Category,
    findings: &mut Findings,
) {
    check_invitee(posts, there, prefix, reader, findings);
    let Some(agency) = there.get(&reader.agency) else { return };
    let opens = |post| Role::of(post, agency.kind).is_some_and(|role| cell(role, category).listable());
    let fits = match reader.practitioner {
        Some(_) => posts.iter().any(|post| post.agency_id == reader.agency && opens(post.post)),
        None if agency.kind == entity::agency::Kind::Csc => {
            return findings.add(
                format!("{prefix}practitionerId"),
                ProblemCode::Required,
                "In social care a person is named.",
            );
        }
        None => opens(entity::appointment::Post::Practitioner),
    };
    if !fits {
        let message = "The access matrix opens this kind to no post of that agency, listed or not.";
        findings.add(format!("{prefix}agencyId"), ProblemCode::RuleRefused, message);
    }
}
