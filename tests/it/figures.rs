//! The figures of non-attendance, held against an independent computation, and against who would take them apart.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::App;
use crate::support::contents::{connect, texts};

const FIELDS: &str =
    "month agencyKind meetingKind stage agency { name } chair { fullName } teamName invitations withProperNotice attended apologies
  noWord unrecorded reportsOnTime reportsLate reportsMissing
  rawRate { missed of rate low high } adjustedRate { missed of rate low high }
  funnel { centre lower2 upper2 lower3 upper3 chance } trend { before difference direction }
  streak { longest children } isPattern";

/// Every invitation that a chair of the first authority counts, in the words of the database.
async fn facts(app: &App) -> Vec<String> {
    let db = connect(&app.url).await;
    let text = |column: &str| {
        if app.url.starts_with("sqlite") {
            format!("coalesce({column}, '')")
        } else {
            format!("coalesce({column}::text, '')")
        }
    };
    let id = |column: &str| {
        if app.url.starts_with("sqlite") { format!("nullif(hex({column}), '')") } else { format!("{column}::text") }
    };
    let columns = [
        "a.name".to_owned(),
        "a.kind".to_owned(),
        "i.meeting".to_owned(),
        "coalesce(c.kind, '')".to_owned(),
        text("i.scheduled_at"),
        text("i.notice_working_days"),
        "coalesce(i.attendance, '')".to_owned(),
        text("i.report_due_at"),
        text("i.report_received_at"),
        id("i.id"),
        format!("coalesce({}, {}, {}, '')", id("cc.child_id"), id("sc.child_id"), id("g.child_id")),
        "coalesce(p.full_name, '')".to_owned(),
        "coalesce(t.name, '')".to_owned(),
    ];
    let sql = format!(
        "SELECT {} FROM invitation i JOIN agency a ON a.id = i.agency_id JOIN local_authority l ON l.id = i.local_authority_id
         LEFT JOIN conference c ON c.id = i.conference_id LEFT JOIN strategy_meeting s ON s.id = i.strategy_meeting_id
         LEFT JOIN conference_child cc ON cc.conference_id = i.conference_id
         LEFT JOIN strategy_meeting_child sc ON sc.strategy_meeting_id = i.strategy_meeting_id
         LEFT JOIN core_group_meeting g ON g.id = i.core_group_meeting_id
         LEFT JOIN practitioner p ON p.id = coalesce(c.chair_id, s.lead_id) LEFT JOIN team t ON t.id = c.team_id
         WHERE l.name = 'Warwickshire' AND s.allegation_id IS NULL",
        columns.join(" || '|' || ")
    );
    texts(&db, &sql).await
}

async fn as_python_counts(app: App) {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has Python: use ./scripts/test");
        eprintln!("the figures are not counted again: python3 is missing");
        return;
    }
    let ask = format!(
        "query($f: NonAttendanceFilterInput, $by: [NonAttendanceDimension!]!) {{ nonAttendance(filter: $f, groupBy: $by) {{
          from until partnership {{ missed of rate }} method {{ least chance byLuck times running }} buckets {{ {FIELDS} }} }} }}"
    );
    let me = app.data("chair", "{ viewer { practitioner { id fullName } } }", json!({})).await["viewer"].clone();
    let (chair, name) = (&me["practitioner"]["id"], &me["practitioner"]["fullName"]);
    let mut answers = Vec::new();
    for (filter, by) in [
        (json!({}), json!(["AGENCY"])),
        (json!({}), json!(["AGENCY", "MONTH"])),
        (json!({"from": "2025-01-01", "until": "2026-10-01"}), json!(["QUARTER", "MEETING"])),
        (json!({"from": "2025-11-24"}), json!(["AGENCY_KIND", "STAGE"])),
        (json!({"meetingKind": "CONFERENCE"}), json!(["AGENCY", "STAGE"])),
        (json!({"agencyKind": "HEALTH", "from": "2025-12-01"}), json!(["AGENCY", "QUARTER"])),
        (json!({"stage": "REVIEW", "countBy": "CHILD"}), json!(["AGENCY_KIND"])),
        (json!({"countBy": "CHILD"}), json!(["MONTH"])),
        (json!({}), json!(["CHAIR"])),
        (json!({"from": "2025-12-01"}), json!(["TEAM", "QUARTER"])),
        (json!({"stage": "REVIEW"}), json!(["AGENCY"])),
        (json!({"chairId": chair}), json!(["AGENCY", "CHAIR"])),
    ] {
        let data = app.data("chair", &ask, json!({"f": filter, "by": by})).await;
        assert!(data["nonAttendance"]["buckets"].as_array().unwrap().len() > 1, "{filter} {by}");
        answers.push(json!({"filter": filter, "by": by, "chair": name, "answer": data["nonAttendance"]}));
    }
    let given = json!({"now": app.clock.now(), "rows": facts(&app).await, "answers": answers}).to_string();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/figures.py");
    let run = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("python3")
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        python.wait_with_output().unwrap()
    });
    let run = run.await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && said.contains("buckets agree"), "{said}");
}

