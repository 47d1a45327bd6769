//! The limit: hand-written SQL for the same answer, by `pgbench -M prepared`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What `pgbench` measured.
pub struct Limit {
    pub per_second: f64,
    /// Milliseconds.
    pub p50: f64,
}

/// A statement and what it is given.
pub struct Sql {
    url: String,
    file: PathBuf,
    given: Vec<(String, String)>,
}

/// Runs statements; their output.
pub fn psql(url: &str, sql: &str) -> String {
    let out = Command::new("psql").args(["-XqAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql]).output();
    let out = out.expect("psql: install the Debian package postgresql-client");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A database of the server, made if it is not there.
pub fn database(server: &str, name: &str) -> String {
    if psql(server, &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")).is_empty() {
        psql(server, &format!("CREATE DATABASE {name}"));
    }
    format!("{}/{name}", server.rsplit_once('/').expect("an address").0)
}

/// What a server that has run for long has done by itself.
pub fn settle(url: &str) {
    // a run before this one used up the hour of the people it asked as
    psql(url, "TRUNCATE access_count, access_reading");
    psql(url, "VACUUM ANALYZE");
    psql(url, "CHECKPOINT");
}

/// Waits until nobody else works.
pub fn at_rest(url: &str) {
    let mut quiet = 0;
    while quiet < 4 {
        let busy = psql(
            url,
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND datname = current_database()",
        );
        quiet = if busy == "0" { quiet + 1 } else { 0 };
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

/// Rows read by scans of whole tables that are not small, by table: an index is missing where this grows.
pub fn scanned(url: &str) -> std::collections::BTreeMap<String, f64> {
    let rows = psql(
        url,
        "SELECT pg_stat_clear_snapshot(); SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE n_live_tup > 5000",
    );
    rows.lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(table, n)| (table.to_owned(), n.parse().unwrap_or(0.0)))
        .collect()
}

impl Sql {
    /// The statement of a workload, if there is one.
    pub fn of(name: &str, url: &str, given: &[(&str, String)]) -> Option<Self> {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("benches/sql/{}.sql", name.to_lowercase()));
        let text = fs::read_to_string(source).ok()?;
        let file = std::env::temp_dir().join(format!("quorate-bench-{}-{name}.sql", std::process::id()));
        let mut given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        if let Some(place) = given.iter().position(|(name, _)| name == "children") {
            let (_, ids) = given.remove(place);
            psql(
                url,
                &format!(
                    "DROP TABLE IF EXISTS bench_child;
                     CREATE TABLE bench_child AS SELECT row_number() OVER ()::int AS n, id FROM child WHERE id IN ({ids});
                     ALTER TABLE bench_child ADD PRIMARY KEY (n); ANALYZE bench_child"
                ),
            );
            given.push(("children".to_owned(), psql(url, "SELECT count(*) FROM bench_child")));
        }
        if name == "W4" {
            psql(
                url,
                "DROP TABLE IF EXISTS bench_request;
                 CREATE TABLE bench_request AS SELECT row_number() OVER ()::int AS n, id FROM report_request LIMIT 20000;
                 ALTER TABLE bench_request ADD PRIMARY KEY (n); ANALYZE bench_request",
            );
            given.push(("requests".to_owned(), psql(url, "SELECT count(*) FROM bench_request")));
        }
        fs::write(&file, text).expect("a file");
        Some(Self { url: url.to_owned(), file, given })
    }

    pub fn run(&self, clients: usize, seconds: u64) -> Limit {
        let log = std::env::temp_dir().join(format!("quorate-bench-{}-log", std::process::id()));
        let mut command = Command::new("pgbench");
        command.args(["-n", "-M", "prepared", "-l", "--random-seed", "1"]);
        command.arg("--log-prefix").arg(&log);
        command.args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-T", &seconds.to_string()]);
        for (name, value) in &self.given {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let out = command.arg("-f").arg(&self.file).arg(&self.url).output();
        let out = out.expect("pgbench: install the Debian package postgresql");
        let text = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
        let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")).expect("a figure");
        let per_second = tps.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a figure");
        let mut times = Vec::new();
        let folder = log.parent().expect("a folder");
        let prefix = log.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                let text = fs::read_to_string(entry.path()).expect("a log");
                times.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()));
                let _ = fs::remove_file(entry.path());
            }
        }
        times.sort_by(f64::total_cmp);
        let p50 = times.get(times.len() / 2).copied().unwrap_or(f64::NAN) / 1000.0;
        Limit { per_second, p50 }
    }
}

impl Drop for Sql {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}
