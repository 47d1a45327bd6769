//! The examples for partners, run as their readers run them: each gives a report to a demo over a network that loses answers,
//! checks its receipt without asking anybody, and reads on in the feed. And their READMEs, run line by line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::server::Place;
use crate::support::{Engine, is_ci};

/// A file of the examples.
fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path)
}

/// Runs a program to its end, and shows what it said where that was a bad one.
fn run(command: &mut Command) -> Output {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{command:?}: {said}");
    done
}

/// An example that is ready to be run.
trait Kit {
    /// Gives a report.
    fn report(&self) -> Command;
    /// Reads token, keys, content, request and author from its input and says what the receipt does.
    fn check(&self) -> Command;
}

struct Python;

impl Python {
    fn there() -> Option<Self> {
        if Command::new("python3").arg("--version").output().is_ok() {
            return Some(Self);
        }
        assert!(!is_ci(), "CI has Python: use ./scripts/test");
        eprintln!("the Python example is skipped: python3 is missing");
        None
    }
}

impl Kit for Python {
    fn report(&self) -> Command {
        let mut command = Command::new("python3");
        command.arg(example("python/report.py")).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn check(&self) -> Command {
        let program = "import json, sys, receipt
given = json.load(sys.stdin)
try:
    receipt.check(*given)
    print('holds')
except receipt.Wrong as wrong:
    print(wrong)";
        let mut command = Command::new("python3");
        command.args(["-c", program]).env("PYTHONPATH", example("python")).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// Built in a folder of its own, with the packages that `scripts/test` installs.
struct TypeScript(PathBuf);

impl TypeScript {
    fn build(place: &Place) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "where the npm packages are")]
        let clients = std::env::var("QUORATE_CLIENTS_DIR").ok();
        let packages = clients.map(|clients| Path::new(&clients).join("typescript/node_modules"));
        let Some(packages) = packages.filter(|packages| packages.is_dir()) else {
            assert!(!is_ci(), "CI has the npm packages: use ./scripts/test");
            eprintln!("the TypeScript example is skipped: run ./scripts/test");
            return None;
        };
        let folder = place.folder.join("typescript");
        std::fs::create_dir_all(folder.join("src")).unwrap();
        for file in ["package.json", "tsconfig.json", "generate.mjs", "operations.graphql"] {
            std::fs::copy(example("typescript").join(file), folder.join(file)).unwrap();
        }
        for file in std::fs::read_dir(example("typescript/src")).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.join("src").join(file.file_name())).unwrap();
        }
        std::os::unix::fs::symlink(packages, folder.join("node_modules")).unwrap();
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
        run(Command::new("node").current_dir(&folder).args(["generate.mjs", schema]));
        run(Command::new("node").current_dir(&folder).args(["node_modules/typescript/bin/tsc"]));
        Some(Self(folder))
    }
}

impl Kit for TypeScript {
    fn report(&self) -> Command {
        let mut command = Command::new("node");
        command.arg(self.0.join("dist/report.js"));
        command
    }

    fn check(&self) -> Command {
        let program = "import { check } from './dist/receipt.js'; import { readFileSync } from 'node:fs';
const [token, keys, content, reportRequestId, authorId] = JSON.parse(readFileSync(0, 'utf8'));
try { check(token, keys, { ...content, reportRequestId, authorId }); console.log('holds'); }
catch (error) { console.log(error.message); }";
        let mut command = Command::new("node");
        command.current_dir(&self.0).args(["--input-type=module", "-e", program]);
        command
    }
}

async fn data(place: &Place, persona: &str, query: &str, variables: Value) -> Value {
    // a client of its own: while a kit runs nobody sees that the server has closed an old connection
    let request = reqwest::Client::new().post(place.endpoint()).bearer_auth(place.token(persona));
    let answer = request.json(&json!({"query": query, "variables": variables})).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert!(body.get("errors").is_none(), "{body}");
    body["data"].clone()
}

/// The steps that a run told.
fn steps(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

fn step<'s>(steps: &'s [Value], name: &str) -> &'s Value {
    steps.iter().find(|each| each["step"] == name).unwrap_or_else(|| panic!("no step {name}: {steps:?}"))
}

