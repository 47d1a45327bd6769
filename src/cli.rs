//! The commands. Each calls one function.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand};
use secrecy::SecretString;
use serde_json::json;

use crate::app::{Quorate, StartError};
use crate::auth::Signer;
use crate::bundle;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::{self, DemoSettings, Persona};
use crate::graphql::limits::DocumentLimits;
use crate::http::HttpSettings;
use crate::http::page::{Page, Stage};
use crate::http::sandbox::{Play as _, Scenario};
use crate::policy::limits::AccessLimits;
use crate::practice::Practice;
use crate::sandbox::{self, Sandbox, claims};
use crate::scan::Scanning;
use crate::store::attachment::Attachments;
use crate::store::attachment::settings::AttachmentSettings;
use crate::store::audit::verify::Verdict;
use crate::store::audit::{AuditKey, AuditSettings};
use crate::store::revocation::Revoked;
use crate::store::webhook::settings::WebhookSettings;
use crate::store::{Database, StoreSettings};

/// The GraphQL API through which the agencies around a child work one child protection process together.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// What is logged where `RUST_LOG` says nothing. A demo speaks to a person, who reads what it prints.
    pub const fn usual_log(&self) -> &'static str {
        match self.command {
            Command::Demo(_) => "warn",
            _ => "info,sqlx=warn",
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a database of synthetic data, with a token for each persona.
    Demo(DemoArgs),
    /// Serve.
    Serve(ConfigArgs),
    /// Bring the tables up to date.
    Migrate(DatabaseArgs),
    /// Take back a token, a session, or all that a person was issued before an instant.
    Revoke(RevokeArgs),
    /// Issue the reviews of access that are due and end what nobody answered about in time; `serve` does so by itself.
    Review(VerifyArgs),
    /// Print the schema.
    Schema,
    /// Print the access matrix: which role may read which kind of information.
    AccessMatrix,
    /// Check configuration, database, keys and clock; one line each.
    Doctor(DoctorArgs),
    /// Sign a token with the key of a demo.
    Token(TokenArgs),
    /// Look after the access record.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Read the whole record again; name the first row that is not as it was written, and fail.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The key of the record, where there is no configuration.
    #[arg(long, requires_all = ["heads_file", "database_url"])]
    key_file: Option<PathBuf>,
    /// The signed heads, where there is no configuration.
    #[arg(long, requires = "key_file")]
    heads_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// The database; a SQLite file of its own if left out.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How many children.
    #[arg(long, default_value_t = 500)]
    children: u32,
    /// The same seed makes the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the personas and their tokens are written.
    #[arg(long, default_value = "demo-data/tokens.json")]
    tokens_file: PathBuf,
    /// Sockets and streams that one persona may have open at a time.
    #[arg(long, default_value_t = 50)]
    connections_per_person: usize,
    /// Leave GraphiQL out. Without this its files are built with npm when they are missing.
    #[arg(long)]
    no_graphiql: bool,
    /// Begin with a report of the first family that is due, one that is overdue, or with reports that were released.
    #[arg(long)]
    scenario: Option<Scenario>,
    /// Let webhooks be on this machine, over http and on any port, to try them out.
    #[arg(long)]
    webhooks: bool,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The configuration.
    #[arg(long, env = "QUORATE_CONFIG", default_value = "quorate.toml")]
    config: PathBuf,
    /// The database; stands in for the address in the configuration.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// The database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("revoked").required(true).args(["jti", "sid", "person"])))]
struct RevokeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// One token, by its `jti`.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    jti: Option<String>,
    /// All tokens of a session, by their `sid`.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    sid: Option<String>,
    /// All tokens of a person, by their `sub`.
    #[arg(long)]
    person: Option<uuid::Uuid>,
    /// Only what the person was issued before this instant, such as 2026-11-24T09:00:00Z; now if left out.
    #[arg(long, conflicts_with_all = ["jti", "sid"])]
    before: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Ask a running server at this address whether it is ready, and nothing else.
    #[arg(long)]
    health: Option<String>,
}

#[derive(Debug, Args)]
struct TokenArgs {
    /// Which persona.
    persona: String,
    /// The signing key.
    #[arg(long, default_value = "demo-data/signing.key")]
    key: PathBuf,
    /// Seconds it runs, an hour at the most.
    #[arg(long, default_value_t = 3600)]
    seconds: i64,
}

