//! One allegation against a professional who is nobody's persona, referred by the school of the first family.

use chrono::{Days, Duration, NaiveTime, TimeZone, Utc};
use entity::allegation::{self, Status};
use entity::conflict;
use entity::id::{AllegationId, ConflictId, ReaderListingId};
use entity::reader_listing;
use entity::sealed::Sealed;

use super::Maker;
use super::ids::fixed;
use super::staff::{agency_id, lead_id, social_care_id};
use super::story::Family;
use crate::event::Event;
use crate::practice::calendar::Calendar;
use crate::practice::deadlines::lado_referral_due;

const TEXT: &str = "He covered for a colleague at our school that week. The child says that he took hold of her arm in the \
    corridor and shook her; two pupils saw it. There was a mark the next day.";

impl Maker<'_> {
    /// Referred by the safeguarding lead of the first school about the lead of another; the service manager leads, the
    /// police are on the list. The child it names is closed to whom it is about.
    pub fn allege(&mut self, family: &Family<'_>) {
        let Some(kid) = family.kids.first() else { return };
        let day = self.days.today - Days::new(9);
        let known_at = Utc.from_utc_datetime(&day.and_time(NaiveTime::MIN)) + Duration::hours(11);
        let received_at = known_at + Duration::hours(3);
        let id = AllegationId(fixed(11, 0));
        let (subject, school) = (lead_id(0, 10), lead_id(0, 3));
        self.rows.allegations.push(allegation::Model {
            id,
            local_authority_id: family.place.authority,
            subject_id: subject,
            subject_agency_id: agency_id(0, 10),
            referring_agency_id: agency_id(0, 3),
            referred_by: school,
            lead_id: Some(social_care_id(0, 2)),
            child_id: Some(kid.id),
            text: Sealed::new(TEXT.into()),
            known_at,
            referral_due_at: lado_referral_due(Calendar::embedded(), known_at),
            received_at,
            status: Status::Open,
            outcome: Sealed::new(None),
            closed_at: None,
            version: 3,
        });
        self.rows.conflicts.push(conflict::Model {
            id: ConflictId(fixed(12, 0)),
            practitioner_id: subject,
            child_id: kid.id,
            kind: conflict::Kind::AllegationSubject,
            reason: Sealed::new("The subject of an allegation.".into()),
            starts_at: received_at,
            ends_at: None,
            recorded_by: school,
            recorded_at_agency_id: agency_id(0, 3),
            allegation_id: Some(id),
        });
        let listed_at = received_at + Duration::hours(1);
        self.rows.listings.push(reader_listing::Model {
            id: ReaderListingId(fixed(13, 0)),
            restricted_item_id: None,
            household_id: None,
            allegation_id: Some(id),
            agency_id: agency_id(0, 1),
            practitioner_id: Some(lead_id(0, 1)),
            starts_at: listed_at,
            ends_at: None,
            listed_by: social_care_id(0, 7),
        });
        let tell = [
            (received_at, Event::AllegationReferred(id)),
            (received_at + Duration::minutes(40), Event::AllegationLeadNamed(id)),
        ];
        for (at, event) in tell {
            self.feed.tell(family.place.authority, at, event);
        }
    }
}
