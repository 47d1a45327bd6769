//! SIGKILL in the middle of submissions: after a restart and a retry with the same keys, each report is there once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::jobs::report;

struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args([
            "demo",
            "--no-graphiql",
            "--children",
            "40",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--tokens-file",
        ]);
        command.arg(folder.join("tokens.json")).env_remove("DATABASE_URL");
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn ask(port: u16, token: &str, body: Value) -> Option<Value> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    let request = client.post(format!("http://127.0.0.1:{port}/graphql")).bearer_auth(token).json(&body);
    request.send().await.ok()?.json().await.ok()
}

async fn ready(port: u16) {
    for _ in 0..300 {
        if reqwest::get(format!("http://127.0.0.1:{port}/health/ready")).await.is_ok_and(|a| a.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server does not start");
}

/// What was answered is in the access record, though the server was killed the moment the answer had come.
#[actix_web::test]
async fn a_reading_that_was_answered_is_recorded() {
    let folder = std::env::temp_dir().join(format!("quorate-killed-reading-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start(&folder, port);
    ready(port).await;
    let tokens: Value = serde_json::from_slice(&std::fs::read(folder.join("tokens.json")).unwrap()).unwrap();
    let token = tokens["personas"]["police"]["token"].as_str().unwrap().to_owned();
    for round in 1..=5 {
        let query =
            json!({"query": format!("query Round{round} {{ children(first: 1) {{ nodes {{ givenName }} }} }}")});
        let answer = ask(port, &token, query).await.unwrap();
        server.kill();
        assert!(answer["data"]["children"]["nodes"][0]["givenName"].is_string(), "{answer}");
        server = Server::start(&folder, port);
        ready(port).await;
        let mut verify = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let url = format!("sqlite://{}", folder.join("quorate-demo.db").display());
        verify.args(["audit", "verify", "--database-url", &url, "--key-file"]).arg(folder.join("audit.key"));
        let said = verify.arg("--heads-file").arg(folder.join("audit.heads")).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(said.contains(&format!("whole: {round} rows")), "{said}");
    }
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

#[actix_web::test]
async fn each_report_is_there_exactly_once() {
    const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
      conferenceReport { id } userErrors { code } } }";
    let folder = std::env::temp_dir().join(format!("quorate-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start(&folder, port);
    ready(port).await;
    let tokens: Value = serde_json::from_slice(&std::fs::read(folder.join("tokens.json")).unwrap()).unwrap();
    let token = tokens["personas"]["police"]["token"].as_str().unwrap().to_owned();
    let query = json!({"query": "{ reportRequests(status: OPEN, first: 100) { nodes { id } } }"});
    let open = ask(port, &token, query).await.unwrap();
    let requests: Vec<String> = open["data"]["reportRequests"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(requests.len() >= 3);
    let send = |i: usize| {
        let variables = report(&requests[i], &format!("6f0d5b0e-1111-4222-8333-{i:012}"));
        let (token, body) = (token.clone(), json!({"query": SUBMIT, "variables": variables}));
        async move { ask(port, &token, body).await }
    };
    let running: Vec<_> = (0..requests.len()).map(|i| actix_web::rt::spawn(send(i))).collect();
    tokio::time::sleep(Duration::from_millis(25)).await;
    server.kill();
    for task in running {
        let _ = task.await;
    }
    let _again = Server::start(&folder, port);
    ready(port).await;
    for round in 0..2 {
        for i in 0..requests.len() {
            let answer = send(i).await.unwrap();
            let done = &answer["data"]["submitConferenceReport"];
            assert!(done["conferenceReport"]["id"].is_string(), "round {round}: {answer}");
        }
    }
    let count = json!({"query": "query($ids: [ID!]!) { nodes(ids: $ids) { ... on ReportRequest { conferenceReports { nodes { id } } } } }",
      "variables": {"ids": requests.iter().take(20).collect::<Vec<_>>()}});
    let counted = ask(port, &token, count).await.unwrap();
    for node in counted["data"]["nodes"].as_array().unwrap() {
        assert_eq!(node["conferenceReports"]["nodes"].as_array().unwrap().len(), 1, "{counted}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
