//! What comes waits until a scanner has looked at it: one that answers, one that is away, and the real `clamd`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use quorate::app::Quorate;
use quorate::clock::Clock;
use quorate::scan::{Scanner, Scanning, Verdict};
use quorate::store::attachment::settings::AttachmentSettings;
use quorate::store::attachment::{Attachments, Checked};
use serde_json::{Value, json};

use crate::attachments::{FILE, hex, photograph, send};
use crate::jobs::open_request;
use crate::support::{App, is_ci};

/// What every scanner knows, and what harms nobody. It is put together here, so that this file is not it.
fn eicar() -> Vec<u8> {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// What a scanner that is none does when it is asked.
#[derive(Clone, Copy)]
enum Manner {
    /// Says so.
    Says(&'static str),
    /// Says so before it has heard all.
    Interrupts(&'static str),
    /// Says nothing.
    Keeps,
    /// Hangs up.
    Leaves,
}

/// The content of a conversation as the protocol has it.
fn heard(stream: &mut impl std::io::Read) -> Vec<u8> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut content = Vec::new();
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let length = u64::from(u32::from_be_bytes(length));
        if length == 0 {
            return content;
        }
        stream.take(length).read_to_end(&mut content).unwrap();
    }
}

/// A scanner that behaves so, as long as the test runs; where it answers.
fn scanner(manner: Manner) -> Scanner {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            match manner {
                Manner::Says(answer) => {
                    heard(&mut stream);
                    let _ = stream.write_all(answer.as_bytes());
                }
                Manner::Interrupts(answer) => {
                    let _ = stream.write_all(answer.as_bytes());
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    let _ = stream.read_to_end(&mut Vec::new());
                }
                Manner::Keeps => std::thread::sleep(Duration::from_secs(5)),
                Manner::Leaves => {}
            }
        }
    });
    Scanner::Tcp(at)
}

/// The same API, whose files this one looks at.
fn looked_at_by(app: &App, scanner: Scanning) -> Quorate {
    let settings = AttachmentSettings { scanner, scanner_seconds: 1, ..app.files.clone() };
    app.api.clone().keeping(Attachments::open(&settings).unwrap())
}

async fn state(app: &App, id: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Attachment {{ {FILE} }} }} }}");
    app.data("school_dsl", &query, json!({"id": id})).await["node"].clone()
}

async fn what_nobody_looked_at_waits(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let id = send(&app, "school_dsl", 1, &request, ("Knee.jpg", &photograph())).await;
    // nothing is said of a scanner, none answers, one is slow, one leaves, one does not know
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let away = [
        (Scanning::Unsaid, 0),
        (Scanning::By(Scanner::Tcp(nobody)), 1),
        (Scanning::By(Scanner::Unix("/nowhere/clamd.ctl".into())), 1),
        (Scanning::By(scanner(Manner::Keeps)), 1),
        (Scanning::By(scanner(Manner::Leaves)), 1),
        (Scanning::By(scanner(Manner::Says("INSTREAM size limit exceeded. ERROR\0"))), 1),
        (Scanning::By(scanner(Manner::Says(""))), 1),
        (Scanning::By(scanner(Manner::Says("stream: OK"))), 1),
        (Scanning::By(scanner(Manner::Says("stream: OK\0"))), 0),
    ];
    for (scanner, waiting) in away {
        let done = looked_at_by(&app, scanner.clone()).check_attachments().await.unwrap();
        let clean = usize::from(scanner != Scanning::Unsaid && waiting == 0);
        assert_eq!((done.clean, done.refused, done.waiting), (clean, 0, waiting), "{scanner:?}");
        if waiting == 1 {
            // not again at once, by nobody
            let again = looked_at_by(&app, Scanning::Nobody).check_attachments().await.unwrap();
            assert_eq!((again.clean, again.waiting), (0, 0));
            assert_eq!(state(&app, &id).await["state"], "QUARANTINED");
            app.clock.advance(chrono::Duration::seconds(31));
        }
    }
    let clean = state(&app, &id).await;
    assert_eq!((&clean["state"], clean["checkedAt"].is_string()), (&json!("CLEAN"), true));
    assert!(looked_at_by(&app, Scanning::Nobody).check_attachments().await.unwrap() == Checked::default());
}

