//! The chair's desk at `/chair`: a page of three files that lie in the program, uses the public API alone and loads nothing from
//! elsewhere. Whoever opens it sees nothing before a token is pasted.

use std::sync::OnceLock;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::{File, HTML, Variant};

/// Its own two files and this server, and nothing in a line.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

const PAGE: &str = include_str!("../../../assets/chair/chair.html");
const SCRIPT: &str = include_str!("../../../assets/chair/chair.js");
const STYLE: &str = include_str!("../../../assets/chair/chair.css");

struct Desk {
    html: File,
    script: File,
    style: File,
}

impl Desk {
    fn made() -> &'static Self {
        static DESK: OnceLock<Desk> = OnceLock::new();
        DESK.get_or_init(|| {
            let script = asset("js", "text/javascript; charset=utf-8", SCRIPT);
            let style = asset("css", "text/css; charset=utf-8", STYLE);
            let page = PAGE.replace("/SCRIPT\"", &format!("/{}\"", script.name));
            let page = page.replace("/STYLE\"", &format!("/{}\"", style.name));
            let html = File {
                name: String::new(),
                kind: HTML,
                cache: "no-cache",
                policy: POLICY,
                plain: Variant::new(page.into()),
                gzip: None,
            };
            Self { html, script, style }
        })
    }

    fn file(&self, name: &str) -> Option<&File> {
        [&self.script, &self.style].into_iter().find(|file| file.name == name)
    }
}

fn asset(ending: &str, kind: &'static str, text: &'static str) -> File {
    let plain = Variant::new(text.into());
    let name = format!("chair.{}.{ending}", plain.tag.tag());
    File { name, kind, cache: "public, max-age=31536000, immutable", policy: POLICY, plain, gzip: None }
}

async fn entry(request: HttpRequest) -> HttpResponse {
    Desk::made().html.answer(&request)
}

async fn file(request: HttpRequest) -> HttpResponse {
    match request.match_info().get("file").and_then(|name| Desk::made().file(name)) {
        Some(file) => file.answer(&request),
        None => super::super::nothing(request).await,
    }
}

/// Mounts it at `/chair`.
pub fn mount(cfg: &mut ServiceConfig) {
    for method in [Method::GET, Method::HEAD] {
        cfg.route("/chair", web::method(method.clone()).to(entry));
        cfg.route("/chair/{file}", web::method(method).to(file));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::body::to_bytes;
    use actix_web::http::{StatusCode, header};
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    #[actix_web::test]
    async fn the_page_names_its_own_files_and_no_others() {
        let app = init_service(App::new().configure(mount)).await;
        let get = async |path: &str| {
            let answer = call_service(&app, TestRequest::with_uri(path).to_request()).await;
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap())
        };
        let (status, headers, page) = get("/chair").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY).unwrap(), POLICY);
        assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
        for (attribute, content) in [("src=\"", SCRIPT), ("href=\"/chair/", STYLE)] {
            let name = page.split(attribute).nth(1).unwrap().split('"').next().unwrap();
            let path = if name.starts_with('/') { name.to_owned() } else { format!("/chair/{name}") };
            let (status, headers, text) = get(&path).await;
            assert_eq!((status, text.as_str()), (StatusCode::OK, content), "{path}");
            assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
        }
        assert_eq!(get("/chair/chair.0.js").await.0, StatusCode::NOT_FOUND);
    }
}