/// Runs a command to its end, on the asynchronous runtime.
///
/// # Errors
/// What stopped it.
// Whoever polls a future compiles all that it leads to: polled here, the program itself compiles in no time.
pub fn run_to_end(cli: Cli) -> Result<(), StartError> {
    crate::http::to_end(run(cli))
}

async fn run(cli: Cli) -> Result<(), StartError> {
    match cli.command {
        Command::Demo(args) => run_demo(args).await,
        Command::Serve(args) => serve(args).await,
        Command::Migrate(args) => Ok(open(&args.database_url).await?.migrate().await?),
        Command::Revoke(args) => revoke(args).await,
        Command::Review(args) => review(args).await,
        Command::Schema => say(crate::graphql::sdl().trim_end()),
        Command::AccessMatrix => say(crate::policy::disclosure::matrix_as_markdown().trim_end()),
        Command::Doctor(args) => doctor(args).await,
        Command::Token(args) => token(&args),
        Command::Audit(AuditCommand::Verify(args)) => verify(args).await,
    }
}

fn say(text: &str) -> Result<(), StartError> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

async fn open(url: &str) -> Result<Database, StartError> {
    let settings = StoreSettings { url: SecretString::from(url.to_owned()), max_connections: 16 };
    Ok(Database::open(&settings).await?)
}

async fn run_demo(args: DemoArgs) -> Result<(), StartError> {
    let folder = args.tokens_file.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    std::fs::create_dir_all(&folder)?;
    let url = match args.database_url {
        Some(url) => url,
        None => format!("sqlite://{}", folder.join("quorate-demo.db").display()),
    };
    let listener = TcpListener::bind(&args.listen)?;
    let page = (!args.no_graphiql).then(demo_page);
    let database = open(&url).await?;
    say("Migrating …")?;
    database.migrate().await?;
    let clock = sandbox::clock(&database).await?;
    let settings = DemoSettings { children: args.children, seed: args.seed };
    let progress = |text: &str| {
        let _ = writeln!(std::io::stdout(), "{text}");
    };
    let heads = folder.join("audit.heads");
    if database.is_empty().await? {
        // the heads of a demo that was thrown away are none of this one
        let _ = std::fs::remove_file(&heads);
    }
    demo::prepare(&database, &settings, clock.now(), &progress).await.map_err(StartError::Said)?;
    let signer = Signer::load_or_create(&folder.join("signing.key"))?;
    let audit = AuditSettings::of(folder.join("audit.key"), heads);
    AuditKey::load_or_create(&audit.key_file).map_err(StartError::Said)?;
    // a demo has no scanner: what is sent to it can be read at once
    let files = AttachmentSettings {
        folder: folder.join("attachments"),
        scanner: Scanning::Nobody,
        ..AttachmentSettings::default()
    };
    let hosts = if args.webhooks { vec!["127.0.0.1".into(), "localhost".into()] } else { Vec::new() };
    let api = Quorate::new(database.clone(), clock.clone(), DocumentLimits::default(), &audit)?
        .keeping(Attachments::open(&files).map_err(StartError::Said)?)
        .sending(WebhookSettings { hosts, test_allowance: args.webhooks });
    let sandbox = Sandbox::new(api.clone(), database, &folder)?;
    if let Some(scenario) = args.scenario {
        let staged = sandbox.stage(scenario).await;
        staged.map_err(|refused| StartError::Said(format!("the scenario: {}", refused.says())))?;
    }
    let endpoint = format!("http://{}/graphql", listener.local_addr()?);
    let announced = Announced { endpoint, page: page.as_ref().map(Page::stage), operator: sandbox.operator() };
    announce(&demo::personas(), &signer, &clock, &announced, &args.tokens_file)?;
    api.keep_up();
    api.send_on();
    let auth = sandbox::trusting(&signer)?;
    let http = HttpSettings {
        connections_per_person: args.connections_per_person,
        metrics_token: Some(SecretString::from("demo")),
        ..HttpSettings::default()
    };
    Ok(api.serve_with(listener, auth, http, page, Some(sandbox))?.await?)
}

/// GraphiQL, built beside everything else where its files are missing: neither a slow nor a failing build holds the
/// demo up.
fn demo_page() -> Page {
    if let Some(folder) = bundle::folder() {
        return Page::of(Some(&folder));
    }
    let page = Page::building();
    let built = page.clone();
    std::thread::spawn(move || {
        let (folder, line) = match bundle::build() {
            Ok(folder) => (Some(folder), "GraphiQL is built.".to_owned()),
            Err(line) => (None, line),
        };
        built.built(folder.as_deref());
        let _ = say(&line);
    });
    page
}