async fn what_something_was_found_in_is_thrown_away(app: App) {
    let request = open_request(&app, "school_dsl").await;
    for manner in [Manner::Says("stream: Some.Thing FOUND\0"), Manner::Interrupts("stream: Some.Thing FOUND\0")] {
        let n = 1 + app.clock.now().timestamp().unsigned_abs() % 1000;
        let id = send(&app, "school_dsl", n.try_into().unwrap(), &request, ("Knee.jpg", &photograph())).await;
        let done = looked_at_by(&app, Scanning::By(scanner(manner))).check_attachments().await.unwrap();
        assert_eq!((done.clean, done.refused, done.waiting), (0, 1, 0));
        let refused = state(&app, &id).await;
        assert_eq!((&refused["state"], &refused["contentPath"]), (&json!("REFUSED"), &Value::Null));
        assert!(refused["checkedAt"].is_string());
        assert_eq!(std::fs::read_dir(&app.files.folder).unwrap().count(), 0);
        app.clock.advance(chrono::Duration::seconds(31));
    }
    let kinds = app.kinds("school_dsl").await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "ATTACHMENT_CHECKED").count(), 2);
}

/// A file whose content is gone, and one of which the scanner cannot say, hold up nobody else's.
async fn one_file_holds_up_no_other(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let lost = send(&app, "school_dsl", 1, &request, ("Knee.jpg", &photograph())).await;
    for file in std::fs::read_dir(&app.files.folder).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    app.clock.advance(chrono::Duration::seconds(1));
    let other = send(&app, "school_dsl", 2, &request, ("Knee.jpg", &photograph())).await;
    let unclear = Scanning::By(scanner(Manner::Says("INSTREAM size limit exceeded. ERROR\0")));
    let third = send(&app, "school_dsl", 3, &request, ("Knee.jpg", &photograph())).await;
    let done = looked_at_by(&app, unclear).check_attachments().await.unwrap();
    assert_eq!((done.clean, done.refused, done.waiting), (0, 0, 3), "all three were looked at in one go");
    app.clock.advance(chrono::Duration::seconds(31));
    let done =
        looked_at_by(&app, Scanning::By(scanner(Manner::Says("stream: OK\0")))).check_attachments().await.unwrap();
    assert_eq!((done.clean, done.waiting), (2, 1));
    assert_eq!(state(&app, &lost).await["state"], "QUARANTINED", "it may be found again");
    app.clock.advance(chrono::Duration::days(8));
    let done = looked_at_by(&app, Scanning::Nobody).check_attachments().await.unwrap();
    assert_eq!((done.clean, done.refused), (0, 1));
    assert_eq!(state(&app, &lost).await["state"], "REFUSED");
    for id in [&other, &third] {
        assert_eq!(state(&app, id).await["state"], "CLEAN");
    }
}

/// Several servers look at once, and each file is looked at by one of them.
async fn servers_share_the_work(app: App) {
    let request = open_request(&app, "school_dsl").await;
    for n in 1..=12 {
        send(&app, "school_dsl", n, &request, ("Knee.jpg", &photograph())).await;
    }
    let by = Scanning::By(scanner(Manner::Says("stream: OK\0")));
    let (one, two, three) = (looked_at_by(&app, by.clone()), looked_at_by(&app, by.clone()), looked_at_by(&app, by));
    let (one, two, three) = tokio::join!(one.check_attachments(), two.check_attachments(), three.check_attachments());
    let (one, two, three) = (one.unwrap(), two.unwrap(), three.unwrap());
    assert_eq!(one.clean + two.clean + three.clean, 12);
    let kinds = app.kinds("school_dsl").await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "ATTACHMENT_CHECKED").count(), 12, "each is told once");
}

