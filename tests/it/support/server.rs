//! The real binary with the demo's data, in a process of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use quorate::clock::Clock;
use serde_json::Value;

use super::{Engine, database};

/// The program: the one built with the tests, or that of `QUORATE_PROGRAM`.
fn program() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a setting of the test")]
    std::env::var("QUORATE_PROGRAM").map_or_else(|_| env!("CARGO_BIN_EXE_quorate").into(), PathBuf::from)
}

/// A place for servers that follow one another: a folder with keys and log, a database, a port.
pub struct Place {
    pub folder: PathBuf,
    pub url: String,
    pub port: u16,
    http: reqwest::Client,
    file: Option<PathBuf>,
}

impl Place {
    /// `None` where the engine is not there.
    pub async fn new(engine: Engine) -> Option<Self> {
        let (url, file) = database(engine).await?;
        Some(Self::over(url, file))
    }

    /// One over a database that is there.
    pub fn over(url: String, file: Option<PathBuf>) -> Self {
        let folder = std::env::temp_dir().join(format!("quorate-server-{}", Clock::system().new_id().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        Self { folder, url, port, http, file }
    }

    /// Another place over the same database, with the same keys.
    pub fn beside(&self) -> Self {
        let other = Self::over(self.url.clone(), None);
        for key in ["audit.key", "signing.key"] {
            std::fs::copy(self.folder.join(key), other.folder.join(key)).unwrap();
        }
        other
    }

    /// Starts a server here and waits until it is ready.
    pub async fn start(&self, children: u32) -> Server {
        self.start_as(children, &[]).await
    }

    /// Starts one that is told more.
    pub async fn start_as(&self, children: u32, more: &[&str]) -> Server {
        let log = |name: &str| {
            let path: &Path = &self.folder.join(name);
            Stdio::from(File::options().create(true).append(true).open(path).unwrap())
        };
        let mut command = Command::new(program());
        command.args([
            "demo",
            "--no-graphiql",
            "--children",
            &children.to_string(),
            "--listen",
            &format!("127.0.0.1:{}", self.port),
        ]);
        command.args(more);
        command.arg("--tokens-file").arg(self.folder.join("tokens.json")).args(["--database-url", &self.url]);
        // as a server logs: a demo is quieter
        let process = command.env("RUST_LOG", "info,sqlx=warn").stdout(log("out")).stderr(log("err")).spawn().unwrap();
        let server = Server(process);
        for _ in 0..600 {
            let ready = reqwest::get(format!("http://127.0.0.1:{}/health/ready", self.port)).await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not start: {}", self.said());
    }

    /// Runs `audit verify` over what the servers recorded: how it ended, and what it says.
    pub fn verify(&self) -> (ExitStatus, String) {
        let mut command = Command::new(program());
        command.args(["audit", "verify", "--database-url", &self.url]);
        command.arg("--key-file").arg(self.folder.join("audit.key"));
        let output = command.arg("--heads-file").arg(self.folder.join("audit.heads")).output().unwrap();
        (output.status, String::from_utf8(output.stdout).unwrap())
    }

    /// All that the servers wrote.
    pub fn said(&self) -> String {
        ["out", "err"].iter().map(|name| std::fs::read_to_string(self.folder.join(name)).unwrap()).collect()
    }

    /// The token of a persona.
    pub fn token(&self, persona: &str) -> String {
        self.told(&format!("/personas/{persona}/token"))
    }

    /// The token of the operator of its sandbox.
    pub fn operator(&self) -> String {
        self.told("/operator")
    }

    fn told(&self, pointer: &str) -> String {
        let tokens: Value = serde_json::from_slice(&std::fs::read(self.folder.join("tokens.json")).unwrap()).unwrap();
        tokens.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/graphql", self.port)
    }

    /// The answer to a request and its id; `None` where there is none within five seconds.
    pub async fn ask(&self, token: &str, body: &Value) -> Option<(String, Value)> {
        let answer = self
            .http
            .post(self.endpoint())
            .bearer_auth(token)
            .header("x-access-reason", "A test of the rules")
            .json(body)
            .send()
            .await
            .ok()?;
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        Some((id, answer.json().await.ok()?))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        for suffix in ["", "-wal", "-shm"] {
            let _ = self.file.as_ref().map(|file| std::fs::remove_file(format!("{}{suffix}", file.display())));
        }
    }
}

/// A running server; killed with its owner.
pub struct Server(Child);

impl Server {
    /// SIGKILL.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Bytes of memory that are its own.
    pub fn memory(&self) -> u64 {
        1024 * self.status("RssAnon:")
    }

    /// Threads of the process.
    pub fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// Files it has open, connections among them.
    pub fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.0.id())).unwrap().count()
    }

    fn status(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
    }

    /// How it ended, within a time.
    pub async fn ended(&mut self, time: Duration) -> Option<ExitStatus> {
        let asked = std::time::Instant::now();
        while asked.elapsed() < time {
            if let Some(status) = self.0.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