/// What a demo says of itself when it starts.
struct Announced<'a> {
    endpoint: String,
    page: Option<Stage>,
    operator: &'a str,
}

fn announce(
    personas: &[Persona],
    signer: &Signer,
    clock: &Clock,
    Announced { endpoint, page, operator }: &Announced<'_>,
    tokens_file: &Path,
) -> Result<(), StartError> {
    let mut table = serde_json::Map::new();
    say(&format!("\n{:<18} {:<22} {}", "persona", "name", "agency"))?;
    for persona in personas {
        let token = signer.sign(&claims(persona, clock, 3600))?;
        say(&format!("{:<18} {:<22} {}", persona.key, persona.name, persona.agency))?;
        let entry = json!({"token": token, "name": persona.name, "agency": persona.agency});
        table.insert(persona.key.to_owned(), entry);
    }
    std::fs::write(
        tokens_file,
        serde_json::to_vec_pretty(&json!({"endpoint": endpoint, "operator": operator, "personas": table}))
            .unwrap_or_default(),
    )?;
    say(&format!("\nTokens, good for an hour: {} (again: quorate token PERSONA)", tokens_file.display()))?;
    say(&format!("GraphQL: {endpoint}"))?;
    let address = endpoint.replace("/graphql", "/graphiql");
    match page {
        Some(Stage::Ready) => say(&format!("GraphiQL: {address}"))?,
        Some(Stage::Building) => say(&format!("GraphiQL: {address} (being built, in half a minute)"))?,
        Some(Stage::Missing) | None => {}
    }
    say(&format!("Clock: {} (POST {})", clock.now().to_rfc3339(), endpoint.replace("/graphql", "/sandbox/clock")))?;
    say(&format!("Operator of the sandbox: {operator}"))?;
    say("\nTo begin with:")?;
    say(demo::QUERIES)
}

fn token(args: &TokenArgs) -> Result<(), StartError> {
    let signer = Signer::load_or_create(&args.key)?;
    let personas = demo::personas();
    let persona = personas.iter().find(|p| p.key == args.persona);
    let persona = persona.ok_or_else(|| StartError::Said(format!("there is no persona {}", args.persona)))?;
    say(&signer.sign(&claims(persona, &Clock::system(), args.seconds))?)
}

fn configured(args: &ConfigArgs) -> Result<(Config, StoreSettings), StartError> {
    let config = Config::read(&args.config).map_err(StartError::Said)?;
    let mut database = config.database.clone();
    if let Some(url) = &args.database_url {
        let url = SecretString::from(url.clone());
        database = Some(
            database.map_or(StoreSettings { url: url.clone(), max_connections: 16 }, |d| StoreSettings { url, ..d }),
        );
    }
    let database = database.ok_or_else(|| StartError::Said("no database: set DATABASE_URL".into()))?;
    Ok((config, database))
}

async fn serve(args: ConfigArgs) -> Result<(), StartError> {
    let (config, database) = configured(&args)?;
    let database = Database::open(&database).await?;
    if database.pending_migrations().await? > 0 {
        return Err(StartError::Said("the database is not up to date: run `quorate migrate`".into()));
    }
    let listener = TcpListener::bind(&config.listen)?;
    let api = Quorate::new(database, Clock::system(), config.limits, &config.audit)?
        .with_emergency(config.emergency)
        .limited(config.access)
        .practising(Practice::read(&config.practice).map_err(StartError::Said)?.into())
        .keeping(Attachments::open(&config.attachments).map_err(StartError::Said)?)
        .sending(config.webhooks.checked().map_err(StartError::Said)?);
    api.keep_up();
    api.send_on();
    Ok(api.serve(listener, config.auth, config.http)?.await?)
}

async fn verify(args: VerifyArgs) -> Result<(), StartError> {
    let (database, key, heads) =
        if let (Some(key), Some(heads), Some(url)) = (args.key_file, args.heads_file, &args.config.database_url) {
            (open(url).await?, key, heads)
        } else {
            let (config, database) = configured(&args.config)?;
            (Database::open(&database).await?, config.audit.key_file, config.audit.heads_file)
        };
    let key = AuditKey::load(&key).map_err(StartError::Said)?;
    match database.verify_audit(Some((&heads, &key))).await? {
        Verdict::Whole { rows, heads } => {
            say(&format!("the access record is whole: {rows} rows, {heads} signed heads"))
        }
        Verdict::Broken { sequence, why } => {
            say(&format!("row {sequence}: {why}"))?;
            Err(StartError::Said(format!("the access record is broken from row {sequence} on")))
        }
        Verdict::Heads(why) => {
            say(&why)?;
            Err(StartError::Said("the access record cannot be held against its signed heads".into()))
        }
    }
}

