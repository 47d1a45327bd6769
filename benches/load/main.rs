//! The workloads under load, beside hand-written SQL for the same answers on the same PostgreSQL: see `scripts/bench`.
//!
//! Prints requests a second, p50 and p99 in milliseconds, seconds of processor time for a thousand requests of the server
//! and of PostgreSQL, and the ratio to `pgbench -M prepared`. Figures of one run compare with each other, not with those
//! of another machine.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool that stops where something is wrong"
)]

mod client;
mod machine;
mod pgbench;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};

use self::client::{Requests, Run};
use self::machine::{peak_memory, seconds_of, seconds_of_family};

/// Workloads under load.
#[derive(Parser)]
struct Args {
    /// PostgreSQL; `scripts/bench` starts one.
    #[arg(long, env = "QUORATE_TEST_POSTGRES", hide_env_values = true)]
    postgres: String,
    /// Its process.
    #[arg(long, env = "QUORATE_TEST_POSTGRES_PID")]
    postgres_pid: u32,
    /// A database that is there stays and is used again; else one is made.
    #[arg(long, default_value = "quorate_bench")]
    database: String,
    /// Children in it.
    #[arg(long, default_value_t = 10_000)]
    children: u32,
    /// Seconds a round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections at a time.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Only these workloads.
    #[arg(long, value_delimiter = ',', default_value = "W1,B1,W2,W3,B2,B3,B4,B5,B6,W6,W4")]
    only: Vec<String>,
    /// Without the comparison.
    #[arg(long)]
    no_sql: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Server {
    process: Child,
    folder: std::path::PathBuf,
    endpoint: String,
    tokens: Value,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    async fn start(url: &str, children: u32) -> Self {
        let folder = std::env::temp_dir().join(format!("quorate-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let tokens = folder.join("tokens.json");
        let begin = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["demo", "--no-graphiql", "--listen", "127.0.0.1:0", "--children", &children.to_string()])
            .arg("--tokens-file")
            .arg(&tokens)
            .env("DATABASE_URL", url)
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        let tokens = loop {
            if let Some(tokens) =
                std::fs::read(&tokens).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok())
            {
                break tokens;
            }
            assert!(process.try_wait().expect("a process").is_none(), "the server stopped");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let endpoint = tokens["endpoint"].as_str().expect("an endpoint").to_owned();
        let address = endpoint.trim_start_matches("http://").split('/').next().expect("an address").to_owned();
        while tokio::net::TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!("{children} children, ready after {:.1} s", begin.elapsed().as_secs_f64());
        Self { process, folder, endpoint, tokens }
    }

    fn requests(&self, persona: &str, bodies: impl IntoIterator<Item = String>) -> Arc<Requests> {
        let token = self.tokens["personas"][persona]["token"].as_str().expect("a persona");
        Arc::new(Requests::new(&self.endpoint, token, bodies))
    }

    async fn who(&self, persona: &str) -> Value {
        let query = "{ viewer { practitioner { id } agency { id } } }";
        self.ask(persona, query, json!({})).await["viewer"].clone()
    }

    async fn ask(&self, persona: &str, query: &str, variables: Value) -> Value {
        let answer = self.requests(persona, [body(query, variables)]).ask(0).await;
        assert!(answer["data"].is_object(), "{persona}: {answer}");
        answer["data"].clone()
    }
}

fn body(query: &str, variables: Value) -> String {
    json!({"query": query, "variables": variables}).to_string()
}

/// A global id as the database has it.
fn uuid(id: &Value) -> String {
    use base64::Engine as _;
    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id.as_str().expect("an id")).expect("an id");
    String::from_utf8(plain).expect("an id").split_once(':').expect("an id").1.to_owned()
}

struct Workload {
    name: &'static str,
    requests: Arc<Requests>,
    /// Sent once each.
    once: bool,
    /// Values of the hand-written statement.
    given: Vec<(&'static str, String)>,
}

/// Reports that are submitted.
const SUBMISSIONS: usize = 1500;

/// Children one person opens: as many as the limits of use let within an hour.
const CHILDREN: usize = 100;

/// What people ask who work with very many children; nothing hand-written stands beside it.
const BROAD: [(&str, &str, &str); 6] = [
    ("B2", "police", include_str!("../documents/b2.graphql")),
    ("B3", "service_manager", include_str!("../documents/w2.graphql")),
    ("B4", "service_manager", include_str!("../documents/b4.graphql")),
    ("B5", "police", include_str!("../documents/b5.graphql")),
    ("B6", "team_manager", include_str!("../documents/b5.graphql")),
    ("W6", "chair", include_str!("../documents/w6.graphql")),
];

async fn workloads(server: &Server, url: &str, only: &[String]) -> Vec<Workload> {
    let wanted = |name: &str| only.iter().any(|each| each == name);
    let now = quorate::clock::Clock::system().now();
    let of = |who: &Value| vec![("agency", uuid(&who["agency"]["id"])), ("person", uuid(&who["practitioner"]["id"]))];
    let mut all = Vec::new();
    for (name, persona) in [("W1", "health_visitor"), ("B1", "police")] {
        if wanted(name) {
            let children = children_of(server, persona).await;
            let bodies = children.iter().map(|id| body(include_str!("../documents/w1.graphql"), json!({"id": id})));
            let ids: Vec<_> = children.iter().map(|id| format!("'{}'", uuid(id))).collect();
            let given = [of(&server.who(persona).await), vec![("children", ids.join(","))]].concat();
            all.push(Workload { name, requests: server.requests(persona, bodies), once: false, given });
        }
    }
    if wanted("W2") {
        let who = server.who("police").await;
        let bodies = [body(include_str!("../documents/w2.graphql"), json!({"from": now}))];
        all.push(Workload {
            name: "W2",
            requests: server.requests("police", bodies),
            once: false,
            given: [of(&who), vec![("start", now.to_rfc3339())]].concat(),
        });
    }
    if wanted("W3") {
        let until = now.date_naive();
        let from = until - chrono::Months::new(24);
        let bodies = [body(include_str!("../documents/w3.graphql"), json!({"from": from, "until": until}))];
        let who = server.who("service_manager").await;
        all.push(Workload {
            name: "W3",
            requests: server.requests("service_manager", bodies),
            once: false,
            given: [of(&who), vec![("start", from.to_string()), ("stop", until.to_string())]].concat(),
        });
    }
    for (name, persona, document) in BROAD {
        if wanted(name) {
            let bodies = [body(document, json!({"from": now}))];
            all.push(Workload { name, requests: server.requests(persona, bodies), once: false, given: vec![] });
        }
    }
    if wanted("W4") {
        let who = server.who("health_visitor").await;
        let bodies = submissions(url, &who);
        let requests = server.requests("agency_system", bodies);
        all.push(Workload { name: "W4", requests, once: true, given: of(&who) });
    }
    all
}

/// Some children that somebody works with, as many as the limits of use let them open.
async fn children_of(server: &Server, persona: &str) -> Vec<Value> {
    let mut children = Vec::new();
    let mut after = Value::Null;
    while children.len() < CHILDREN {
        let query =
            "query($a: String) { children(first: 50, after: $a) { nodes { id } pageInfo { endCursor hasNextPage } } }";
        let page = server.ask(persona, query, json!({"a": after})).await["children"].clone();
        children.extend(page["nodes"].as_array().expect("children").iter().map(|child| child["id"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    children
}

/// Open requests, for the agency whose system submits; a system has no list of them. One agency is asked for too few to
/// measure anything, so it takes over what others were asked for.
fn submissions(url: &str, who: &Value) -> Vec<String> {
    let author = &who["practitioner"]["id"];
    let open = format!(
        "UPDATE report_request SET agency_id = '{}' WHERE id IN (
           SELECT DISTINCT ON (conference_id, child_id) id FROM report_request r
           WHERE received_at IS NULL AND due_at > now() AND NOT EXISTS (
             SELECT 1 FROM report_request o
             WHERE o.conference_id = r.conference_id AND o.child_id = r.child_id AND o.agency_id = '{0}' AND o.id <> r.id)
           LIMIT {SUBMISSIONS})
         RETURNING replace(id::text, '-', '')",
        uuid(&who["agency"]["id"])
    );
    let input = |id: &str| {
        json!({"input": {"idempotencyKey": quorate::clock::Clock::system().new_id(), "authorId": author,
          "reportRequestId": global("ReportRequest", id), "involvement": "Known to the team since the spring.",
          "worries": "Weight not followed up twice.", "strengths": "The mother asked for help herself.",
          "childVoice": "Likes the new nursery.", "safetyScore": 4, "recommendation": "CP_PLAN",
          "sharedWithFamilyOn": quorate::clock::Clock::system().now().date_naive()}})
    };
    let document = include_str!("../documents/w4.graphql");
    pgbench::psql(url, &open).lines().map(|id| body(document, input(id))).collect()
}

fn global(noun: &str, id: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{noun}:{id}"))
}

struct Row {
    run: Run,
    server: f64,
    postgres: f64,
}

async fn measure(args: &Args, server: &Server, work: &Workload, connections: usize) -> Row {
    let pid = server.process.id();
    let before = (seconds_of(pid), seconds_of_family(args.postgres_pid));
    let run = work.requests.run(connections, Duration::from_secs(args.seconds), work.once).await;
    let per_thousand = 1000.0 / run.answers.max(1) as f64;
    Row {
        server: (seconds_of(pid) - before.0) * per_thousand,
        postgres: (seconds_of_family(args.postgres_pid) - before.1) * per_thousand,
        run,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let url = pgbench::database(&args.postgres, &args.database);
    let server = Server::start(&url, args.children).await;
    pgbench::settle(&url);
    // a server that begins looks after what is due first
    pgbench::at_rest(&url);
    println!(
        "{:<4} {:>5} {:>9} {:>8} {:>8} {:>9} {:>9} {:>7} {:>9} {:>8} {:>6}",
        "", "conns", "req/s", "p50 ms", "p99 ms", "app s/k", "pg s/k", "KB", "sql tps", "sql p50", "ratio"
    );
    for work in workloads(&server, &url, &args.only).await {
        let sql = (!args.no_sql).then(|| pgbench::Sql::of(work.name, &url, &work.given)).flatten();
        if !work.once {
            let answer = work.requests.ask(0).await;
            if !answer["errors"].is_null() {
                println!("{:<4} REFUSED {}", work.name, answer["errors"]);
                continue;
            }
            measure(&args, &server, &work, args.connections).await;
        }
        println!("{:<4} {} requests", work.name, work.requests.len());
        let before = pgbench::scanned(&url);
        if !work.once {
            measure(&args, &server, &work, 1).await;
            // the statistics of a backend come a second late
            tokio::time::sleep(Duration::from_secs(2)).await;
            for (table, rows) in pgbench::scanned(&url) {
                let rows = rows - before.get(&table).copied().unwrap_or(0.0);
                if rows > 0.0 {
                    println!("{:<4} WHOLE TABLE {table}: {rows} rows", work.name);
                }
            }
        }
        for connections in if work.once { vec![args.connections] } else { vec![1, args.connections] } {
            let (mut rows, mut limits) = (Vec::new(), Vec::new());
            for _ in 0..if work.once { 1 } else { args.rounds } {
                rows.push(measure(&args, &server, &work, connections).await);
                limits.extend(sql.as_ref().map(|sql| sql.run(connections, args.seconds)));
            }
            let of = |value: fn(&Row) -> f64| median(rows.iter().map(value).collect());
            let failed: usize = rows.iter().map(|row| row.run.failed).sum();
            let rps = of(|row| row.run.per_second());
            let tps = median(limits.iter().map(|limit| limit.per_second).collect());
            println!(
                "{:<4} {:>5} {:>9.0} {:>8.2} {:>8.2} {:>9.3} {:>9.3} {:>7.1} {:>9.0} {:>8.2} {:>6.2}{}",
                work.name,
                connections,
                rps,
                of(|row| row.run.at(0.5)),
                of(|row| row.run.at(0.99)),
                of(|row| row.server),
                of(|row| row.postgres),
                of(|row| row.run.bytes as f64 / row.run.answers.max(1) as f64 / 1024.0),
                tps,
                median(limits.iter().map(|limit| limit.p50).collect()),
                rps / tps,
                if failed > 0 { format!("  {failed} FAILED") } else { String::new() },
            );
        }
    }
    println!("peak memory of the server: {:.0} MiB", peak_memory(server.process.id()));
}