/// Buckets on sorted pages are all buckets, each once; and behind each bucket lie as many invitations as the service manager,
/// who sees the whole agency's children, counts of it at the most.
async fn pages_and_lists(app: App) {
    let all = "{ nonAttendance(groupBy: [AGENCY, MONTH]) { buckets { month agency { id } rawRate { missed } } } }";
    let all = app.data("chair", all, json!({})).await["nonAttendance"]["buckets"].as_array().unwrap().clone();
    let page = "query($after: String) { nonAttendance(groupBy: [AGENCY, MONTH]) {
      bucketPage(first: 37, after: $after, sort: MISSED) { nodes { month agency { id } rawRate { missed } }
      pageInfo { hasNextPage endCursor } } } }";
    let (mut paged, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = app.data("chair", page, json!({"after": after})).await["nonAttendance"]["bucketPage"].clone();
        paged.extend(data["nodes"].as_array().unwrap().clone());
        if data["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = data["pageInfo"]["endCursor"].clone();
    }
    let missed = |b: &Value| b["rawRate"]["missed"].as_i64().unwrap_or(-1);
    assert!(paged.windows(2).all(|two| missed(&two[0]) >= missed(&two[1])));
    let key_of = |b: &Value| b.to_string();
    let (mut one, mut two): (Vec<_>, Vec<_>) = (all.iter().map(key_of).collect(), paged.iter().map(key_of).collect());
    one.sort_unstable();
    two.sort_unstable();
    assert_eq!(one, two);
    assert_eq!(app.code("chair", page, json!({"after": "x~y"})).await, "BAD_USER_INPUT");

    let worst = paged.first().unwrap();
    let from: chrono::NaiveDate = worst["month"].as_str().unwrap().parse().unwrap();
    let until = from.checked_add_months(chrono::Months::new(1)).unwrap();
    let filter = json!({"agencyId": worst["agency"]["id"], "from": from, "until": until});
    let behind = "query($f: NonAttendanceFilterInput) { nonAttendanceInvitations(filter: $f, first: 100) {
      nodes { attendance scheduledAt agency { id } } } }";
    let rows = app.data("service_manager", behind, json!({"f": filter})).await;
    let rows = rows["nonAttendanceInvitations"]["nodes"].as_array().unwrap().clone();
    assert!(!rows.is_empty() && i64::try_from(rows.len()).unwrap() <= missed(worst), "{}", rows.len());
    for row in &rows {
        assert!(["APOLOGIES", "NO_WORD"].contains(&row["attendance"].as_str().unwrap()), "{row}");
        assert_eq!(row["agency"]["id"], worst["agency"]["id"]);
    }
    assert_eq!(app.code("system_admin", behind, json!({"f": filter})).await, "FORBIDDEN");
    let statements = async |groups: Value| {
        let before = app.statements.load(std::sync::atomic::Ordering::SeqCst);
        let ask = format!(
            "query($by: [NonAttendanceDimension!]!) {{ nonAttendance(groupBy: $by) {{ buckets {{ {FIELDS} }} }} }}"
        );
        app.data("chair", &ask, json!({"by": groups})).await;
        app.statements.load(std::sync::atomic::Ordering::SeqCst) - before
    };
    let (few, many) = (statements(json!(["AGENCY"])).await, statements(json!(["AGENCY", "MONTH"])).await);
    // the access record is written beside
    assert!(many <= few + 2, "{few} {many}");
}

