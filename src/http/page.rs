//! The GraphiQL page: documentation, completion and queries in the browser, nothing loaded from elsewhere.

use std::{fs, path::Path};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, ServiceConfig, get},
};

/// What the page may do: run its own two files and speak to this server.
///
/// The editor sets inline styles and starts its workers from blobs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'none'";

const HTML: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quorate</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/graphiql.css">
</head>
<body>
<div id="root"></div>
<script src="/graphiql/graphiql.js"></script>
</body>
</html>
"#;

const MISSING: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Quorate</title>
<link rel="icon" href="data:,">
</head>
<body>
<p>The files of this page are not built. Run <code>./scripts/graphiql</code> and start the server again.</p>
</body>
</html>
"#;

/// Serves the page at `/graphiql` from the two files that `scripts/graphiql` puts into `assets`.
///
/// The files are read here, once; without them the page names the command that builds them.
pub fn page(cfg: &mut ServiceConfig, assets: &Path) {
    let script = fs::read(assets.join("graphiql.js"));
    let style = fs::read(assets.join("graphiql.css"));
    let (Ok(script), Ok(style)) = (script, style) else {
        tracing::warn!(assets = %assets.display(), "GraphiQL is not built: run ./scripts/graphiql");
        serve(cfg, "/graphiql", StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", MISSING.into());
        return;
    };
    serve(cfg, "/graphiql", StatusCode::OK, "text/html; charset=utf-8", HTML.into());
    serve(cfg, "/graphiql/graphiql.js", StatusCode::OK, "text/javascript; charset=utf-8", script.into());
    serve(cfg, "/graphiql/graphiql.css", StatusCode::OK, "text/css; charset=utf-8", style.into());
}

fn serve(cfg: &mut ServiceConfig, path: &str, status: StatusCode, kind: &'static str, body: Bytes) {
    let answer = move || {
        let body = body.clone();
        async move {
            HttpResponse::build(status)
                .insert_header((header::CONTENT_TYPE, kind))
                .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .insert_header((header::REFERRER_POLICY, "no-referrer"))
                .insert_header((header::CACHE_CONTROL, "no-cache"))
                .body(body)
        }
    };
    cfg.route(path, get().to(answer));
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        body::to_bytes,
        http::{StatusCode, header},
        test::{TestRequest, call_service, init_service},
    };

    use super::{POLICY, page};

    /// Asks for `path` and gives the status, the policy header and the body.
    async fn ask(assets: &std::path::Path, path: &str) -> (StatusCode, String, String) {
        let app = init_service(App::new().configure(|cfg| page(cfg, assets))).await;
        let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        let header = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let policy = header(header::CONTENT_SECURITY_POLICY);
        if answer.status() != StatusCode::NOT_FOUND {
            assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(header(header::REFERRER_POLICY), "no-referrer");
        }
        let status = answer.status();
        let body = to_bytes(answer.into_body()).await.unwrap();
        (status, policy, String::from_utf8(body.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn serves_the_page_and_its_files_under_the_policy() {
        let assets = std::env::temp_dir().join(format!("quorate-page-{}", std::process::id()));
        std::fs::create_dir_all(&assets).unwrap();
        std::fs::write(assets.join("graphiql.js"), "script").unwrap();
        std::fs::write(assets.join("graphiql.css"), "style").unwrap();

        let (status, policy, html) = ask(&assets, "/graphiql").await;
        assert_eq!((status, policy.as_str()), (StatusCode::OK, POLICY));
        assert!(html.contains("/graphiql/graphiql.js") && html.contains("/graphiql/graphiql.css"));
        assert!(!html.contains("http:") && !html.contains("https:"));
        for (path, content) in [("/graphiql/graphiql.js", "script"), ("/graphiql/graphiql.css", "style")] {
            let (status, policy, body) = ask(&assets, path).await;
            assert_eq!((status, policy.as_str(), body.as_str()), (StatusCode::OK, POLICY, content));
        }
        std::fs::remove_dir_all(&assets).unwrap();
    }

    #[actix_web::test]
    async fn names_the_command_when_the_files_are_missing() {
        let (status, policy, html) = ask(std::path::Path::new("/nonexistent"), "/graphiql").await;
        assert_eq!((status, policy.as_str()), (StatusCode::SERVICE_UNAVAILABLE, POLICY));
        assert!(html.contains("./scripts/graphiql"));
    }
}
