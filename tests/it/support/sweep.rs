//! Asks everything the schema lets ask as somebody, and holds each answer against what that person may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::columns::{Class, all};
use serde_json::{Value, json};
use uuid::Uuid;

use super::App;
use super::contents::settled;
use super::expected::{Eyes, Facts};
use super::plant::Canaries;
use super::walk::{Given, Walk};

/// What came out, over all that was asked.
#[derive(Default)]
pub struct Found {
    /// Fields of object types that were answered.
    pub reached: BTreeSet<(String, String)>,
    /// How often each confidential column came out.
    pub came: BTreeMap<(&'static str, &'static str), usize>,
    /// What came out where it must not, to whom, and in which answer first.
    pub wrong: BTreeMap<(&'static str, String), String>,
    /// What was asked and answered, where it is kept.
    pub answers: Option<Vec<Asked>>,
}

/// A request, and the bytes of its answer.
pub struct Asked {
    pub query: String,
    pub variables: Value,
    pub answer: String,
}

impl Asked {
    /// The record of accesses grows with every question, this one included.
    fn grows(&self) -> bool {
        self.query.contains("accessLog") && !self.answer.contains("\"accessLog\":null")
    }
}

/// Every column by its table and name.
static COLUMNS: LazyLock<BTreeMap<&'static str, BTreeMap<&'static str, Class>>> = LazyLock::new(|| {
    let mut tables: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for column in all() {
        tables.entry(column.table).or_default().insert(column.name, column.class);
    }
    tables
});

/// The table of an object type.
pub fn table_of(ty: &str) -> Option<&'static str> {
    let name = if ty == "HouseholdMember" { "membership".to_owned() } else { snake(ty) };
    COLUMNS.get_key_value(&*name).map(|(table, _)| *table)
}

/// The column behind a field of an object type, where there is one.
pub fn column_of(table: &str, field: &str) -> Option<(&'static str, Class)> {
    let name = match (table, field) {
        ("plan", "initialCategory") => "category_initial".to_owned(),
        ("plan", "latestCategory") => "category_latest".to_owned(),
        _ => snake(field),
    };
    COLUMNS.get(table)?.get_key_value(&*name).map(|(column, class)| (*column, *class))
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The ids in a text, plain or inside a global id or cursor.
fn ids_in(text: &str) -> Vec<Uuid> {
    let mut out: Vec<Uuid> = text.parse().into_iter().collect();
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) {
        let plain = String::from_utf8_lossy(&bytes).into_owned();
        out.extend(plain.split(':').filter_map(|part| part.parse::<Uuid>().ok()));
    }
    out
}

/// A document without what is selected of each object: the fields that lead somewhere.
fn brief(query: &str) -> String {
    query.chars().take(160).collect()
}

/// A global id.
pub fn global(ty: &str, id: Uuid) -> String {
    let noun = if ty == "HouseholdMember" { "Membership" } else { ty };
    URL_SAFE_NO_PAD.encode(format!("{noun}:{}", id.simple()))
}

/// How long a subscription must say nothing to have said all.
const QUIET: Duration = Duration::from_millis(400);

/// One person's turn.
pub struct Sweep<'a> {
    pub app: &'a App,
    pub walk: &'a Walk,
    pub canaries: &'a Canaries,
    pub facts: &'a Facts,
    pub tables: &'a HashMap<Uuid, &'static str>,
    pub persona: &'static str,
    pub eyes: &'a Eyes<'a>,
    pub found: &'a mut Found,
    pub most: Most,
}

/// True where the long form of the proofs is asked for.
pub fn is_long() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the long form of the test")]
    std::env::var("QUORATE_PROOF").is_ok_and(|form| form == "long")
}

/// How much is asked.
#[derive(Clone, Copy)]
pub struct Most {
    /// Entries of a list of which everything below is asked.
    pub page: usize,
    /// Rows of a kind that may be seen, and rows that may not.
    pub seen: usize,
    pub unseen: usize,
}

impl Most {
    /// A sample, or everything where `QUORATE_PROOF=long` says so.
    pub fn of_the_environment() -> Self {
        if is_long() { Self { page: 25, seen: 100_000, unseen: 100_000 } } else { Self { page: 4, seen: 3, unseen: 4 } }
    }
}

fn with_argument(call: &str, argument: &str) -> String {
    match call.strip_suffix(')') {
        Some(before) => format!("{before}, {argument})"),
        None => format!("({argument})"),
    }
}

