//! The GraphiQL page: documentation, completion and queries in the browser, nothing loaded from elsewhere.

pub mod chair;

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, ETag, Encoding, EntityTag, Header, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use sha2::{Digest as _, Sha256};

/// What the page may do: run its own two files and speak to this server.
///
/// The editor sets inline styles and starts its workers from blobs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'none'";

const HTML: &str = "text/html; charset=utf-8";

/// A document with this after its title and that as its body.
fn document(head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Quorate</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n{head}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

/// The page: ready, still being built, or not to be had. Clones are the same page, so each worker serves one copy.
#[derive(Clone, Default)]
pub struct Page(Arc<OnceLock<Option<Files>>>);

/// How far the page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is served.
    Ready,
    /// It will be, or not: the build goes on.
    Building,
    /// It is not served while this process runs.
    Missing,
}

impl Page {
    /// A page that is still being built.
    pub fn building() -> Self {
        Self::default()
    }

    /// The page of the files that `scripts/graphiql` puts into `folder`, read here and never again.
    pub fn of(folder: Option<&Path>) -> Self {
        let page = Self::building();
        page.built(folder);
        page
    }

    /// Ends the building, with the folder of the files or with nothing.
    pub fn built(&self, folder: Option<&Path>) {
        let files = folder.and_then(|folder| match Files::read(folder) {
            Ok(files) => Some(files),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), kind = %error.kind(), "GraphiQL cannot be read");
                None
            }
        });
        // the first end stands: what is served does not change under a browser
        let _ = self.0.set(files);
    }

    /// How far it is.
    pub fn stage(&self) -> Stage {
        match self.0.get() {
            Some(Some(_)) => Stage::Ready,
            Some(None) => Stage::Missing,
            None => Stage::Building,
        }
    }

    /// Mounts it at `/graphiql`.
    pub fn mount(&self, cfg: &mut ServiceConfig) {
        for method in [Method::GET, Method::HEAD] {
            let (entry, files) = (self.clone(), self.clone());
            cfg.route(
                "/graphiql",
                web::method(method.clone()).to(move |request: HttpRequest| {
                    let answer = entry.entry(&request);
                    async move { answer }
                }),
            );
            cfg.route(
                "/graphiql/{file}",
                web::method(method).to(move |request: HttpRequest| {
                    let found = files.file(&request);
                    async move {
                        match found {
                            Some(answer) => answer,
                            None => super::nothing(request).await,
                        }
                    }
                }),
            );
        }
    }

    fn entry(&self, request: &HttpRequest) -> HttpResponse {
        let (head, text) = match self.0.get() {
            Some(Some(files)) => return files.html.answer(request),
            Some(None) => {
                ("", "<p>This page is not built. Run <code>./scripts/graphiql</code> and start the server again.</p>")
            }
            None => (
                "<meta http-equiv=\"refresh\" content=\"2\">\n",
                "<p>This page is being built and will appear here.</p>",
            ),
        };
        let mut answer = guarded(StatusCode::SERVICE_UNAVAILABLE, POLICY);
        if !head.is_empty() {
            answer.insert_header((header::RETRY_AFTER, "5"));
        }
        answer.insert_header((header::CONTENT_TYPE, HTML)).body(document(head, text))
    }

    fn file(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let name = request.match_info().get("file")?;
        let files = self.0.get()?.as_ref()?;
        [&files.script, &files.style].into_iter().find(|file| file.name == name).map(|file| file.answer(request))
    }
}

struct Files {
    html: File,
    script: File,
    style: File,
}

impl Files {
    fn read(folder: &Path) -> io::Result<Self> {
        let script = File::read(folder, "js", "text/javascript; charset=utf-8")?;
        let style = File::read(folder, "css", "text/css; charset=utf-8")?;
        let head = format!("<link rel=\"stylesheet\" href=\"/graphiql/{}\">\n", style.name);
        let body = format!("<div id=\"root\"></div>\n<script src=\"/graphiql/{}\"></script>", script.name);
        let html = File {
            name: String::new(),
            kind: HTML,
            // asked for anew each time, so that it always names the files of the running server
            cache: "no-cache",
            policy: POLICY,
            plain: Variant::new(document(&head, &body).into()),
            gzip: None,
        };
        Ok(Self { html, script, style })
    }
}

struct File {
    name: String,
    kind: &'static str,
    cache: &'static str,
    policy: &'static str,
    plain: Variant,
    gzip: Option<Variant>,
}

impl File {
    fn read(folder: &Path, ending: &str, kind: &'static str) -> io::Result<Self> {
        let plain = Variant::new(std::fs::read(folder.join(format!("graphiql.{ending}")))?.into());
        let gzip = Variant::new(std::fs::read(folder.join(format!("graphiql.{ending}.gz")))?.into());
        let name = format!("graphiql.{}.{ending}", plain.tag.tag());
        // the name changes with the content, so a copy never grows old
        let cache = "public, max-age=31536000, immutable";
        Ok(Self { name, kind, cache, policy: POLICY, plain, gzip: Some(gzip) })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let zipped = self.gzip.as_ref().filter(|_| takes_gzip(request));
        let variant = zipped.unwrap_or(&self.plain);
        let known = variant.known_to(request);
        let mut answer = guarded(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK }, self.policy);
        answer.insert_header((header::CACHE_CONTROL, self.cache)).insert_header(ETag(variant.tag.clone()));
        if self.gzip.is_some() {
            answer.insert_header((header::VARY, "accept-encoding"));
        }
        if known {
            return answer.finish();
        }
        if zipped.is_some() {
            answer.insert_header(ContentEncoding::Gzip);
        }
        answer.insert_header((header::CONTENT_TYPE, self.kind)).body(variant.bytes.clone())
    }
}

/// One sequence of bytes and its strong tag; compressed and plain ones differ in both.
struct Variant {
    bytes: Bytes,
    tag: EntityTag,
}

impl Variant {
    fn new(bytes: Bytes) -> Self {
        let hash = Sha256::digest(&bytes).iter().take(16).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { bytes, tag: EntityTag::new_strong(hash) }
    }

    fn known_to(&self, request: &HttpRequest) -> bool {
        if !request.headers().contains_key(header::IF_NONE_MATCH) {
            return false;
        }
        match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            Err(_) => false,
        }
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|wanted| wanted.negotiate(offered.iter()) == Some(Encoding::gzip()))
}

/// An answer under the page's policy.
fn guarded(status: StatusCode, policy: &'static str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    answer
}

#[cfg(test)]
mod tests;
