//! Tokens of a real identity provider, the npm package `oidc-provider`, and the life of its keys.

use chrono::Duration;
use quorate::auth::KeySource;
use quorate::clock::Clock;
use quorate::demo;
use serde_json::{Value, json};

use crate::support::node::Node;
use crate::support::{App, Engine};

/// A provider of the demo's personas.
pub struct Provider {
    pub node: Node,
    pub issuer: String,
    jwks: String,
}

impl Provider {
    async fn start() -> Option<Self> {
        let personas: Value = demo::personas()
            .iter()
            .map(|p| {
                let claims = json!({"sub": p.practitioner.0, "agency_id": p.agency_id.0, "roles": [p.post.word()],
                    "scope": p.scope});
                (p.key.to_owned(), claims)
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        let node = Node::start("provider.mjs", &[&personas.to_string()])?;
        let started = node.next_within("listening", std::time::Duration::from_mins(1)).await.expect("it starts");
        let text = |name: &str| started[name].as_str().unwrap().to_owned();
        Some(Self { issuer: text("issuer"), jwks: text("jwks"), node })
    }

    pub async fn order(&mut self, command: &str) {
        self.node.say(command);
        assert!(self.node.next("done").await.is_some(), "{command}");
    }

    /// A token of a persona for a resource, `KIND:ALG`.
    pub async fn token(&self, persona: &str, resource: &str) -> String {
        token_of(&self.issuer, persona, resource).await
    }

    /// Holds that the keys were read once since that was asked: the provider may tell it a little later.
    async fn was_read_once(&self, what: &str) {
        assert!(self.node.next("jwks").await.is_some(), "{what}: not read");
        assert_eq!(self.node.count("jwks"), 0, "{what}: read again");
    }

    /// The names of the keys that are published.
    pub async fn kids(&self) -> Vec<String> {
        let keys: Value = reqwest::get(&self.jwks).await.unwrap().json().await.unwrap();
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }
}

/// A token that a provider gives.
pub async fn token_of(issuer: &str, persona: &str, resource: &str) -> String {
    let scope = demo::personas().into_iter().find(|p| p.key == persona).unwrap().scope;
    let form = format!(
        "grant_type=client_credentials&resource=urn:quorate:{resource}&scope={}",
        scope.split_whitespace().collect::<Vec<_>>().join("+")
    );
    let request = reqwest::Client::new().post(format!("{issuer}/token"));
    let request = request.basic_auth(persona, Some("secret")).body(form);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {body}")).to_owned()
}

/// The API in front of a provider; its clock starts at the provider's time and is moved by hand.
pub async fn behind(engine: Engine) -> Option<(App, Provider)> {
    let provider = Provider::start().await?;
    let (issuer, jwks) = (provider.issuer.clone(), provider.jwks.clone());
    let app = App::start_at(engine, Clock::system().now(), move |auth| {
        auth.issuer = issuer;
        auth.keys = KeySource::Url(jwks);
    });
    Some((app.await?, provider))
}

async fn status(app: &App, token: &str) -> u16 {
    let (status, body) = app.post(token, json!({"query": "{ viewer { posts } }"}).to_string()).await;
    assert!(status == 200 || body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "{status} {body}");
    status
}

async fn its_tokens_are_accepted(engine: Engine) {
    let Some((app, provider)) = behind(engine).await else { return };
    for algorithm in ["ES256", "RS256", "EdDSA"] {
        let token = provider.token("police", &format!("api:{algorithm}")).await;
        assert_eq!(status(&app, &token).await, 200, "{algorithm}");
    }
    for persona in ["chair", "school_dsl", "health_visitor"] {
        let token = provider.token(persona, "api:ES256").await;
        let (_, body) = app.post(&token, json!({"query": "{ viewer { agency { name } } }"}).to_string()).await;
        let agency = demo::personas().into_iter().find(|p| p.key == persona).unwrap().agency;
        assert_eq!(body["data"]["viewer"]["agency"]["name"], agency, "{body}");
    }
    for refused in ["other:ES256", "foreign:ES256"] {
        assert_eq!(status(&app, &provider.token("police", refused).await).await, 401, "{refused}");
    }
    let short = provider.token("police", "short:ES256").await;
    assert_eq!(status(&app, &short).await, 200);
    app.clock.advance(Duration::seconds(40));
    assert_eq!(status(&app, &short).await, 401, "expired");
    provider.was_read_once("all of it from one reading of the keys").await;
}

async fn its_keys_rotate(engine: Engine) {
    let Some((app, mut provider)) = behind(engine).await else { return };
    let old = provider.token("police", "api:ES256").await;
    assert_eq!(status(&app, &old).await, 200);
    provider.was_read_once("at first").await;

    provider.order("rotate").await;
    let new = provider.token("police", "api:ES256").await;
    // read a moment ago: not again for each unknown key
    for _ in 0..5 {
        assert_eq!(status(&app, &new).await, 401);
    }
    assert_eq!(provider.node.count("jwks"), 0);
    app.clock.advance(Duration::seconds(61));
    let both = [status(&app, &new), status(&app, &new)];
    assert_eq!(futures_util::future::join_all(both).await, [200, 200]);
    assert_eq!(status(&app, &old).await, 200, "the former key is published still");
    provider.was_read_once("when a key was not known").await;

    provider.order("withdraw").await;
    assert_eq!(status(&app, &old).await, 200, "nobody knows yet");
    app.clock.advance(Duration::minutes(15));
    assert_eq!(status(&app, &old).await, 401, "a withdrawn key ends within a quarter of an hour");
    assert_eq!(status(&app, &new).await, 200);

    provider.order("rotate").await;
    let newest = provider.token("police", "api:ES256").await;
    provider.order("down").await;
    app.clock.advance(Duration::minutes(16));
    assert_eq!(status(&app, &new).await, 200, "the keys in hand stay while the provider is down");
    assert_eq!(status(&app, &newest).await, 401);
    provider.order("up").await;
    assert_eq!(status(&app, &newest).await, 401, "asked a moment ago");
    app.clock.advance(Duration::seconds(61));
    assert_eq!(status(&app, &newest).await, 200, "found once it is back");
}

#[actix_web::test]
async fn tokens_on_sqlite() {
    its_tokens_are_accepted(Engine::Sqlite).await;
}

#[actix_web::test]
async fn tokens_on_postgres() {
    its_tokens_are_accepted(Engine::Postgres).await;
}

#[actix_web::test]
async fn rotation_on_sqlite() {
    its_keys_rotate(Engine::Sqlite).await;
}

#[actix_web::test]
async fn rotation_on_postgres() {
    its_keys_rotate(Engine::Postgres).await;
}
