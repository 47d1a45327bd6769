//! The chair's desk in a real browser: tests/clients/chair.mjs clicks through it over the demo and has axe-core look at every view.

use std::process::Command;

use crate::support::Engine;
use crate::support::server::Place;

/// The browser, where there is one.
fn chromium() -> Option<String> {
    let known = ["chromium", "chromium-browser", "google-chrome"];
    known.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok()).map(str::to_owned)
}

fn whole_path_of(name: &str) -> String {
    let found = Command::new("which").arg(name).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

#[actix_web::test]
async fn a_chair_clicks_through_it() {
    #[expect(clippy::disallowed_methods, reason = "where the npm packages and the pictures are")]
    let (clients, pictures) = (std::env::var("QUORATE_CLIENTS_DIR"), std::env::var("QUORATE_SCREENSHOTS"));
    let (Some(browser), Ok(clients)) = (chromium(), clients) else {
        assert!(std::env::var_os("CI").is_none(), "CI has Chromium and the npm packages: use ./scripts/test");
        eprintln!("the chair's page is not looked at: run ./scripts/test");
        return;
    };
    let place = Place::new(Engine::Sqlite).await.unwrap();
    let _server = place.start(440).await;
    let (page, token) = (place.endpoint().replace("/graphql", "/chair"), place.token("chair"));
    let run = tokio::task::spawn_blocking(move || {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/chair.mjs");
        let mut node = Command::new("node");
        node.args([program, &page, &token]).args(pictures.ok());
        node.env("QUORATE_CLIENTS_DIR", clients).env("CHROMIUM", whole_path_of(&browser)).output().unwrap()
    });
    let run = run.await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}");
}
