use std::path::PathBuf;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};

use super::{POLICY, Page, Stage};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn ask(page: &Page, method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let app = init_service(App::new().configure(|cfg| page.mount(cfg))).await;
    let request = TestRequest::with_uri(path).method(method);
    let request = headers.iter().fold(request, |request, header| request.insert_header(header.clone()));
    let answer = call_service(&app, request.to_request()).await;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Answer { status, headers, body: to_bytes(answer.into_body()).await.unwrap().to_vec() }
}

async fn get(page: &Page, path: &str) -> Answer {
    ask(page, Method::GET, path, &[]).await
}

/// A folder of built files, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn with(script: &str) -> Self {
        let id = crate::clock::Clock::system().new_id();
        let folder = std::env::temp_dir().join(format!("quorate-page-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, content) in [
            ("graphiql.js", script),
            ("graphiql.js.gz", "zipped script"),
            ("graphiql.css", "style"),
            ("graphiql.css.gz", "zipped style"),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        Self(folder)
    }

    fn page(&self) -> Page {
        Page::of(Some(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the document makes a browser fetch: each `href` and `src` but data addresses.
fn fetched(html: &str) -> Vec<&str> {
    let values = ["href=\"", "src=\""].into_iter().flat_map(|attribute| html.split(attribute).skip(1));
    values.map(|rest| rest.split('"').next().unwrap()).filter(|address| !address.starts_with("data:")).collect()
}

fn guarded(answer: &Answer) {
    assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), POLICY);
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
}

#[actix_web::test]
async fn serves_the_page_and_its_two_files_under_the_policy() {
    let folder = Folder::with("script");
    let page = folder.page();
    assert_eq!(page.stage(), Stage::Ready);
    let html = get(&page, "/graphiql").await;
    assert_eq!(html.status, StatusCode::OK);
    assert_eq!(html.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(html.header(header::CACHE_CONTROL), "no-cache");
    guarded(&html);

    let addresses = fetched(html.text());
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    for (address, kind, content) in
        [(addresses[0], "text/css; charset=utf-8", "style"), (addresses[1], "text/javascript; charset=utf-8", "script")]
    {
        assert!(address.starts_with("/graphiql/graphiql."), "{address}");
        let file = get(&page, address).await;
        assert_eq!((file.status, file.text()), (StatusCode::OK, content));
        assert_eq!(file.header(header::CONTENT_TYPE), kind);
        assert_eq!(file.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(file.header(header::CONTENT_ENCODING), "");
        guarded(&file);
        let head = ask(&page, Method::HEAD, address, &[]).await;
        assert_eq!((head.status, head.header(header::ETAG)), (StatusCode::OK, file.header(header::ETAG)));
    }
    for path in ["/graphiql/graphiql.js", "/graphiql/graphiql.0000.js", "/graphiql/.built"] {
        assert_eq!(get(&page, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn the_policy_and_the_pages_name_no_other_server() {
    for text in [POLICY.to_owned(), super::document("", "")] {
        assert!(!text.contains("//") && !text.contains("http:"), "{text}");
    }
    for source in POLICY.split([';', ' ']) {
        assert!(!source.contains('.') && source != "*" && source != "https:", "{source}");
    }
}

#[actix_web::test]
async fn another_content_has_another_name_and_the_same_one_keeps_it() {
    let (first, again, other) = (Folder::with("script"), Folder::with("script"), Folder::with("changed"));
    let names = async |folder: &Folder| {
        let html = get(&folder.page(), "/graphiql").await;
        (fetched(html.text())[1].to_owned(), html.header(header::ETAG).to_owned())
    };
    assert_eq!(names(&first).await, names(&again).await);
    let ((name, tag), (other_name, other_tag)) = (names(&first).await, names(&other).await);
    assert_ne!(name, other_name);
    assert_ne!(tag, other_tag, "the document names the file, so it changes too");
}

#[actix_web::test]
async fn what_the_browser_has_is_not_sent_again() {
    let folder = Folder::with("script");
    let page = folder.page();
    let html = get(&page, "/graphiql").await;
    let script = fetched(html.text())[1];
    for path in ["/graphiql", script] {
        let first = get(&page, path).await;
        let tag = first.header(header::ETAG);
        assert!(tag.starts_with('"') && tag.len() > 20, "a strong tag: {tag}");
        for sent in [tag.to_owned(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let second = ask(&page, Method::GET, path, &[(header::IF_NONE_MATCH, &sent)]).await;
            assert_eq!((second.status, second.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path} {sent}");
            assert_eq!(second.header(header::ETAG), tag);
            assert_eq!(second.header(header::CACHE_CONTROL), first.header(header::CACHE_CONTROL));
            guarded(&second);
        }
        let changed = ask(&page, Method::GET, path, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!((changed.status, &changed.body), (StatusCode::OK, &first.body));
    }
}

#[actix_web::test]
async fn sends_the_compressed_file_to_who_takes_it() {
    let folder = Folder::with("script");
    let page = folder.page();
    let html = get(&page, "/graphiql").await;
    let script = fetched(html.text())[1];
    let plain = get(&page, script).await;
    assert_eq!(plain.header(header::VARY), "accept-encoding");
    for (accepted, zipped) in [
        ("gzip", true),
        ("gzip, deflate, br, zstd", true),
        ("br;q=1.0, gzip;q=0.8", true),
        ("gzip;q=0", false),
        ("br", false),
        ("identity", false),
    ] {
        let answer = ask(&page, Method::GET, script, &[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{accepted}");
        assert_eq!(answer.header(header::CONTENT_ENCODING) == "gzip", zipped, "{accepted}");
        assert_eq!(answer.text(), if zipped { "zipped script" } else { "script" }, "{accepted}");
        assert_eq!(answer.header(header::VARY), "accept-encoding");
        assert_eq!(answer.header(header::ETAG) == plain.header(header::ETAG), !zipped, "a tag for each encoding");
        let tag = answer.header(header::ETAG);
        let known = [(header::ACCEPT_ENCODING, accepted), (header::IF_NONE_MATCH, tag)];
        let again = ask(&page, Method::GET, script, &known).await;
        assert_eq!((again.status, again.header(header::ETAG)), (StatusCode::NOT_MODIFIED, tag), "{accepted}");
    }
}

#[actix_web::test]
async fn says_how_far_the_building_is() {
    let page = Page::building();
    assert_eq!(page.stage(), Stage::Building);
    let waiting = get(&page, "/graphiql").await;
    assert_eq!(waiting.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(waiting.text().contains("http-equiv=\"refresh\"") && !waiting.header(header::RETRY_AFTER).is_empty());
    guarded(&waiting);
    let folder = Folder::with("script");
    page.built(Some(&folder.0));
    assert_eq!(get(&page, "/graphiql").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn names_the_command_when_the_files_are_missing() {
    let incomplete = Folder::with("script");
    std::fs::remove_file(incomplete.0.join("graphiql.css.gz")).unwrap();
    for page in [Page::of(None), Page::of(Some("/nonexistent".as_ref())), incomplete.page()] {
        assert_eq!(page.stage(), Stage::Missing);
        let answer = get(&page, "/graphiql").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains("./scripts/graphiql") && !answer.text().contains("refresh"));
        guarded(&answer);
    }
}
