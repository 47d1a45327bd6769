//! Attachments in a bucket: the same as in a folder, over a server that speaks the protocol of S3. It asks who
//! calls, and does not compute what they sign.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use quorate::clock::Clock;
use quorate::store::attachment::Attachments;
use quorate::store::attachment::settings::{AttachmentSettings, S3Settings};
use secrecy::SecretString;
use serde_json::json;

use crate::attachments::{photograph, send};
use crate::jobs::open_request;
use crate::support::node::Node;
use crate::support::{App, key};

/// The only caller the server knows.
const CALLER: &str = "S3RVER";

/// A bucket server, and the folder it keeps its buckets in.
struct Server {
    _process: Node,
    folder: PathBuf,
    port: u64,
}

impl Server {
    async fn start() -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("quorate-bucket-{}", Clock::system().new_id()));
        let process = Node::start("bucket.mjs", &[folder.to_str().unwrap()])?;
        let ready = process.next_within("ready", Duration::from_secs(30)).await.expect("a bucket server");
        Some(Self { _process: process, folder, port: ready["port"].as_u64().unwrap() })
    }

    fn settings(&self, app: &App, caller: &str) -> AttachmentSettings {
        let s3 = S3Settings {
            bucket: "reports".into(),
            region: "us-east-1".into(),
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            access_key_id: Some(caller.into()),
            secret_access_key: Some(SecretString::from("secret")),
            secret_access_key_file: None,
            allow_http: true,
        };
        AttachmentSettings { s3: Some(s3), ..app.files.clone() }
    }

    /// What lies in the bucket.
    fn objects(&self) -> usize {
        let of = Command::new("find").arg(&self.folder).args(["-name", "*_object"]).output().unwrap();
        String::from_utf8(of.stdout).unwrap().lines().count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn read(app: &App, persona: &str, id: &serde_json::Value) -> (u16, Vec<u8>) {
    let path = app.at(&format!("/attachments/{}", id.as_str().unwrap()));
    let answer = reqwest::Client::new().get(path).bearer_auth(app.token(persona)).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

async fn a_file_lies_in_a_bucket(mut app: App) {
    let Some(server) = Server::start().await else { return };
    let kept = Attachments::open(&server.settings(&app, CALLER)).unwrap();
    let looked_at = app.api.clone().keeping(Attachments::open(&server.settings(&app, CALLER)).unwrap());
    app.endpoint = app.beside_that_keeps(kept);
    let request = open_request(&app, "school_dsl").await;
    let file = send(&app, "school_dsl", 1, &request, ("Knee.jpg", &photograph())).await;
    assert_eq!(server.objects(), 1);
    assert_eq!(std::fs::read_dir(&app.files.folder).unwrap().count(), 0, "nothing in the folder");
    assert_eq!(looked_at.check_attachments().await.unwrap().clean, 1);
    let (status, content) = read(&app, "school_dsl", &file).await;
    assert_eq!(status, 200);
    assert!(content.starts_with(&[0xff, 0xd8]) && !content.windows(6).any(|part| part == b"Secret"));
    // taken back, it is gone from the bucket
    let remove = "mutation($input: RemoveAttachmentInput!) { removeAttachment(input: $input) {
      attachment { state } userErrors { field } } }";
    let input = json!({"input": {"idempotencyKey": key(2), "attachmentId": file}});
    assert_eq!(app.data("school_dsl", remove, input).await["removeAttachment"]["attachment"]["state"], "REMOVED");
    assert_eq!(server.objects(), 0);

    // a bucket that does not know the caller is one that cannot be reached: nothing is half written
    app.endpoint = app.beside_that_keeps(Attachments::open(&server.settings(&app, "another")).unwrap());
    let ticket = crate::attachments::ticket();
    let input = crate::attachments::announced(3, &request, "Knee.jpg", &photograph());
    let given = app.data("school_dsl", &ticket, json!({"input": input})).await["it"].clone();
    let (status, said) = crate::attachments::put(&app, &given["uploadPath"], &photograph()).await;
    assert_eq!((status, &said["errors"][0]["extensions"]["code"]), (503, &json!("STORAGE_UNAVAILABLE")), "{said}");
    assert_eq!(server.objects(), 0);
    // the same ticket is good once the bucket answers again
    app.endpoint = app.beside_that_keeps(Attachments::open(&server.settings(&app, CALLER)).unwrap());
    assert_eq!(crate::attachments::put(&app, &given["uploadPath"], &photograph()).await.0, 201);
    assert_eq!(server.objects(), 1);
}

both!(a_bucket, super::a_file_lies_in_a_bucket);
