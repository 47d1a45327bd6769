//! A reader's bundle holds exactly what that reader may see: for every persona, by the rules as the tests have them, row by
//! row and word by word, as JSON and on paper.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::conference_report::{self, State};
use entity::id::{ChildId, ConferenceId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::open_request;
use crate::reports::{RELEASE, it, of_a_school, submit};
use crate::support::contents::connect;
use crate::support::expected::{Eyes, Facts};
use crate::support::files::attach;
use crate::support::plant::{Cage, Canaries};
use crate::support::sweep::global;
use crate::support::{App, key, pages};

const REASON: Option<&str> = Some("To prepare the conference");

/// A bundle as a file, as its reader is given it.
async fn file(
    app: &App,
    persona: &str,
    (conference, child): (&str, &str),
    media: &str,
    reason: Option<&str>,
) -> Vec<u8> {
    let url = app.at(&format!("/bundles/{conference}/{child}"));
    let request = reqwest::Client::new().get(url).bearer_auth(app.token(persona)).header("accept", media);
    let request = reason.into_iter().fold(request, |request, reason| request.header("x-access-reason", reason));
    request.send().await.unwrap().bytes().await.unwrap().to_vec()
}

/// The same as JSON, for somebody who says why.
async fn bundle(app: &App, persona: &str, conference: &str, child: &str) -> Value {
    serde_json::from_slice(&file(app, persona, (conference, child), "application/json", REASON).await).unwrap()
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
        let asked = facts.report_request.iter().find(|request| request.id == row.report_request_id).unwrap();
        // where the newest was taken back, what it replaced does not stand again
        let stands =
            matches!(row.state, State::Submitted | State::Released | State::Superseded) && asked.received_at.is_some();
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

/// What of a bundle is words, by table: it stands in both forms of the file.
const WORDS: [(&str, &[&str]); 5] = [
    (
        "conference_report",
        &["involvement", "worries", "strengths", "child_voice", "family_views", "what_must_change", "reason"],
    ),
    ("report_answer", &["text"]),
    ("chronology_row", &["text", "source", "response"]),
    ("restricted_item", &["text"]),
    ("attachment", &["name"]),
];

/// Every word about a child's conference, and whether it lies in what its reader is given: the words of reports of which the
/// reader has another version, of rows and passages that are for others, and of what was taken back lie in nobody's.
fn words(facts: &Facts, eyes: &Eyes<'_>, first: (ConferenceId, ChildId)) -> Vec<(Cage, bool)> {
    let newest: BTreeSet<_> = newest(facts, eyes, first).into_iter().map(|report| report.id).collect();
    let mut rows = Vec::new();
    for report in facts.conference_report.iter().filter(|r| (r.conference_id, r.child_id) == first) {
        let lies = newest.contains(&report.id);
        rows.push(("conference_report", report.id.0, lies));
        let answers = facts.report_answer.iter().filter(|row| row.conference_report_id == report.id);
        rows.extend(answers.map(|row| ("report_answer", row.id.0, lies)));
        let told = facts.chronology_row.iter().filter(|row| row.conference_report_id == report.id);
        // whether an agency reads again what it told itself of a protected place depends on its cell for addresses
        let told = told.filter(|row| !(row.locates && eyes.is_of(row.agency_id)));
        rows.extend(told.map(|row| ("chronology_row", row.id.0, lies)));
        let files = facts.attachment.iter().filter(|row| row.conference_report_id == Some(report.id));
        rows.extend(files.map(|row| ("attachment", row.id.0, lies)));
    }
    for item in facts.restricted_item.iter().filter(|item| item.child_id == first.1) {
        let lies = item.conference_id == Some(first.0) && item.withdrawn_at.is_none();
        rows.push(("restricted_item", item.id.0, lies));
    }
    let columns = |table: &str| WORDS.iter().find(|(of, _)| *of == table).unwrap().1.iter().copied();
    let cages = rows.into_iter().flat_map(|(table, id, lies)| {
        columns(table).map(move |column| (Cage { table, column, id }, lies && eyes.reads(table, column, id)))
    });
    cages.collect()
}

/// How often a column was told and how often it was kept, over all readers.
type Tally = BTreeMap<(&'static str, &'static str), (usize, usize)>;

/// Holds the words that came out against those that lie in the bundle of a reader.
fn hold(came: &[Cage], words: &[(Cage, bool)], eyes: &Eyes<'_>, what: &str, tally: &mut Tally) {
    for (cage, told) in words {
        assert_eq!(came.contains(cage), *told, "{what}: {cage:?}");
        let count = tally.entry((cage.table, cage.column)).or_default();
        if *told { count.0 += 1 } else { count.1 += 1 }
    }
    for cage in came {
        assert!(!cage.table.is_empty() && eyes.reads(cage.table, cage.column, cage.id), "{what}: {cage:?}");
    }
}

async fn not_a_word_more_or_less(app: App) {
    let school = laid(&app).await;
    attach(&app).await;
    let db = connect(&app.url).await;
    let canaries = Canaries::plant(&db).await;
    let facts = Facts::read(&db, app.clock.now()).await;
    let of_first = facts.conference_report.iter().find(|row| global("ConferenceReport", row.id.0) == school).unwrap();
    let first = (of_first.conference_id, of_first.child_id);
    let (of, about) = (global("Conference", first.0.0), global("Child", first.1.0));
    let entry = facts.conference_child.iter().find(|r| (r.conference_id, r.child_id) == first).unwrap();
    let (mut as_json, mut on_paper) = (Tally::new(), Tally::new());
    for persona in quorate::demo::personas() {
        let persona = persona.key;
        let eyes = Eyes::of(&app, &db, &facts, persona).await;
        let get = async |media: &str, reason| file(&app, persona, (&of, &about), media, reason).await;
        let answer: Value = serde_json::from_slice(&get("application/json", REASON).await).unwrap();
        let came = canaries.in_value(&answer);
        if !eyes.sees("conference_child", entry.id.0) {
            assert!(came.is_empty() && answer["conference"].is_null(), "{persona}: {answer}");
            assert!(!get("application/pdf", REASON).await.starts_with(b"%PDF"), "{persona}");
            continue;
        }
        let words = words(&facts, &eyes, first);
        hold(&came, &words, &eyes, &format!("{persona} as JSON"), &mut as_json);
        // without a reason nothing restricted is told, and everything else is as it was
        let plain: Value = serde_json::from_slice(&get("application/json", None).await).unwrap();
        let open = words.iter().cloned().map(|(cage, told)| {
            let told = told && cage.table != "restricted_item";
            (cage, told)
        });
        let open: Vec<_> = open.collect();
        hold(&canaries.in_value(&plain), &open, &eyes, &format!("{persona} without a reason"), &mut Tally::new());
        for (reason, words) in [(REASON, &words), (None, &open)] {
            let Some(text) = pages::text_of(&get("application/pdf", reason).await) else { continue };
            hold(&canaries.in_text(&text), words, &eyes, &format!("{persona} on paper, {reason:?}"), &mut on_paper);
        }
    }
    for (column, (told, kept)) in as_json.iter().chain(&on_paper) {
        assert!(*told > 0 && *kept > 0, "{column:?} is told {told} times and kept {kept} times: {as_json:?}");
    }
    assert_eq!(as_json.len(), WORDS.iter().map(|(_, columns)| columns.len()).sum::<usize>());
}

both!(of_each, super::exactly_what_each_may_see);
both!(word_by_word, super::not_a_word_more_or_less);
