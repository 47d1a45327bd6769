//! What a family is given of a report: with a canary in every confidential cell, for everybody who gives it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::bundles::laid;
use crate::support::App;
use crate::support::stage::Stage;
use crate::support::sweep::{Found, Sweep, global};

/// The report as the family is given it.
const COPIES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on ConferenceReport {
  familyCopy { __typename agency { __typename id } submittedAt leftOut lines { __typename asks text }
    chronology { __typename occurredOn text response } } } } }";

/// How the copies for families were.
#[derive(Default)]
struct Copies {
    given: usize,
    /// Rows in them.
    rows: usize,
    /// Rows and passages that are not in them, and that the person who gives the copy reads in the report.
    kept: BTreeMap<&'static str, usize>,
}

/// Asks for the copies of all reports that tell something in rows: each holds exactly the rows that go out.
async fn copies(sweep: &mut Sweep<'_>, copies: &mut Copies) {
    let facts = sweep.facts;
    let rows_of = |report| facts.chronology_row.iter().filter(move |row| row.conference_report_id == report);
    let with_rows = facts.conference_report.iter().filter(|report| rows_of(report.id).next().is_some());
    for some in with_rows.collect::<Vec<_>>().chunks(20) {
        let ids: Vec<_> = some.iter().map(|report| global("ConferenceReport", report.id.0)).collect();
        let nodes = sweep.ask(COPIES, json!({"ids": ids})).await["data"]["nodes"].clone();
        for (n, report) in some.iter().enumerate() {
            let copy = nodes.get(n).map_or(&Value::Null, |node| &node["familyCopy"]);
            let what = format!("{} {:?}: {copy}", sweep.persona, report.id);
            assert_eq!(copy.is_object(), sweep.eyes.gives_copies(report), "{what}");
            if copy.is_null() {
                continue;
            }
            let reads = |row: &entity::chronology_row::Model| sweep.eyes.reads("chronology_row", "text", row.id.0);
            let (kept, goes): (Vec<_>, Vec<_>) = rows_of(report.id).partition(|row| row.third_party || row.locates);
            let goes: BTreeSet<_> = goes.into_iter().filter(|row| reads(row)).map(|row| row.id.0).collect();
            let told = sweep.canaries.in_value(&copy["chronology"]);
            assert_eq!(told.iter().map(|cage| cage.id).collect::<BTreeSet<_>>(), goes, "{what}");
            assert_eq!(copy["leftOut"], kept.len(), "{what}");
            assert!(!sweep.canaries.in_value(&copy["lines"]).is_empty(), "{what}");
            let mut keep = |kind, n: usize| *copies.kept.entry(kind).or_default() += n;
            keep("from third parties", kept.iter().filter(|row| row.third_party && reads(row)).count());
            keep("that locate", kept.iter().filter(|row| row.locates && reads(row)).count());
            let items = facts.restricted_item.iter().filter(|item| item.conference_report_id == Some(report.id));
            keep("restricted", items.filter(|item| sweep.eyes.sees("restricted_item", item.id.0)).count());
            copies.given += 1;
            copies.rows += goes.len();
        }
    }
}

/// Whoever gives a family its copy, and whatever that person reads: neither third parties nor a place nor a restricted passage
/// is in it.
async fn a_copy_for_the_family(app: App) {
    laid(&app).await;
    let stage = Stage::set(app).await;
    let (mut found, mut all) = (Found::default(), Copies::default());
    for persona in Stage::personas() {
        stage.turn(persona, &mut found, async |sweep: &mut Sweep<'_>| copies(sweep, &mut all).await).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    // a test in which nothing could come out would pass as well
    assert!(all.given > 20 && all.rows > 20, "{} copies with {} rows", all.given, all.rows);
    for kind in ["from third parties", "that locate", "restricted"] {
        assert!(
            all.kept.get(kind).is_some_and(|n| *n > 0),
            "nobody who gives a copy reads what is {kind}: {:?}",
            all.kept
        );
    }
}

both!(a_family, super::a_copy_for_the_family);