/// A run as somebody, in which the answers to both mutations get lost the first time.
fn given(place: &Place, kit: &impl Kit, persona: &str) -> Vec<Value> {
    let mut command = kit.report();
    command.args(["--url", &place.endpoint(), "--lose", "2"]).arg("--report").arg(example("report.json"));
    command.arg("--state").arg(place.folder.join(format!("state-{persona}.json")));
    steps(&run(command.env("QUORATE_TOKEN", place.token(persona))))
}

async fn holds(place: &Place, kit: &impl Kit, persona: &str) {
    let told = given(place, kit, persona);
    let (request, report) = (&step(&told, "request")["id"], &step(&told, "submitted")["id"]);
    // what a role may not read is not taken for what there is not
    // the school's first request is about a child that is not born, which has no number
    assert!(["told", "empty"].contains(&step(&told, "request")["nhsNumber"].as_str().unwrap()), "{told:?}");
    assert_eq!(step(&told, "request")["legalStatus"], "withheld (LEGAL)");
    assert_eq!(step(&told, "draft")["missing"], json!([]));
    assert_eq!(
        (&step(&told, "submitted")["state"], &step(&told, "submitted")["version"]),
        (&json!("SUBMITTED"), &json!(1))
    );
    assert_eq!(step(&told, "receipt")["same"], true);
    // each happened once, though each was sent twice
    for kind in ["CONFERENCE_REPORT_DRAFTED", "CONFERENCE_REPORT_SUBMITTED"] {
        let heard = told.iter().filter(|each| each["kind"] == kind && each["conferenceReport"] == *report);
        assert_eq!(heard.count(), 1, "{kind}: {told:?}");
    }
    let query = "query($id: ID!) { viewer { practitioner { id } } node(id: $id) { ... on ReportRequest { status
      conferenceReports { nodes { id receipt { token sha256 } } } } } }";
    let there = data(place, persona, query, json!({"id": request})).await;
    let reports = there["node"]["conferenceReports"]["nodes"].as_array().unwrap().clone();
    assert_eq!((&there["node"]["status"], reports.len(), &reports[0]["id"]), (&json!("DONE"), 1, report));
    assert_eq!(reports[0]["receipt"]["sha256"], step(&told, "receipt")["sha256"]);

    // a receipt of another text, or signed by nobody, does not hold
    let keys = reqwest::get(place.endpoint().replace("/graphql", "/receipts/keys")).await.unwrap();
    let keys: Value = keys.json().await.unwrap();
    let content: Value = serde_json::from_slice(&std::fs::read(example("report.json")).unwrap()).unwrap();
    let mut other = content.clone();
    other["safetyScore"] = 9.into();
    let token = reports[0]["receipt"]["token"].as_str().unwrap();
    let (text, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{text}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    let table = [
        (token, &content, "holds"),
        (token, &other, "the receipt is of another text"),
        (&*forged, &content, "the signature of the receipt does not hold"),
    ];
    for (token, content, expected) in table {
        let input = json!([token, keys, content, request, there["viewer"]["practitioner"]["id"]]);
        assert_eq!(checked(kit, &input), expected);
    }
}

/// What a kit says of a receipt.
fn checked(kit: &impl Kit, input: &Value) -> String {
    use std::io::Write as _;
    let mut process = kit.check().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    String::from_utf8(process.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

async fn both_kits(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let _server = place.start(60).await;
    if let Some(kit) = Python::there() {
        holds(&place, &kit, "police").await;
    }
    if let Some(kit) = TypeScript::build(&place) {
        holds(&place, &kit, "school_dsl").await;
    }
}

#[actix_web::test]
async fn they_run_on_sqlite() {
    both_kits(Engine::Sqlite).await;
}

#[actix_web::test]
async fn they_run_on_postgres() {
    both_kits(Engine::Postgres).await;
}

/// The lines of a README that are to be typed: those that stand four spaces in.
fn commands(readme: &str) -> Vec<String> {
    readme.lines().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect()
}

/// Copies what is under version control of a folder, about: not what was built or installed there.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if ["node_modules", "dist", "__pycache__"].iter().any(|left_out| *left_out == name) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// A tree as somebody has it who has the project and runs its demo, which answers elsewhere.
fn tree(place: &Place) -> PathBuf {
    let root = place.folder.join("tree");
    copy(&example(""), &root.join("examples"));
    std::fs::create_dir_all(root.join("demo-data")).unwrap();
    std::fs::copy(place.folder.join("tokens.json"), root.join("demo-data/tokens.json")).unwrap();
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql"), root.join("schema.graphql")).unwrap();
    root
}

/// Runs lines as they would be typed one after the other.
fn typed(folder: &Path, place: &Place, lines: &[String]) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &lines.join("\n")]).current_dir(folder);
    shell.env("QUORATE_URL", place.endpoint()).env("PYTHONDONTWRITEBYTECODE", "1").env_remove("QUORATE_TOKEN");
    shell.output().unwrap()
}