impl Sweep<'_> {
    /// Asks one thing, and holds the answer against what may be seen.
    pub async fn ask(&mut self, query: &str, variables: Value) -> Value {
        let (headers, text) = self.send(query, &variables).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        let refused = ["LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "INTERNAL_SERVER_ERROR", "BAD_USER_INPUT"];
        let is_input = answer["errors"][0]["extensions"]["argument"].is_string();
        assert!(!refused.contains(&code) || is_input, "{}: {query} {variables}: {answer}", self.persona);
        self.keep(query, variables, &text);
        let what = brief(query);
        for cage in self.canaries.in_text(&headers) {
            self.wrong(format!("a header tells {}.{}", cage.table, cage.column), &what);
        }
        self.judge(&what, &answer);
        answer
    }

    async fn send(&self, query: &str, variables: &Value) -> (String, String) {
        let body = json!({"query": query, "variables": variables}).to_string();
        let why = [("x-purpose", "AUDIT"), ("x-access-reason", &*self.canaries.word_for_input(0))];
        self.app.exchange(&self.app.token(self.persona), &why, body).await
    }

    fn keep(&mut self, query: &str, variables: Value, answer: &str) {
        if let Some(answers) = &mut self.found.answers {
            answers.push(Asked { query: query.to_owned(), variables, answer: answer.to_owned() });
        }
    }

    /// The answer to what was asked before.
    pub async fn again(&self, asked: &Asked) -> String {
        if asked.query.starts_with("subscription") {
            return self.app.overhear(self.persona, &asked.query, QUIET, asked.answer.len()).await;
        }
        self.send(&asked.query, &asked.variables).await.1
    }

    /// Asks all of it again: how often it is answered otherwise, and the first such answer from where it differs.
    pub async fn otherwise(&self, answers: &[Asked]) -> Option<String> {
        let mut other = Vec::new();
        for asked in answers.iter().filter(|asked| !asked.grows()) {
            let (before, after) = (settled(&asked.answer), settled(&self.again(asked).await));
            if before != after {
                other.push((asked, before, after));
            }
        }
        let (asked, before, after) = other.first()?;
        let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(200);
        Some(format!(
            "answered otherwise {} times: {:.600} {}\n{:.600}\n{:.600}",
            other.len(),
            asked.query,
            asked.variables,
            before.get(at..).unwrap_or_default(),
            after.get(at..).unwrap_or_default(),
        ))
    }

    fn wrong(&mut self, finding: String, what: &str) {
        self.found.wrong.entry((self.persona, finding)).or_insert_with(|| what.to_owned());
    }

    /// Holds an answer against what may be seen.
    pub fn judge(&mut self, what: &str, answer: &Value) {
        for cage in self.canaries.in_value(answer) {
            if !cage.table.is_empty() && self.eyes.reads(cage.table, cage.column, cage.id) {
                *self.found.came.entry((cage.table, cage.column)).or_default() += 1;
            } else {
                self.wrong(format!("told {}.{}", cage.table, cage.column), what);
            }
        }
        self.look(what, answer);
    }

    /// Ids of rows that may not be seen, and sealed columns by the place where they stand.
    fn look(&mut self, what: &str, value: &Value) {
        match value {
            Value::String(text) => {
                for id in ids_in(text) {
                    if let Some(table) = self.tables.get(&id).filter(|table| !self.eyes.sees(table, id)) {
                        self.wrong(format!("an unseen {table}"), what);
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|each| self.look(what, each)),
            Value::Object(map) => {
                if let Some(ty) = map.get("__typename").and_then(Value::as_str) {
                    if ty == "FamilyCopySummary" {
                        self.look_at_copy(what, value);
                    }
                    self.found.reached.extend(map.keys().map(|field| (ty.to_owned(), field.clone())));
                    if let Some(id) = map.get("id").and_then(Value::as_str).and_then(|id| ids_in(id).pop()) {
                        self.look_at_fields(what, ty, id, map);
                    }
                }
                map.values().for_each(|each| self.look(what, each));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// What is in a copy for the family: nothing of third parties, nothing that tells where the child is, and nothing restricted,
    /// though the person who gives it may read all of that.
    fn look_at_copy(&mut self, what: &str, copy: &Value) {
        for cage in self.canaries.in_value(copy) {
            let row = self.facts.chronology_row.iter().find(|row| row.id.0 == cage.id);
            let goes_out = match cage.table {
                "chronology_row" => row.is_some_and(|row| !row.third_party && !row.locates),
                "conference_report" | "report_answer" => true,
                _ => false,
            };
            if !goes_out {
                self.wrong(format!("in the family's copy {}.{}", cage.table, cage.column), what);
            }
        }
    }

    fn look_at_fields(&mut self, what: &str, ty: &str, id: Uuid, map: &serde_json::Map<String, Value>) {
        let Some(table) = table_of(ty) else { return };
        for (field, _) in map.iter().filter(|(_, value)| !value.is_null()) {
            if let Some((column, Class::Sealed(_))) = column_of(table, field) {
                *self.found.came.entry((table, column)).or_default() += 1;
                if !self.eyes.reads(table, column, id) {
                    self.wrong(format!("shown {table}.{column}"), what);
                }
            }
        }
    }

    /// Every root field, once with all that is below, and once for each value of each argument.
    pub async fn queries(&mut self, given: &Given) {
        for field in self.walk.fields("Query") {
            let ty = field.ty.inner_named_type().as_str();
            // what any object holds is asked of each kind by itself
            let (deep, flat) = match ty {
                "Node" => ("__typename id".to_owned(), "__typename id".to_owned()),
                ty => (self.walk.below(ty, 2, 3), self.walk.below(ty, 0, 3)),
            };
            for (n, call) in self.walk.calls(&field, given).iter().enumerate() {
                let selection = if n == 0 || call.contains("Id:") { &deep } else { &flat };
                // all that is below is asked of a few; the rest is on the pages that follow
                let few = n == 0 && field.arguments.iter().any(|a| a.name == "first");
                let call = if few { with_argument(call, &format!("first: {}", self.most.page)) } else { call.clone() };
                let answer = self.ask(&format!("{{ {}{call} {{ {selection} }} }}", field.name), json!({})).await;
                if !answer["data"][field.name.as_str()].is_null() {
                    self.found.reached.insert(("Query".to_owned(), field.name.to_string()));
                }
            }
        }
    }

    /// Every list of the root from its first place to its last.
    pub async fn pages(&mut self) {
        for field in self.walk.fields("Query") {
            let after = field.arguments.iter().any(|a| a.name == "after");
            if !after || field.arguments.iter().any(|a| a.is_required()) {
                continue;
            }
            let (name, selection) = (&field.name, self.walk.below(field.ty.inner_named_type(), 1, 2));
            let query = format!("query($after: String) {{ {name}(first: 15, after: $after) {{ {selection} }} }}");
            let mut place = Value::Null;
            loop {
                let page = self.ask(&query, json!({"after": place})).await["data"][name.as_str()]["pageInfo"].clone();
                place = page["endCursor"].clone();
                if page["hasNextPage"] != true {
                    break;
                }
            }
        }
    }

    /// Every kind of object by its id, seen and unseen, with all that is below.
    pub async fn objects(&mut self) {
        for ty in self.walk.nodes() {
            let ids = self.some(&ty, self.most.seen, self.most.unseen);
            let selection = self.walk.below(&ty, 2, 3);
            let query =
                format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id ... on {ty} {{ {selection} }} }} }}");
            for some in ids.chunks(20) {
                self.ask(&query, json!({"ids": some})).await;
            }
        }
    }

    /// Global ids of a kind: of rows that may be seen, and of others.
    pub fn some(&self, ty: &str, seen: usize, unseen: usize) -> Vec<String> {
        let table = table_of(ty).unwrap_or_else(|| panic!("{ty} has no table"));
        let mut all: Vec<Uuid> = self.tables.iter().filter(|(_, t)| **t == table).map(|(id, _)| *id).collect();
        all.sort_unstable();
        let (open, shut): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| self.eyes.sees(table, *id));
        // spread over the table, which is in the order of time
        let spread = |rows: Vec<Uuid>, most: usize| {
            let step = rows.len().div_ceil(most.max(1)).max(1);
            rows.into_iter().step_by(step).take(most).collect::<Vec<_>>()
        };
        [spread(open, seen), spread(shut, unseen)].concat().into_iter().map(|id| global(ty, id)).collect()
    }

    /// Every subscription over server-sent events, with what was missed since a place of the feed.
    pub async fn subscriptions(&mut self, since: &str) {
        let fields = self.walk.fields("Subscription");
        let (app, persona) = (self.app, self.persona);
        let listened = fields.iter().map(|field| {
            let selection = self.walk.below(field.ty.inner_named_type(), 2, 2);
            let query = format!("subscription {{ {}(after: \"{since}\") {{ {selection} }} }}", field.name);
            async move {
                let heard = app.overhear(persona, &query, Duration::from_secs(3), 0).await;
                (query, heard)
            }
        });
        let listened = futures_util::future::join_all(listened).await;
        for (field, (query, heard)) in fields.iter().zip(listened) {
            self.keep(&query, Value::Null, &heard);
            for data in heard.lines().filter_map(|line| line.strip_prefix("data: ")) {
                let answer: Value = serde_json::from_str(data).unwrap();
                if answer["data"][field.name.as_str()].is_object() {
                    self.found.reached.insert(("Subscription".to_owned(), field.name.to_string()));
                }
                self.judge(&format!("subscription {}", field.name), &answer);
            }
        }
    }

    /// The events since a place of the feed, with all that is below.
    pub async fn events(&mut self, since: &str) {
        let selection = self.walk.below("FeedEventConnection", 2, 2);
        let query = format!("query($after: String) {{ events(first: 50, after: $after) {{ {selection} }} }}");
        self.ask(&query, json!({"after": since})).await;
    }

    /// A mutation with an input; the answer is held against what may be seen.
    pub async fn change(&mut self, mutation: &str, input: &Value) -> Value {
        let field = self.walk.fields("Mutation").into_iter().find(|f| f.name == mutation).unwrap();
        let (input_type, payload) = (field.arguments[0].ty.to_string(), field.ty.inner_named_type());
        let selection = self.walk.below(payload, 3, 2);
        let query = format!("mutation($input: {input_type}) {{ {mutation}(input: $input) {{ {selection} }} }}");
        let answer = self.ask(&query, json!({"input": input})).await;
        if answer["data"][mutation].is_object() {
            self.found.reached.insert(("Mutation".to_owned(), mutation.to_owned()));
        }
        answer
    }
}
