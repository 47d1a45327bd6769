//! How many can listen, what a connection costs, and how long an event takes to the last of those it concerns: see
//! docs/feed.md.
//!
//! Starts a server over a database of its own, opens the connections, and calls strategy meetings, each of which concerns
//! some of the listeners. Prints memory per connection, and the time from the answer of a call, which comes behind its
//! commit, to its first, middle and last delivery.
#![expect(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool that stops where something is wrong"
)]

#[path = "../../tests/it/support/wire.rs"]
mod wire;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use self::wire::{Came, Wire};

/// Listeners at rest.
#[derive(Parser)]
struct Args {
    /// The database: `postgres://…` of an empty one; a SQLite file of its own if left out.
    #[arg(long)]
    database_url: Option<String>,
    /// Connections that listen.
    #[arg(long, default_value_t = 5000)]
    listeners: usize,
    /// How many of them the events concern.
    #[arg(long, default_value_t = 100)]
    concerned: usize,
    /// Events.
    #[arg(long, default_value_t = 20)]
    events: usize,
    /// Children in the database.
    #[arg(long, default_value_t = 500)]
    children: u32,
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
    async fn start(args: &Args) -> Self {
        let folder = std::env::temp_dir().join(format!("quorate-feed-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let tokens = folder.join("tokens.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args(["demo", "--no-graphiql", "--listen", "127.0.0.1:0", "--connections-per-person", "100000"]);
        command.args(["--children", &args.children.to_string(), "--tokens-file"]).arg(&tokens);
        if let Some(url) = &args.database_url {
            command.args(["--database-url", url]);
        }
        let mut process = command.stdout(Stdio::null()).spawn().expect("the server starts");
        let tokens = loop {
            let text = std::fs::read(&tokens).ok();
            if let Some(tokens) = text.and_then(|text| serde_json::from_slice::<Value>(&text).ok()) {
                break tokens;
            }
            assert!(process.try_wait().expect("a process").is_none(), "the server stopped");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let endpoint = tokens["endpoint"].as_str().expect("an endpoint").to_owned();
        let ready = endpoint.replace("/graphql", "/health/ready");
        while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self { process, folder, endpoint, tokens }
    }

    fn token(&self, persona: &str) -> &str {
        self.tokens["personas"][persona]["token"].as_str().expect("a persona")
    }

    /// Bytes of memory that are its own.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("memory");
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
    }

    /// Seconds of processor time.
    fn seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("a process");
        let fields: Vec<_> = stat.rsplit_once(')').expect("fields").1.split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        let request = reqwest::Client::new().post(&self.endpoint).bearer_auth(self.token("social_worker"));
        let answer = request.json(&json!({"query": query, "variables": variables})).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("an answer");
        assert!(answer["data"].is_object(), "{answer}");
        answer["data"].clone()
    }
}

const FEED: &str = "subscription { feed(kinds: [STRATEGY_MEETING_CALLED]) { __typename
  ... on FeedEvent { strategyMeeting { id } } } }";

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id } userErrors { field code } } }";

async fn listen(server: &Server, persona: &str, heard: mpsc::UnboundedSender<(String, Instant)>) -> AbortHandle {
    let mut wire = Wire::of(&server.endpoint, server.token(persona)).await.expect("a socket");
    wire.subscribe("1", FEED, &json!({})).await.expect("a subscription");
    let Came::Message(_) = wire.next().await else { panic!("it listens") };
    tokio::spawn(async move {
        loop {
            let Came::Message(message) = wire.next().await else { panic!("a listener was closed") };
            if let Some(id) = message["payload"]["data"]["feed"]["strategyMeeting"]["id"].as_str() {
                heard.send((id.to_owned(), Instant::now())).expect("somebody counts");
            }
        }
    })
    .abort_handle()
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let server = Server::start(&args).await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = server.memory();
    let begun = Instant::now();
    let mut listening = Vec::new();
    for n in 0..args.listeners {
        // the police are asked to each meeting; who runs the machine sees no child
        let persona = if n < args.concerned { "police" } else { "system_admin" };
        listening.push(listen(&server, persona, tell.clone()).await);
    }
    let connected = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let each = server.memory().saturating_sub(before) as f64 / 1024.0 / args.listeners as f64;
    println!("{} listeners in {:.1} s: {each:.1} KiB each", args.listeners, connected.as_secs_f64());
    let seconds = server.seconds();
    tokio::time::sleep(Duration::from_secs(10)).await;
    println!("at rest: {:.1} % of a processor", (server.seconds() - seconds) * 10.0);

    let query =
        "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } agencies(first: 100) { nodes { id name } } }";
    let data = server.ask(query, json!({"n": quorate::demo::first_nhs_number()})).await;
    let agency = |name: &str| {
        let nodes = data["agencies"]["nodes"].as_array().expect("agencies");
        nodes.iter().find(|agency| agency["name"] == name).expect("an agency")["id"].clone()
    };
    let invitees = json!([{"agencyId": agency("Warwickshire Police")},
      {"agencyId": agency("Warwickshire Community Health Trust")}]);
    let (mut first, mut half, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.events {
        let input = json!({"idempotencyKey": quorate::clock::Clock::system().new_id(),
          "childIds": [data["findChild"]["id"]], "reason": "An injury nobody explains.",
          "scheduledAt": quorate::clock::Clock::system().now() + chrono::Duration::hours(6), "invitees": invitees});
        let done = server.ask(CALL, json!({"input": input})).await["it"].clone();
        let committed = Instant::now();
        let id = done["strategyMeeting"]["id"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned();
        let mut times = Vec::new();
        while times.len() < args.concerned {
            let told = tokio::time::timeout(Duration::from_mins(2), heard.recv()).await;
            let (of, at) = told.expect("it is told to all it concerns").expect("a listener");
            assert_eq!(of, id, "each is told once, and before the next is called");
            times.push(at.saturating_duration_since(committed));
        }
        times.sort_unstable();
        first.push(times[0]);
        half.push(times[times.len() / 2]);
        last.push(times[times.len() - 1]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!(
        "{} events to {} of {}: first after {:.1?}, half after {:.1?}, last after {:.1?} (medians)",
        args.events,
        args.concerned,
        args.listeners,
        middle(first),
        middle(half),
        middle(last)
    );
    listening.iter().for_each(AbortHandle::abort);
}