/// The real scanner, with one signature of its own: those that are published are a download of hundreds of megabytes.
struct Clamd {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Clamd {
    /// `None` where it is not installed.
    fn start() -> Option<Self> {
        let program = ["/usr/sbin/clamd", "/usr/local/sbin/clamd", "/usr/bin/clamd", "/usr/local/bin/clamd"]
            .into_iter()
            .find(|p| PathBuf::from(p).exists());
        let Some(program) = program else {
            assert!(!is_ci(), "CI asks a real scanner: clamd is missing, use ./scripts/test");
            eprintln!(
                "NOT TESTED with a real scanner: install the Debian package clamav-daemon, or run ./scripts/test"
            );
            return None;
        };
        let folder = std::env::temp_dir().join(format!("quorate-clamd-{}", Clock::system().new_id().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let hex = hex(&eicar());
        std::fs::write(folder.join("test.ndb"), format!("Eicar-Signature:0:*:{hex}\n")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.display();
        let settings = format!(
            "Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {at}/clamd.ctl\nDatabaseDirectory {at}\n\
             TemporaryDirectory {at}\nLogFile {at}/log\nStreamMaxLength 100K\nConcurrentDatabaseReload no\n"
        );
        std::fs::write(folder.join("clamd.conf"), settings).unwrap();
        let mut command = Command::new(program);
        command.arg("--config-file").arg(folder.join("clamd.conf"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Some(Self { process, folder, port })
    }

    /// Waits until it answers.
    async fn ready(&mut self) {
        for _ in 0..600 {
            if Scanner::Tcp(format!("127.0.0.1:{}", self.port)).look(b"a", Duration::from_secs(1)).await.is_ok() {
                return;
            }
            assert!(self.process.try_wait().unwrap().is_none(), "{}", self.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("clamd does not start: {}", self.said());
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[actix_web::test]
async fn clamd_is_asked_in_its_own_words() {
    let Some(mut clamd) = Clamd::start() else { return };
    clamd.ready().await;
    let patience = Duration::from_secs(20);
    for scanner in [Scanner::Tcp(format!("127.0.0.1:{}", clamd.port)), Scanner::Unix(clamd.folder.join("clamd.ctl"))] {
        assert_eq!(scanner.look(b"A letter.", patience).await.unwrap(), Verdict::Clean);
        assert_eq!(scanner.look(&vec![7; 90 * 1024], patience).await.unwrap(), Verdict::Clean, "in several pieces");
        assert_eq!(scanner.look(b"", patience).await.unwrap(), Verdict::Clean);
        let found = scanner.look(&eicar(), patience).await.unwrap();
        assert!(matches!(&found, Verdict::Found(what) if what.starts_with("Eicar-Signature")), "{found:?}");
        assert!(scanner.look(&vec![7; 400 * 1024], patience).await.is_err(), "more than it takes is not clean");
    }
}

async fn what_clamd_finds_is_thrown_away(app: App) {
    let Some(mut clamd) = Clamd::start() else { return };
    clamd.ready().await;
    let request = open_request(&app, "school_dsl").await;
    let harmless = send(&app, "school_dsl", 1, &request, ("Letter.txt", b"A letter.")).await;
    let harmful = send(&app, "school_dsl", 2, &request, ("Letter.txt", &eicar())).await;
    let by = Scanning::By(Scanner::Unix(clamd.folder.join("clamd.ctl")));
    let settings = AttachmentSettings { scanner: by, scanner_seconds: 20, ..app.files.clone() };
    let api = app.api.clone().keeping(Attachments::open(&settings).unwrap());
    let done = api.check_attachments().await.unwrap();
    assert_eq!((done.clean, done.refused, done.waiting), (1, 1, 0));
    assert_eq!(state(&app, &harmless).await["state"], "CLEAN");
    assert_eq!(state(&app, &harmful).await["state"], "REFUSED");
}

both!(a_wait, super::what_nobody_looked_at_waits);
both!(a_find, super::what_something_was_found_in_is_thrown_away);
both!(others, super::one_file_holds_up_no_other);
both!(many, super::servers_share_the_work);
both!(clamd, super::what_clamd_finds_is_thrown_away);