/// What may be asked where small counts are kept: whole quarters that are over, in a few buckets.
fn questions(quarters: &[&str], kinds: &[&str], whose: &str) -> Vec<(Value, Value)> {
    let mut all = Vec::new();
    for (i, from) in quarters.iter().enumerate() {
        for until in &quarters[i + 1..] {
            for kind in kinds {
                for by in
                    [json!([]), json!(["QUARTER"]), json!(["MEETING"]), json!([whose]), json!(["QUARTER", "MEETING"])]
                {
                    let kind = if kind.is_empty() { Value::Null } else { json!(kind) };
                    all.push((json!({"from": from, "until": until, "meetingKind": kind}), by));
                }
            }
        }
    }
    all
}

/// The invitations that a count is of, as the bits of a set.
type Rows = Vec<u64>;

/// Whether a row is one of those that a number counts.
type Which = Box<dyn Fn(&[&str]) -> bool>;

fn set(rows: impl Iterator<Item = usize>, of: usize) -> Rows {
    let mut bits = vec![0; of.div_ceil(64)];
    for row in rows {
        bits[row / 64] |= 1 << (row % 64);
    }
    bits
}

/// All that may be asked of the demo, and of each pair of numbers that are answered: neither one less the other is a small count
/// that is kept.
async fn differences_tell_nothing(app: App) {
    let quarters = ["2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"];
    let kinds = ["", "CONFERENCE", "STRATEGY_MEETING", "CORE_GROUP"];
    let facts = facts(&app).await;
    let (mut told_whole, mut told_at_all) = (0, 0);
    for (persona, whose) in [("school_dsl", "AGENCY"), ("health_visitor", "AGENCY"), ("auditor", "AGENCY_KIND")] {
        let name = app.data(persona, "{ viewer { agency { name } } }", json!({})).await;
        let own = name["viewer"]["agency"]["name"].as_str().unwrap().to_owned();
        let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for fact in &facts {
            let parts: Vec<&str> = fact.split('|').collect();
            if persona == "auditor" || parts[0] == own {
                rows.insert(parts[9], parts);
            }
        }
        let rows: Vec<_> = rows.into_values().collect();
        let (mut told, mut kept, mut whole) = (Vec::new(), Vec::new(), 0);
        for (filter, by) in questions(&quarters, &kinds, whose) {
            let ask = format!(
                "query($f: NonAttendanceFilterInput, $by: [NonAttendanceDimension!]!) {{
                  nonAttendance(filter: $f, groupBy: $by) {{ partnership {{ missed }} buckets {{ {FIELDS} }} }} }}"
            );
            let data = app.data(persona, &ask, json!({"f": filter, "by": by})).await["nonAttendance"].clone();
            assert_eq!(data["partnership"], Value::Null);
            for bucket in data["buckets"].as_array().unwrap() {
                let of_bucket = |r: &[&str]| {
                    let day = &r[4][..10];
                    let from = bucket["month"].as_str().unwrap_or(filter["from"].as_str().unwrap());
                    let next = quarters.iter().find(|q| **q > from).unwrap();
                    let until = if bucket["month"].is_null() { filter["until"].as_str().unwrap() } else { *next };
                    let kind = bucket["meetingKind"].as_str().or(filter["meetingKind"].as_str());
                    day >= from
                        && day < until
                        && kind.is_none_or(|kind| kind == r[2])
                        && bucket["agencyKind"].as_str().is_none_or(|kind| kind == r[1])
                };
                let proper = |r: &[&str]| r[5].parse::<i32>().unwrap() >= 5;
                let missed = |r: &[&str]| ["APOLOGIES", "NO_WORD"].contains(&r[6]);
                let counted: [(&Value, Which); 13] = [
                    (&bucket["invitations"], Box::new(|_| true)),
                    (&bucket["withProperNotice"], Box::new(proper)),
                    (&bucket["attended"], Box::new(|r| ["IN_PERSON", "REMOTE", "DEPUTY"].contains(&r[6]))),
                    (&bucket["apologies"], Box::new(|r| r[6] == "APOLOGIES")),
                    (&bucket["noWord"], Box::new(|r| r[6] == "NO_WORD")),
                    (&bucket["unrecorded"], Box::new(|r| r[6].is_empty())),
                    (&bucket["rawRate"]["missed"], Box::new(missed)),
                    (&bucket["rawRate"]["of"], Box::new(|r| !r[6].is_empty())),
                    (&bucket["adjustedRate"]["missed"], Box::new(move |r| missed(r) && proper(r))),
                    (&bucket["adjustedRate"]["of"], Box::new(move |r| !r[6].is_empty() && proper(r))),
                    // instants in the words of one database, in order as they are
                    (&bucket["reportsOnTime"], Box::new(|r| !r[7].is_empty() && !r[8].is_empty() && r[8] <= r[7])),
                    (&bucket["reportsLate"], Box::new(|r| !r[7].is_empty() && !r[8].is_empty() && r[8] > r[7])),
                    (&bucket["reportsMissing"], Box::new(|r| !r[7].is_empty() && r[8].is_empty())),
                ];
                whole += usize::from(!bucket["attended"].is_null());
                for (number, which) in &counted {
                    let those: Vec<_> = (0..rows.len()).filter(|i| of_bucket(&rows[*i]) && which(&rows[*i])).collect();
                    let small = (1..=5).contains(&those.len());
                    match number.as_u64() {
                        Some(n) => {
                            // a clock of England and one of the universal time agree about all but the last hour of a quarter
                            assert_eq!(usize::try_from(n).unwrap(), those.len(), "{persona} {filter} {by} {bucket}");
                            assert!(!small, "{persona}: {bucket}");
                            told.push(set(those.into_iter(), rows.len()));
                        }
                        None if small => kept.push(set(those.into_iter(), rows.len())),
                        None => {}
                    }
                }
            }
        }
        told.sort_unstable();
        told.dedup();
        kept.sort_unstable();
        kept.dedup();
        assert!(persona == "auditor" || !kept.is_empty(), "{persona} is kept nothing");
        told_whole += whole;
        told_at_all += told.len();
        for one in &told {
            assert!(kept.binary_search(one).is_err(), "{persona}");
            for two in &told {
                if one.iter().zip(two).all(|(a, b)| a & b == *b) {
                    let rest: Rows = one.iter().zip(two).map(|(a, b)| a & !b).collect();
                    assert!(kept.binary_search(&rest).is_err(), "{persona}: a difference tells a count that is kept");
                }
            }
        }
    }
    assert!(told_whole >= 3 && told_at_all > 3, "{told_at_all} numbers are told, {told_whole} buckets in whole");
    what_is_not_asked(&app).await;
}

