//! Programs of `tests/clients`, which run npm packages in a process of their own and tell what happens as JSON lines.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::App;

/// A running program.
pub struct Node {
    process: Child,
    lines: Receiver<Value>,
}

impl Node {
    /// Starts a program; `None` where the packages are not installed.
    pub fn start(program: &str, args: &[&str]) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "where the npm packages are")]
        let Ok(clients) = std::env::var("QUORATE_CLIENTS_DIR") else {
            assert!(!super::is_ci(), "CI has the npm packages: use ./scripts/test");
            eprintln!("skipped: run ./scripts/test");
            return None;
        };
        let program = format!("{}/tests/clients/{program}", env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new("node")
            .arg(program)
            .args(args)
            .env("QUORATE_CLIENTS_DIR", clients)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if send.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        Some(Self { process, lines })
    }

    /// The npm client `graphql-ws` with a subscription.
    pub fn subscriber(endpoint: &str, token: &str, document: &str) -> Option<Self> {
        Self::start("subscriber.mjs", &[&endpoint.replace("http", "ws"), token, document, "{}"])
    }

    /// The same for a persona.
    pub fn persona(app: &App, persona: &str, document: &str) -> Option<Self> {
        Self::subscriber(&app.endpoint, &app.token(persona), document)
    }

    /// Says a line to the program.
    pub fn say(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next happening of a kind within two seconds of asking.
    pub async fn next(&self, kind: &str) -> Option<Value> {
        self.next_within(kind, Duration::from_secs(2)).await
    }

    /// The next happening of a kind within a time.
    pub async fn next_within(&self, kind: &str, time: Duration) -> Option<Value> {
        let asked = std::time::Instant::now();
        while asked.elapsed() < time {
            while let Ok(line) = self.lines.try_recv() {
                if line["type"] == kind {
                    return Some(line);
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    /// How many happenings of a kind were told and not asked for yet. Forgets the others.
    pub fn count(&self, kind: &str) -> usize {
        self.lines.try_iter().filter(|line| line["type"] == kind).count()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
