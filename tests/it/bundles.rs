//! A reader's bundle holds exactly what that reader may see: for every persona, by the rules as the tests have them, row by
//! row and word by word, as JSON and on paper.

use std::collections::{BTreeSet, HashMap};

use entity::conference_report::{self, State};
use entity::id::{ChildId, ConferenceId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::open_request;
use crate::reports::{RELEASE, it, of_a_school, submit};
use crate::support::contents::connect;
use crate::support::expected::{Eyes, Facts};
use crate::support::sweep::global;
use crate::support::{App, key};

/// A bundle as a file, as its reader is given it.
async fn bundle(app: &App, persona: &str, conference: &str, child: &str) -> Value {
    let url = app.at(&format!("/bundles/{conference}/{child}"));
    let request = reqwest::Client::new().get(url).bearer_auth(app.token(persona)).header("accept", "application/json");
    let answer = request.header("x-access-reason", "To prepare the conference").send().await.unwrap();
    answer.json::<Value>().await.unwrap()
}

/// The report of a health visitor by its template, some of whose items are about health whoever asks.
async fn of_a_health_visitor(app: &App) -> Value {
    let request = open_request(app, "health_visitor").await;
    json!({"idempotencyKey": key(9004), "reportRequestId": request, "template": {"code": "HEALTH_VISITOR", "version": 1},
      "involvement": "Since birth.", "worries": "Missed reviews.", "strengths": "Comes when she is asked.",
      "answers": [{"item": "IMMUNISATIONS_UP_TO_DATE", "choice": "NO"},
        {"item": "GROWTH_AND_DEVELOPMENT", "text": "Below the second centile."},
        {"item": "LAST_SEEN", "day": "2026-11-02"}],
      "chronology": [{"occurredOn": "2026-08-03", "kind": "HEALTH", "text": "Not brought.", "source": "Clinic list"}]})
}

/// Has something of every kind lie before the conference of the first family: reports with answers, rows from third parties, rows
/// that tell where the child is, and what only some may read; answers the id of the one that was released.
pub async fn laid(app: &App) -> Value {
    let health = app.agency("Warwickshire Community Health Trust").await;
    let request = open_request(app, "school_dsl").await;
    let mut input = of_a_school(9001, &request);
    input["restrictedItems"] =
        json!([{"kind": "RESTRICTED", "text": "Not before him.", "readers": [{"agencyId": health}]}]);
    input["chronology"].as_array_mut().unwrap().push(json!({"occurredOn": "2026-10-07", "kind": "OTHER",
      "text": "Lives at the aunt's in Mill Lane.", "source": "Told by the child", "locates": true}));
    let school = it(app, "school_dsl", &submit(), &input).await["conferenceReport"]["id"].clone();
    let request = open_request(app, "police").await;
    let police = crate::jobs::report(&request, &key(9002))["input"].clone();
    for (persona, input) in [("police", police), ("health_visitor", of_a_health_visitor(app).await)] {
        let done = it(app, persona, &submit(), &input).await;
        assert_eq!(done["userErrors"], json!([]), "{persona}");
    }
    let release = json!({"idempotencyKey": key(9003), "conferenceReportId": school});
    assert_eq!(it(app, "chair", RELEASE, &release).await["conferenceReport"]["state"], "RELEASED");
    school
}

fn ids(rows: &Value, pointer: &str) -> BTreeSet<String> {
    let id = |row: &Value| row.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(id).collect()
}

fn all(ty: &str, rows: impl IntoIterator<Item = Uuid>) -> BTreeSet<String> {
    rows.into_iter().map(|id| global(ty, id)).collect()
}

/// Of each request the newest version that somebody sees.
fn newest<'f>(
    facts: &'f Facts,
    eyes: &Eyes<'_>,
    (conference, child): (ConferenceId, ChildId),
) -> Vec<&'f conference_report::Model> {
    let mut newest: HashMap<_, &conference_report::Model> = HashMap::new();
    for row in &facts.conference_report {
        let stands = matches!(row.state, State::Submitted | State::Released | State::Superseded);
        let here = row.conference_id == conference && row.child_id == child;
        if here && stands && eyes.sees("conference_report", row.id.0) {
            let held = newest.entry(row.report_request_id).or_insert(row);
            if held.version < row.version {
                *held = row;
            }
        }
    }
    newest.into_values().collect()
}