async fn what_is_not_asked(app: &App) {
    let ask = "query($f: NonAttendanceFilterInput, $by: [NonAttendanceDimension!]!) { nonAttendance(filter: $f, groupBy: $by) { from } }";
    let refused = async |persona: &str, filter: Value, by: Value| {
        let body = app.ask(persona, ask, json!({"f": filter, "by": by})).await;
        body["errors"][0]["extensions"]["argument"].as_str().unwrap_or_default().to_owned()
    };
    for (filter, by, field) in [
        (json!({"from": "2026-02-01"}), json!([]), "filter.from"),
        (json!({"from": "2026-01-01", "until": "2026-09-01"}), json!([]), "filter.until"),
        (json!({"from": "2026-01-01", "until": "2027-01-01"}), json!([]), "filter.until"),
        (json!({"stage": "REVIEW"}), json!([]), "filter.stage"),
        (json!({"countBy": "CHILD"}), json!([]), "filter.countBy"),
        (json!({"agencyKind": "POLICE"}), json!([]), "filter.agencyKind"),
        (json!({}), json!(["MONTH"]), "groupBy"),
        (json!({}), json!(["AGENCY_KIND"]), "groupBy"),
        (json!({}), json!(["CHAIR"]), "groupBy"),
    ] {
        assert_eq!(refused("school_dsl", filter.clone(), by.clone()).await, field, "{filter} {by}");
    }
    let police = app.agency("Warwickshire Police").await;
    let others = json!({"f": {"agencyId": police}, "by": []});
    let of_others = "query($f: NonAttendanceFilterInput, $by: [NonAttendanceDimension!]!) {
      nonAttendance(filter: $f, groupBy: $by) { buckets { invitations } } }";
    assert_eq!(app.data("school_dsl", of_others, others).await["nonAttendance"]["buckets"], json!([]));
    assert_eq!(refused("auditor", json!({"agencyId": police}), json!([])).await, "filter.agencyId");
    assert_eq!(refused("chair", json!({}), json!(["MONTH", "QUARTER"])).await, "groupBy");
}

both!(python, super::as_python_counts);
both!(paged, super::pages_and_lists);
both!(differences, super::differences_tell_nothing);
