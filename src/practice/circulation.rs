//! Whom a document has to have reached before what was due by it is met: each deadline by the words of its rule.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::deadline::Kind;
use entity::document_issue::Document;
use entity::id::{AgencyId, PersonId};

use super::gaps::Sheet;
use super::items::Fact;

/// To whom a copy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// An agency of the record.
    Agency(AgencyId),
    /// An adult of the family.
    Person(PersonId),
}

/// A copy of a document that went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// To whom.
    pub to: Recipient,
    /// Whether it went out before the step it belongs to was finished: without signature, or as a draft.
    pub unfinished: bool,
    /// When.
    pub sent_at: DateTime<Utc>,
}

/// Which agencies a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agencies {
    None,
    /// All that were asked, or are members.
    All,
    /// The safeguarding unit, which chairs conferences.
    Unit,
}

/// Whether a rule names the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    NotNamed,
    /// Among all that were asked: as far as anybody is known.
    AmongAll,
    /// By name: where nobody is known, nobody has it.
    Named,
}

/// What a rule asks of the circulation of a document.
#[derive(Clone, Copy, Debug)]
struct Asks {
    agencies: Agencies,
    family: Family,
    /// Whether it asks for the document signed, or whole: a draft does not do.
    finished: bool,
}

/// What is due by a document, and what each of it asks.
fn due_by(document: Document, sheet: &Sheet) -> Vec<(Kind, Asks)> {
    use Agencies::{All, Unit};
    use Family::{AmongAll, Named, NotNamed};
    let asks = |agencies, family, finished| Asks { agencies, family, finished };
    match document {
        // handed out at the meeting (WAR-SM-13)
        Document::StrategyOutcome => vec![(Kind::StrategyOutcomeDocument, asks(All, NotNamed, false))],
        // «the full record» (WAR-SM-28)
        Document::StrategyRecord => vec![(Kind::StrategyRecordCirculated, asks(All, NotNamed, true))],
        // «everyone invited» (WAR-MI-03)
        Document::Decisions => vec![(Kind::DecisionsCirculated, asks(All, AmongAll, false))],
        // «full minutes» (WAR-MI-04)
        Document::Minutes => vec![(Kind::MinutesCirculated, asks(All, AmongAll, true))],
        // «to family and professionals» (WAR-CG-07)
        Document::CoreGroupPapers => vec![(Kind::CoreGroupPapers, asks(All, Named, false))],
        // «child, parent, key family and agencies» (WAR-CN-14); in time though signatures are missing (AMB-23)
        Document::Plan if sheet.facts.contains(&Fact::Cin) => vec![(Kind::CinPlanCopies, asks(All, Named, false))],
        Document::Plan => Vec::new(),
        Document::SocialWorkReport => vec![
            // WAR-PR-04, WAR-RV-05
            (Kind::ReportToFamily, asks(Agencies::None, Named, false)),
            (Kind::ReviewReportToFamily, asks(Agencies::None, Named, false)),
            // «the signed report» (WAR-PR-06)
            (Kind::ReportToProfessionals, asks(All, NotNamed, true)),
            // WAR-RV-06
            (Kind::ReviewReportToUnit, asks(Unit, NotNamed, false)),
        ],
    }
}

/// What is met by a document, after all copies of it that went out, and when: with the copy that was the last one needed.
/// `unit` is the agency whose safeguarding unit chairs the conference.
pub fn met(document: Document, sheet: &Sheet, unit: Option<AgencyId>, copies: &[Copy]) -> Vec<(Kind, DateTime<Utc>)> {
    let each = due_by(document, sheet).into_iter();
    each.filter_map(|(kind, asks)| Some((kind, reached(asks, sheet, unit, copies)?))).collect()
}