async fn exactly_what_each_may_see(app: App) {
    let school = laid(&app).await;
    let db = connect(&app.url).await;
    let facts = Facts::read(&db, app.clock.now()).await;
    let of_first = facts.conference_report.iter().find(|row| global("ConferenceReport", row.id.0) == school).unwrap();
    let first = (of_first.conference_id, of_first.child_id);
    let (mut given, mut absent, mut withheld) = (0, 0, 0);
    for persona in quorate::demo::personas() {
        let persona = persona.key;
        let eyes = Eyes::of(&app, &db, &facts, persona).await;
        let others = facts.conference_child.iter().filter(|row| eyes.sees("conference_child", row.id.0));
        let some = others.map(|row| (row.conference_id, row.child_id)).take(6);
        for (conference, child) in std::iter::once(first).chain(some) {
            let row = facts.conference_child.iter().find(|r| (r.conference_id, r.child_id) == (conference, child));
            let (of, about) = (global("Conference", conference.0), global("Child", child.0));
            let answer = bundle(&app, persona, &of, &about).await;
            let what = format!("{persona} {conference:?} {child:?}: {answer}");
            if !eyes.sees("conference_child", row.unwrap().id.0) {
                // a system reads nothing at all, and is told so
                let code = if persona == "agency_system" { "FORBIDDEN" } else { "NOT_FOUND" };
                assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{what}");
                absent += 1;
                continue;
            }
            let bundle = &answer["conference"]["bundle"];
            let reports = newest(&facts, &eyes, (conference, child));
            assert_eq!(
                ids(&bundle["reports"]["nodes"], "/id"),
                all("ConferenceReport", reports.iter().map(|r| r.id.0)),
                "{what}"
            );
            let of_these = facts.chronology_row.iter().filter(|row| {
                reports.iter().any(|report| report.id == row.conference_report_id)
                    && eyes.sees("chronology_row", row.id.0)
            });
            assert_eq!(
                ids(&bundle["chronology"], "/row/id"),
                all("ChronologyRow", of_these.map(|row| row.id.0)),
                "{what}"
            );
            let items = facts.restricted_item.iter().filter(|item| {
                item.conference_id == Some(conference)
                    && item.child_id == child
                    && item.withdrawn_at.is_none()
                    && eyes.sees("restricted_item", item.id.0)
            });
            assert_eq!(
                ids(&bundle["restrictedItems"]["nodes"], "/id"),
                all("RestrictedItem", items.map(|item| item.id.0)),
                "{what}"
            );
            let missing = facts.report_request.iter().filter(|row| {
                row.conference_id == conference
                    && row.child_id == child
                    && row.received_at.is_none()
                    && eyes.sees("report_request", row.id.0)
            });
            assert_eq!(bundle["missing"]["nodes"].as_array().unwrap().len(), missing.count(), "{what}");
            for report in bundle["reports"]["nodes"].as_array().unwrap() {
                let row = reports.iter().find(|row| global("ConferenceReport", row.id.0) == report["id"]).unwrap();
                for (column, field) in [("worries", "worries"), ("family_views", "familyViews")] {
                    let reads = eyes.reads("conference_report", column, row.id.0);
                    // what is there is withheld from who may not read it, and said to be
                    assert!(reads || report[field].is_null(), "{field}: {what}");
                    assert_eq!(report[field].is_string() || field != "worries", reads || field != "worries", "{what}");
                    withheld += usize::from(!reads);
                }
            }
            given += 1;
        }
    }
    assert!(given > 20 && absent > 3 && withheld > 0, "{given} given, {absent} absent, {withheld} withheld");
}

both!(of_each, super::exactly_what_each_may_see);