/// Installs the packages as the README has it. Where no registry can be reached, those that are at hand take their place, which
/// CI does not accept.
fn install(folder: &Path, place: &Place, command: &str) {
    let done = typed(folder, place, &[command.to_owned()]);
    if done.status.success() {
        return;
    }
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let is_away = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "network"];
    assert!(is_away.iter().any(|code| said.contains(code)), "{command}: {said}");
    assert!(!is_ci(), "CI reaches a registry: {command}: {said}");
    eprintln!("NOT RUN: «{command}» of the README, because no registry can be reached");
    #[expect(clippy::disallowed_methods, reason = "where the npm packages are")]
    let clients = std::env::var("QUORATE_CLIENTS_DIR").unwrap();
    let _ = std::fs::remove_dir_all(folder.join("node_modules"));
    std::os::unix::fs::symlink(Path::new(&clients).join("typescript/node_modules"), folder.join("node_modules"))
        .unwrap();
}

/// Runs a README to its end, and its last line once more with what it says of lost answers.
fn follow(root: &Path, place: &Place, kit: &str) -> Vec<Value> {
    let folder = root.join("examples").join(kit);
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(readme.contains("Again with `--lose 2`"), "{kit}");
    let mut lines = commands(&readme);
    assert!(lines.len() >= 2, "{kit}: {lines:?}");
    if let Some(at) = lines.iter().position(|line| line.starts_with("npm ci")) {
        let command = lines.remove(at);
        install(&folder, place, &command);
    }
    lines.push(format!("{} --lose 2", lines.last().unwrap()));
    let done = typed(&folder, place, &lines);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{kit}: {lines:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
    // npm tells what it runs between the steps
    let told = said.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap());
    told.collect()
}

/// Each README gives two reports, each for a request of its own.
#[actix_web::test]
async fn their_readmes_hold() {
    let place = Place::new(Engine::Sqlite).await.unwrap();
    let _server = place.start(60).await;
    let root = tree(&place);
    let kits = [(Python::there().is_some(), "python", "police"), (node_is_there(), "typescript", "school_dsl")];
    for (_, kit, persona) in kits.into_iter().filter(|(is_there, ..)| *is_there) {
        let told = follow(&root, &place, kit);
        let of = |name: &str| told.iter().filter(|each| each["step"] == name).cloned().collect::<Vec<_>>();
        let names = ["request", "draft", "submitted", "receipt"].map(|name| of(name).len());
        assert_eq!(names, [2, 2, 2, 2], "{kit}: {told:?}");
        assert!(!of("event").is_empty() && of("receipt").iter().all(|each| each["same"] == true), "{kit}: {told:?}");
        let reports: Vec<_> = of("submitted").iter().map(|each| each["id"].clone()).collect();
        assert_ne!(reports[0], reports[1], "{kit}");
        for id in reports {
            let query = "query($id: ID!) { conferenceReport(id: $id) { state version } }";
            let there = data(&place, persona, query, json!({"id": id})).await["conferenceReport"].clone();
            assert_eq!(there, json!({"state": "SUBMITTED", "version": 1}), "{kit}");
        }
    }
}

fn node_is_there() -> bool {
    if Command::new("npm").arg("--version").output().is_ok() {
        return true;
    }
    assert!(!is_ci(), "CI has Node.js and npm: use ./scripts/test");
    eprintln!("the README of the TypeScript example is not run: npm is missing");
    false
}