/// When everybody had it whom a rule names; `None` while somebody has it not, or where nobody is known who could.
fn reached(asks: Asks, sheet: &Sheet, unit: Option<AgencyId>, copies: &[Copy]) -> Option<DateTime<Utc>> {
    let agencies: Vec<AgencyId> = match asks.agencies {
        Agencies::None => Vec::new(),
        Agencies::All => sheet.agencies.clone(),
        Agencies::Unit => vec![unit?],
    };
    let family = match asks.family {
        Family::NotNamed => BTreeSet::new(),
        Family::AmongAll | Family::Named => family(sheet),
    };
    if asks.family == Family::Named && family.is_empty() {
        return None;
    }
    let named = agencies.into_iter().map(Recipient::Agency).chain(family.into_iter().map(Recipient::Person));
    let had = |to: Recipient| {
        let theirs = copies.iter().filter(|copy| copy.to == to && !(asks.finished && copy.unfinished));
        theirs.map(|copy| copy.sent_at).min()
    };
    named.map(had).collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// The adults of a family who are to have what the family has: those with parental responsibility; the fathers, where nobody
/// has it.
fn family(sheet: &Sheet) -> BTreeSet<PersonId> {
    let of = if sheet.parents.is_empty() { &sheet.fathers } else { &sheet.parents };
    of.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use entity::entry::Record;
    use uuid::Uuid;

    use super::*;

    fn agency(n: u128) -> AgencyId {
        AgencyId(Uuid::from_u128(n))
    }

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    fn hour(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::hours(n)
    }

    fn sheet(record: Record, parents: usize) -> Sheet {
        Sheet {
            parents: (1..=parents).map(|n| person(n as u128)).collect(),
            agencies: vec![agency(1), agency(2)],
            ..Sheet::blank(record, "2026-11-24")
        }
    }

    fn to_agency(n: u128, at: i64) -> Copy {
        Copy { to: Recipient::Agency(agency(n)), unfinished: false, sent_at: hour(at) }
    }

    fn to_person(n: u128, at: i64) -> Copy {
        Copy { to: Recipient::Person(person(n)), unfinished: false, sent_at: hour(at) }
    }

    fn draft(copy: Copy) -> Copy {
        Copy { unfinished: true, ..copy }
    }

    /// The kinds that are met, each with the hour.
    fn kinds(document: Document, sheet: &Sheet, copies: &[Copy]) -> Vec<(Kind, i64)> {
        let met = met(document, sheet, Some(agency(1)), copies);
        met.into_iter().map(|(kind, at)| (kind, at.timestamp() / 3600)).collect()
    }

    #[test]
    fn copies_add_up_and_the_last_one_counts() {
        let of = sheet(Record::Conference, 2);
        let report = |copies: &[Copy]| kinds(Document::SocialWorkReport, &of, copies);
        assert_eq!(report(&[to_person(1, 1)]), []);
        let both = [(Kind::ReportToFamily, 30), (Kind::ReviewReportToFamily, 30)];
        assert_eq!(report(&[to_person(1, 1), to_person(2, 30)]), both, "the mother on Monday, the father on Tuesday");
        assert_eq!(
            report(&[to_person(2, 30), to_person(1, 1), to_person(1, 50)]),
            both,
            "in whatever order it is told"
        );
    }

    #[test]
    fn where_no_parent_is_known_the_family_has_nothing() {
        let nobody = sheet(Record::Conference, 0);
        let all = [to_agency(1, 1), to_agency(2, 2)];
        let met = kinds(Document::SocialWorkReport, &nobody, &all);
        assert_eq!(met, [(Kind::ReportToProfessionals, 2), (Kind::ReviewReportToUnit, 1)]);
        assert_eq!(kinds(Document::CoreGroupPapers, &sheet(Record::CoreGroupMeeting, 0), &all), []);
        // who was asked has it, and no other was
        assert_eq!(kinds(Document::Decisions, &nobody, &all), [(Kind::DecisionsCirculated, 2)]);
        let fathered = Sheet { fathers: vec![person(7)], ..nobody };
        assert_eq!(kinds(Document::Decisions, &fathered, &all), []);
        assert_eq!(kinds(Document::SocialWorkReport, &fathered, &[to_person(7, 3)])[0], (Kind::ReportToFamily, 3));
    }

    #[test]
    fn a_draft_is_neither_signed_nor_full() {
        let of = sheet(Record::Conference, 1);
        let all = [to_agency(1, 1), to_agency(2, 2), to_person(1, 3)];
        let drafts = all.map(draft);
        let table = [
            (Document::SocialWorkReport, Kind::ReportToProfessionals, false),
            (Document::SocialWorkReport, Kind::ReportToFamily, true),
            (Document::Minutes, Kind::MinutesCirculated, false),
            (Document::StrategyRecord, Kind::StrategyRecordCirculated, false),
            (Document::Decisions, Kind::DecisionsCirculated, true),
        ];
        for (document, kind, by_draft) in table {
            let is_met = |copies: &[Copy]| kinds(document, &of, copies).iter().any(|(met, _)| *met == kind);
            assert_eq!((is_met(&drafts), is_met(&all)), (by_draft, true), "{kind:?}");
        }
        // one draft among them, and sent again whole
        let mixed = [draft(to_agency(1, 1)), to_agency(2, 2), to_person(1, 3)];
        assert_eq!(kinds(Document::Minutes, &of, &mixed), []);
        let again = [mixed.as_slice(), &[to_agency(1, 9)]].concat();
        assert_eq!(kinds(Document::Minutes, &of, &again), [(Kind::MinutesCirculated, 9)]);
    }

    #[test]
    fn the_family_is_waited_for_where_the_rule_names_it() {
        for (document, record, kind) in [
            (Document::Decisions, Record::Conference, Kind::DecisionsCirculated),
            (Document::Minutes, Record::Conference, Kind::MinutesCirculated),
            (Document::CoreGroupPapers, Record::CoreGroupMeeting, Kind::CoreGroupPapers),
            (Document::Plan, Record::Plan, Kind::CinPlanCopies),
        ] {
            let mut of = sheet(record, 1);
            of.facts.insert(Fact::Cin);
            let agencies = [to_agency(1, 1), to_agency(2, 2)];
            assert_eq!(kinds(document, &of, &agencies), [], "{kind:?}");
            let all = [agencies.as_slice(), &[to_person(1, 3)]].concat();
            assert_eq!(kinds(document, &of, &all), [(kind, 3)]);
            assert_eq!(kinds(document, &of, &all[1..]), [], "{kind:?}");
        }
        // without signatures all the same (AMB-23), and of a child in need plan only (WAR-CN-14)
        let mut of = sheet(Record::Plan, 1);
        let all = [to_agency(1, 1), to_agency(2, 2), to_person(1, 3)].map(draft);
        assert_eq!(kinds(Document::Plan, &of, &all), []);
        of.facts.insert(Fact::Cin);
        assert_eq!(kinds(Document::Plan, &of, &all), [(Kind::CinPlanCopies, 3)]);
    }

    #[test]
    fn the_unit_has_it_when_the_unit_has_it() {
        let of = sheet(Record::Conference, 1);
        let unit = |copies: &[Copy]| kinds(Document::SocialWorkReport, &of, copies);
        assert_eq!(unit(&[to_agency(2, 1)]), []);
        assert_eq!(unit(&[to_agency(1, 4)]), [(Kind::ReviewReportToUnit, 4)], "whoever else has it (WAR-RV-06)");
        assert_eq!(met(Document::SocialWorkReport, &of, None, &[to_agency(1, 4)]), []);
    }
}