async fn review(args: VerifyArgs) -> Result<(), StartError> {
    let (database, audit, limits) =
        if let (Some(key), Some(heads), Some(url)) = (args.key_file, args.heads_file, &args.config.database_url) {
            (open(url).await?, AuditSettings::of(key, heads), AccessLimits::default())
        } else {
            let (config, database) = configured(&args.config)?;
            (Database::open(&database).await?, config.audit, config.access)
        };
    let api = Quorate::new(database, Clock::system(), DocumentLimits::default(), &audit)?.limited(limits);
    let done = api.upkeep().await?;
    say(&format!("{} review(s) issued, {} relationship(s) ended unanswered", done.issued, done.suspended))
}

async fn revoke(args: RevokeArgs) -> Result<(), StartError> {
    let now = Clock::system().now();
    let what = match (args.jti, args.sid, args.person) {
        (Some(id), _, _) => Revoked::Token(id),
        (_, Some(id), _) => Revoked::Session(id),
        (_, _, Some(id)) => Revoked::Person(id, args.before.unwrap_or(now)),
        (None, None, None) => return Err(StartError::Said("say what to revoke".into())),
    };
    open(&args.database.database_url).await?.revoke(&what, now).await?;
    say("revoked")
}

async fn doctor(args: DoctorArgs) -> Result<(), StartError> {
    if let Some(address) = args.health {
        let answer = reqwest::get(&address).await.and_then(reqwest::Response::error_for_status);
        return answer.map(|_| ()).map_err(|_| StartError::Said("not ready".into()));
    }
    let (config, settings) = match configured(&args.config) {
        Ok(read) => read,
        Err(error) => return Err(StartError::Said(format!("configuration: {error}"))),
    };
    say("configuration: ok")?;
    let mut wrong = 0;
    let pending = match Database::open(&settings).await {
        Ok(database) => database.pending_migrations().await,
        Err(error) => Err(error),
    };
    match pending {
        Ok(0) => say("database: ok")?,
        Ok(n) => {
            wrong += 1;
            say(&format!("database: {n} migration(s) to run: quorate migrate"))?;
        }
        Err(error) => {
            wrong += 1;
            say(&format!("database: {error}"))?;
        }
    }
    match AuditKey::load(&config.audit.key_file) {
        Ok(_) => say("audit key: ok")?,
        Err(error) => {
            wrong += 1;
            say(&error)?;
        }
    }
    match Attachments::open(&config.attachments) {
        Ok(_) => say(&format!("attachments: {}", config.attachments.scanner.says()))?,
        Err(error) => {
            wrong += 1;
            say(&format!("attachments: {error}"))?;
        }
    }
    let hosts = config.webhooks.hosts.len();
    match config.webhooks.checked() {
        Ok(webhooks) => {
            let allowance = if webhooks.test_allowance { ", WITH THE ALLOWANCE OF TESTS" } else { "" };
            say(&format!("webhooks: {hosts} host(s){allowance}"))?;
        }
        Err(error) => {
            wrong += 1;
            say(&error)?;
        }
    }
    let clock = Clock::system();
    match crate::auth::Verifier::new(config.auth, clock.clone()) {
        Ok(_) => say("keys: ok")?,
        Err(error) => {
            wrong += 1;
            say(&format!("keys: {error}"))?;
        }
    }
    match Practice::read(&config.practice) {
        Ok(practice) => {
            let (profiles, standards) = practice.standards.count();
            say(&format!("practice: {standards} standards in {profiles} profiles"))?;
            match practice.calendar.after(clock.today(), 60) {
                Ok(_) => say(&format!("clock: {} in England, bank holidays listed", clock.today()))?,
                Err(error) => {
                    wrong += 1;
                    say(&format!("clock: {error}"))?;
                }
            }
        }
        Err(error) => {
            wrong += 1;
            say(&format!("practice: {error}"))?;
        }
    }
    if wrong == 0 { Ok(()) } else { Err(StartError::Said(format!("{wrong} thing(s) wrong"))) }
}
