//! Guard: which room may enter which, by the names the code writes.

use std::fs;
use std::path::{Path, PathBuf};

/// A name, and the places under `src/` where it may be written.
const NAMES: &[(&str, &[&str])] = &[
    ("sea_orm", &["store"]),
    ("sqlx", &["store"]),
    ("async_graphql", &["graphql", "http", "store/loaders", "app.rs"]),
    ("krilla", &["paper"]),
    ("actix_web", &["http", "app.rs", "main.rs"]),
    ("jsonwebtoken", &["auth"]),
    ("object_store", &["store/attachment"]),
    ("multer", &["http"]),
];

/// A room, and the rooms it must not enter.
const ROOMS: &[(&str, &[&str])] = &[
    ("policy", &["store", "actions", "graphql", "http", "auth", "live", "practice"]),
    ("practice", &["store", "actions", "graphql", "http", "auth", "live", "policy"]),
    ("content", &["store", "actions", "graphql", "http", "auth", "live", "policy", "practice"]),
    ("scan.rs", &["store", "actions", "graphql", "http", "auth", "live", "policy", "practice"]),
    ("global.rs", &["store", "actions", "graphql", "http", "auth", "live", "policy", "practice"]),
    ("event.rs", &["store", "actions", "graphql", "http", "auth", "live", "policy", "practice"]),
    ("auth", &["store", "actions", "graphql", "http", "live", "practice"]),
    ("store", &["actions", "graphql", "http", "live"]),
    ("actions", &["graphql", "http", "live", "auth"]),
    ("live", &["actions", "graphql", "http", "policy", "practice"]),
    ("graphql", &["http", "practice"]),
    ("http", &["actions", "policy", "practice", "live"]),
    ("paper", &["store", "actions", "graphql", "http", "auth", "live", "policy", "practice"]),
];

/// Where a connection may be named: what reads rows for a caller anywhere else would leave no trace in the access record.
const POOL: &[&str] = &[
    "store/read.rs",
    // the same statements, several in one
    "store/ahead/mod.rs",
    // standing, positions of the feed, counts: nothing of a child but figures, which it notes itself
    "store/standing.rs",
    "store/outbox.rs",
    // how far a feed reaches, and for no caller: forgetting what is too old
    "store/feed.rs",
    // whom an event may concern: who is asked about it later, by the row rule
    "store/audience.rs",
    // what is next for a webhook, which it reads by the row rule of who the webhook follows; and what became of it: kinds and places
    "store/webhook/",
    // waking other servers
    "store/wake.rs",
    "store/non_attendance.rs",
    "store/non_attendance/streaks.rs",
    // that something is kept which frozen figures count, and nothing of it
    "store/escalation/frozen.rs",
    // what an emergency shows, past the row rules, and notes itself
    "store/emergency_record.rs",
    // two days of a plan, past the row rules, of which it notes the child itself
    "store/plan_status.rs",
    // which profile an authority has, and nothing of a child
    "store/practice.rs",
    "store/limits.rs",
    // for no caller: reviews are issued, counts forgotten
    "store/upkeep.rs",
    "store/deadline_upkeep.rs",
    // the row a ticket names, asked by the row rule of who was given it; what is looked at before anybody reads it
    "store/attachment/receive.rs",
    "store/attachment/check.rs",
    // which contents a row refers to, and nothing else of it
    "store/attachment/sweep.rs",
    // which items of practice have no answer, past the row rules: nothing else of what is read leaves
    "store/record/sheet.rs",
    // the transactions of writes, whose reads go through read.rs as well
    "store/tx.rs",
    // the record itself
    "store/audit/",
    // opening and filling
    "store/connect.rs",
    "store/bulk.rs",
];

#[test]
fn rows_leave_through_one_door() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let named = |file: &PathBuf| {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(file).unwrap();
        (["db.pool", "db.reads", "db.record"].iter().any(|pool| text.contains(pool))
            && !POOL.iter().any(|place| name.starts_with(place)))
        .then_some(name)
    };
    let wrong: Vec<_> = files.iter().filter_map(named).collect();
    assert!(wrong.is_empty(), "read rows with `rows::<E>()`, which notes them: {wrong:?}");
}

/// A change that waits for a second connection while it has the writer's lock waits for those who hold all connections and
/// wait for that lock: nothing moves until one of them gives up.
#[test]
fn a_change_reads_by_its_own_connection() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let reads = ["scope().by_id", "scope().rows", "scope().list", "scope().store().standings_of"];
    let wrong: Vec<_> =
        files.iter().filter(|file| reads.iter().any(|read| fs::read_to_string(file).unwrap().contains(read))).collect();
    assert!(wrong.is_empty(), "read with `tx.by_id` or `tx.rows`: {wrong:?}");
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn rooms_keep_to_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50);
    let mut wrong = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (i, line) in code.enumerate() {
            for (crate_name, places) in NAMES {
                let written = line.contains(&format!("{crate_name}::")) || line.contains(&format!("use {crate_name};"));
                if written && !places.iter().any(|place| name.starts_with(place)) {
                    wrong.push(format!("{name}:{i}: {crate_name}"));
                }
            }
            for (room, closed) in ROOMS.iter().filter(|(room, _)| name.starts_with(room)) {
                for other in *closed {
                    if line.contains(&format!("crate::{other}::")) || line.contains(&format!("crate::{other};")) {
                        wrong.push(format!("{name}:{i}: {room} enters {other}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the house has walls, see architecture in README:\n{}", wrong.join("\n"));
}
