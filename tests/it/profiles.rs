//! One family, four practices: three brothers and sisters from the strategy meeting to step-down, through the API alone. The
//! same things happen and are recorded under each; what is due, what is missing and what is held up differ, and are set side
//! by side.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::process::{fields, finish, go_by, issue, items, live_together, missing, parents, write, written};
use crate::support::table::{decide, deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, Engine, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";

const PROFILES: [&str; 4] = ["WARWICKSHIRE", "BIRMINGHAM", "BRISTOL", "LANCASHIRE"];

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id version } userErrors { field code } } }";

const OUTCOME: &str =
    "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
  strategyMeeting { id enquiries { nodes { id child { id } } } } userErrors { field code message } } }";

const MET: &str = "mutation($input: RecordCoreGroupMeetingInput!) { it: recordCoreGroupMeeting(input: $input) {
  coreGroupMeeting { id } userErrors { field code message } } }";

const CHILD: &str = "query($id: ID!) { child(id: $id) {
  currentPlan { id kind version startsOn coreGroup { id version } }
  deadlines(first: 100) { nodes { kind status dueAt explanation { rule } } } } }";

const OPEN: &str = "mutation($input: OpenCinPlanInput!) { it: openCinPlan(input: $input) {
  plan { id version kind } userErrors { field code message } } }";

const END: &str = "mutation($input: EndCinPlanInput!) { it: endCinPlan(input: $input) {
  plan { endsOn } userErrors { field code message } } }";

/// What the same facts came to under one practice.
#[derive(Debug, Default)]
struct Course {
    /// What was due after the conference, by its rule.
    after_conference: Vec<String>,
    /// Which steps were held up, and by which items.
    held_up: Vec<String>,
    /// What was asked for at the review that ended the plans.
    asked_at_the_end: Vec<String>,
    /// What was due because the plan ended.
    after_the_end: Vec<String>,
    /// Whether the chair could overrule the conference.
    may_overrule: bool,
    /// Whether the plan that follows can end after a month and nobody is asked why.
    ends_early: bool,
    /// Whether the second review was a nine-month review.
    nine_months: bool,
    /// How far the paths of the second review came for the first child, and what they went past.
    paths: Vec<String>,
}

/// The steps, told one after the other.
struct Told<'a> {
    app: &'a App,
    n: u32,
    children: Vec<Value>,
    course: Course,
}

impl Told<'_> {
    fn next(&mut self) -> u32 {
        self.n += 1;
        self.n
    }

    fn until(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().unwrap();
        self.app.clock.advance(at - self.app.clock.now());
    }

    async fn write(&mut self, persona: &str, record: &Value, entries: &Value) {
        let n = self.next();
        written(self.app, n, persona, record, entries).await;
    }

    /// Tries a step; what holds it up is noted, answered by who may, and the step is finished.
    async fn finish(&mut self, persona: &str, (record, step): (&Value, &str), outcome: Option<&str>) {
        let n = self.next();
        let refused = finish(self.app, n, persona, (record, step), outcome).await;
        let named: Vec<_> = fields(&refused).into_iter().map(|(field, _)| field).collect();
        if !named.is_empty() {
            let mut items: Vec<_> = named.iter().map(|field| field.trim_start_matches("missing.").to_owned()).collect();
            items.dedup();
            self.course.held_up.push(format!("{step}: {}", items.join(" ")));
            self.answer_all(record, step).await;
            let n = self.next();
            let done = finish(self.app, n, persona, (record, step), outcome).await;
            assert_eq!(done["userErrors"], json!([]), "{step}: {done}");
        }
    }

    /// Answers everything that holds a step up, each by who writes it.
    async fn answer_all(&mut self, record: &Value, step: &str) {
        let forms =
            "query($k: RecordKind!) { recordItems(record: $k) { code answer choices least takesReasonNot writtenBy } }";
        for _ in 0..3 {
            let gaps = missing(self.app, "social_worker", record).await;
            let gaps: Vec<_> = gaps.into_iter().filter(|gap| gap["step"] == step && gap["hold"] == "REFUSE").collect();
            let kind = kind_of(record);
            let forms = self.app.data("social_worker", forms, json!({"k": kind})).await["recordItems"].clone();
            for gap in gaps {
                let form = forms.as_array().unwrap().iter().find(|form| form["code"] == gap["item"]).unwrap();
                let mut entry = json!({"item": gap["item"]});
                for (about, name) in [("child", "childId"), ("agency", "agencyId"), ("person", "personId")] {
                    match about {
                        "agency" if !gap[about].is_null() => {
                            entry[name] = self.app.agency(gap[about]["name"].as_str().unwrap()).await;
                        }
                        _ if !gap[about].is_null() => entry[name] = gap[about]["id"].clone(),
                        _ => {}
                    }
                }
                if !gap["line"].is_null() {
                    entry["line"] = gap["line"].clone();
                }
                match form["answer"].as_str().unwrap() {
                    "TEXT" => entry["text"] = "As it was said at the table: the aunt takes the children in.".into(),
                    "YES_NO" => entry["choice"] = "YES".into(),
                    "CHOICE" => entry["choice"] = form["choices"][0].clone(),
                    "NUMBER" => entry["number"] = form["least"].clone(),
                    // what has to lie before a meeting lay there
                    _ => entry["at"] = "2026-11-24T08:00:00Z".into(),
                }
                let persona = match form["writtenBy"][0].as_str().unwrap() {
                    "CHAIR" => "chair",
                    "MANAGER" => "team_manager",
                    "OPERATIONS" => "service_manager",
                    _ => "social_worker",
                };
                self.write(persona, record, &json!([entry])).await;
            }
        }
    }

    async fn due(&self, child: &Value, kinds: &[&str]) -> Vec<String> {
        let data = self.app.data("social_worker", CHILD, json!({"id": child})).await;
        let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
        let mut due: Vec<_> = all
            .iter()
            .filter(|each| kinds.contains(&each["kind"].as_str().unwrap()))
            .map(|each| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                format!(
                    "{} {} {}",
                    text(&each["kind"]),
                    &text(&each["dueAt"])[..10],
                    text(&each["explanation"]["rule"])
                )
            })
            .collect();
        due.sort();
        due.dedup();
        due
    }

    async fn strategy_meeting(&mut self) -> Vec<Value> {
        let (police, health) = (self.app.agency(POLICE).await, self.app.agency(HEALTH).await);
        let came =
            json!([{"agencyId": police, "attendance": "IN_PERSON"}, {"agencyId": health, "attendance": "REMOTE"}]);
        let n = self.next();
        let input = json!({"idempotencyKey": key(n), "childIds": self.children, "reason": "Bruises on two of them.",
          "scheduledAt": "2026-11-24T15:00:00Z", "contactReceivedAt": "2026-11-24T08:45:00Z",
          "invitees": [{"agencyId": police}, {"agencyId": health}]});
        let called = self.app.data("social_worker", CALL, json!({"input": input})).await["it"].clone();
        assert_eq!(called["userErrors"], json!([]), "{called}");
        let meeting = called["strategyMeeting"].clone();
        self.until("2026-11-24T16:00:00Z");
        let decisions: Vec<_> =
            self.children.iter().map(|child| json!({"childId": child, "decision": "SECTION47_JOINT"})).collect();
        let n = self.next();
        let input = json!({"idempotencyKey": key(n), "strategyMeetingId": meeting["id"],
          "expectedVersion": meeting["version"], "heldAt": "2026-11-24T15:00:00Z",
          "outcomeSummary": "Enquiries by both agencies.", "decisions": decisions, "attendance": came});
        let done = self.app.data("social_worker", OUTCOME, json!({"input": input})).await["it"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        self.finish("social_worker", (&meeting["id"], "STRATEGY_RECORD"), None).await;
        let n = self.next();
        issue(self.app, n, "social_worker", &meeting["id"], "STRATEGY_RECORD", &json!({})).await;
        let enquiries = done["strategyMeeting"]["enquiries"]["nodes"].as_array().unwrap();
        assert_eq!(enquiries.len(), 3, "one for each child");
        enquiries.iter().map(|each| each["id"].clone()).collect()
    }

    async fn conference(&mut self, kind: &str, at: &str, outcome: &Value) -> Value {
        let n = self.next();
        let input = scheduling(self.app, n, &self.children, (kind, at), &[CSC, POLICE, HEALTH]).await;
        let done = schedule(self.app, "social_worker", &input).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let id = done["conference"]["id"].clone();
        self.finish("social_worker", (&id, "PREPARATION"), None).await;
        let at: DateTime<Utc> = at.parse().unwrap();
        self.app.clock.advance(at + Duration::hours(2) - self.app.clock.now());
        let n = self.next();
        let held = hold(self.app, n, &id).await;
        let n = self.next();
        let decided = decide(self.app, &deciding(n, &held, outcome)).await;
        assert_eq!(decided["userErrors"], json!([]), "{decided}");
        id
    }

    async fn core_groups(&mut self, held_at: &str) {
        let health = self.app.agency(HEALTH).await;
        for child in self.children.clone() {
            let data = self.app.data("social_worker", CHILD, json!({"id": child})).await;
            let group = data["child"]["currentPlan"]["coreGroup"].clone();
            let n = self.next();
            let input = json!({"idempotencyKey": key(n), "coreGroupId": group["id"],
              "expectedVersion": group["version"], "heldAt": held_at, "progress": "All came.",
              "attendance": [{"agencyId": health, "attendance": "REMOTE"}]});
            let met = self.app.data("social_worker", MET, json!({"input": input})).await["it"].clone();
            assert_eq!(met["userErrors"], json!([]), "{met}");
            self.finish("social_worker", (&met["coreGroupMeeting"]["id"], "CORE_GROUP_MINUTES"), None).await;
        }
    }

    async fn detailed_plans(&mut self) {
        for child in self.children.clone() {
            let data = self.app.data("social_worker", CHILD, json!({"id": child})).await;
            let plan = data["child"]["currentPlan"]["id"].clone();
            let outcome = json!([{"item": "OUTCOME", "text": "Sleeps at home in safety on every night."}]);
            self.write("social_worker", &plan, &outcome).await;
            let vague = json!([{"item": "OUTCOME_ACTION", "line": 1, "text": "Support.", "timescale": "ASAP"}]);
            let n = self.next();
            let refused = write(self.app, n, "social_worker", &plan, &vague).await;
            if refused["userErrors"] != json!([]) {
                assert_eq!(fields(&refused), [("entries.0.timescale".to_owned(), "RULE_REFUSED".to_owned())]);
                let timed = json!([{"item": "OUTCOME_ACTION", "line": 1, "text": "Support.", "timescale": "weekly until 1 May 2027"}]);
                self.write("social_worker", &plan, &timed).await;
                self.course.held_up.push("OUTCOME_ACTION: ASAP is no time".to_owned());
            }
            let legal = json!([{"item": "CONTINGENCY", "text": "Seek legal advice."}]);
            let n = self.next();
            let refused = write(self.app, n, "social_worker", &plan, &legal).await;
            if refused["userErrors"] != json!([]) {
                assert_eq!(fields(&refused), [("entries.0.text".to_owned(), "RULE_REFUSED".to_owned())]);
                self.course.held_up.push("CONTINGENCY: more than legal advice".to_owned());
            }
            self.finish("social_worker", (&plan, "DETAILED_PLAN"), None).await;
            // WAR-PL-03
            self.finish("team_manager", (&plan, "PLAN_SIGN_OFF"), None).await;
        }
    }

    async fn overrule(&mut self, review: &Value) {
        let first = self.children[0].clone();
        // the chair's override: both decisions side by side, where the authority has given the power (LAN-DE-02)
        let overrule = json!([{"item": "CONFERENCE_DECISION", "childId": first, "choice": "CP_PLAN_ENDS"}]);
        let n = self.next();
        let done = write(self.app, n, "chair", review, &overrule).await;
        self.course.may_overrule = done["userErrors"] == json!([]);
        if self.course.may_overrule {
            let entry = done["record"]["entries"]["nodes"].as_array().unwrap();
            let entry = entry.iter().find(|each| each["item"] == "CONFERENCE_DECISION").unwrap();
            let back =
                json!([{"item": "CONFERENCE_DECISION", "childId": first, "replacesId": entry["id"], "withdraw": true}]);
            self.write("chair", review, &back).await;
        }
    }

    /// How far the paths on the record of a conference came for a child.
    async fn paths(&self, conference: &Value, child: &Value) -> Vec<String> {
        let read =
            "query($id: ID!) { conference(id: $id) { record { paths { path state passedOver child { id } } } } }";
        let data = self.app.data("social_worker", read, json!({"id": conference})).await;
        let paths = data["conference"]["record"]["paths"].as_array().unwrap().iter();
        let words =
            |all: &Value| all.as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect::<Vec<_>>().join(" ");
        let told = |each: &Value| {
            let [path, state] = ["path", "state"].map(|name| each[name].as_str().unwrap());
            format!("{path} {state}, past: {}", words(&each["passedOver"]))
        };
        paths.filter(|each| each["child"]["id"] == *child).map(told).collect()
    }

    async fn step_down(&mut self, review: &Value) {
        let first = self.children[0].clone();
        let proposed = json!([{"item": "STEP_DOWN_PROPOSED", "childId": first, "choice": "KEY_WORKER"}]);
        self.write("social_worker", review, &proposed).await;
        self.course.paths = self.paths(review, &first).await;
        let follows: Vec<_> = self
            .children
            .iter()
            .map(|child| json!({"item": "FOLLOW_ON", "childId": child, "choice": "CIN_PLAN"}))
            .collect();
        self.write("chair", review, &json!(follows)).await;
        self.course.after_the_end = self.due(&first, &["FOLLOW_ON_PLAN"]).await;
        self.finish("chair", (review, "MINUTES"), None).await;
        let n = self.next();
        let input = json!({"idempotencyKey": key(n), "childId": first, "metAt": self.app.clock.now(),
          "visitEveryDays": 21});
        let plan = self.app.data("social_worker", OPEN, json!({"input": input})).await["it"].clone();
        assert_eq!(plan["userErrors"], json!([]), "{plan}");
        self.app.clock.advance(Duration::days(30));
        let n = self.next();
        let input = json!({"idempotencyKey": key(n), "planId": plan["plan"]["id"],
          "expectedVersion": plan["plan"]["version"], "endsOn": self.app.clock.now().date_naive()});
        let ended = self.app.data("social_worker", END, json!({"input": input})).await["it"].clone();
        assert_eq!(ended["userErrors"], json!([]), "that it ended is a fact under every practice: {ended}");
        let plan = plan["plan"]["id"].clone();
        let why = items(&missing(self.app, "social_worker", &plan).await).contains(&"ENDED_EARLY_BECAUSE".to_owned());
        self.course.ends_early = !why;
        if why {
            let because =
                json!([{"item": "ENDED_EARLY_BECAUSE", "text": "The family moved to the grandparents abroad."}]);
            self.write("social_worker", &plan, &because).await;
            let still = items(&missing(self.app, "social_worker", &plan).await);
            assert!(!still.contains(&"ENDED_EARLY_BECAUSE".to_owned()), "BIR-SD-01: {still:?}");
        }
    }
}

fn kind_of(record: &Value) -> &'static str {
    let (noun, _) = quorate::graphql::id::split(&record.as_str().unwrap().into()).unwrap();
    match noun.as_str() {
        "StrategyMeeting" => "STRATEGY_MEETING",
        "Enquiry" => "ENQUIRY",
        "Conference" => "CONFERENCE",
        "CoreGroupMeeting" => "CORE_GROUP_MEETING",
        _ => "PLAN",
    }
}

/// Three children of the social worker, brothers and sisters in the household of the first: who lives where comes to the
/// authority with its children, not through the API.
async fn siblings(app: &App) -> Vec<Value> {
    let mut children = without_plan(app).await;
    children.truncate(3);
    assert_eq!(children.len(), 3);
    live_together(app, &children).await;
    let query =
        "query($id: ID!) { child(id: $id) { household { members(first: 50) { nodes { child { id } endsOn } } } } }";
    for each in &children {
        let data = app.data("social_worker", query, json!({"id": each})).await;
        let members = data["child"]["household"]["members"]["nodes"].as_array().unwrap().clone();
        let here = members.iter().filter(|m| m["endsOn"].is_null() && children.contains(&m["child"]["id"])).count();
        assert_eq!(here, 3, "one household: {members:?}");
    }
    children
}

/// From the strategy meeting to step-down, under one practice.
async fn course(app: &App, profile: &str) -> Course {
    go_by(app, profile).await;
    let children = siblings(app).await;
    let mut told = Told { app, n: 2000, children, course: Course::default() };
    let first = told.children[0].clone();

    let enquiries = told.strategy_meeting().await;
    for enquiry in &enquiries {
        told.finish("social_worker", (enquiry, "ENQUIRIES"), None).await;
        told.finish("team_manager", (enquiry, "ENQUIRY_OUTCOME"), Some("CONFERENCE")).await;
    }

    let health = app.agency(HEALTH).await;
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "PHY", "plan": {"coreGroup": [{"agencyId": health}]}});
    let initial = told.conference("INITIAL", "2026-12-09T10:00:00Z", &made).await;
    told.course.after_conference = told
        .due(
            &first,
            &["DECISIONS_CIRCULATED", "MINUTES_CIRCULATED", "OUTLINE_PLAN", "FIRST_CORE_GROUP", "FIRST_REVIEW"],
        )
        .await
        .into_iter()
        .filter(|due| due.split(' ').nth(1).is_some_and(|day| day > "2026-12-09"))
        .collect();
    told.finish("chair", (&initial, "MINUTES"), None).await;
    told.until("2026-12-17T12:00:00Z");
    told.core_groups("2026-12-17T10:00:00Z").await;
    told.detailed_plans().await;

    let goes_on = json!({"outcome": "CP_PLAN_CONTINUES"});
    let review = told.conference("REVIEW", "2027-03-08T10:00:00Z", &goes_on).await;
    told.overrule(&review).await;
    let ends = json!({"outcome": "CP_PLAN_ENDS"});
    let second = told.conference("REVIEW", "2027-08-02T10:00:00Z", &ends).await;
    let gaps = missing(app, "chair", &second).await;
    told.course.nine_months = gaps.iter().any(|gap| gap["item"] == "NINE_MONTH_CONVERSATION");
    let at_the_end: Vec<_> = gaps.into_iter().filter(|gap| gap["step"] == "MINUTES").collect();
    told.course.asked_at_the_end = items(&at_the_end);
    told.step_down(&second).await;
    let data = app.data("social_worker", CHILD, json!({"id": first})).await;
    assert_eq!(data["child"]["currentPlan"], Value::Null, "the plan and what followed it are over");
    assert!(!parents(app, &first).await.is_empty());
    told.course
}

/// The same facts under four practices, side by side.
async fn side_by_side(engine: Engine) {
    let mut courses = Vec::new();
    for profile in PROFILES {
        let Some(app) = App::start(engine).await else { return };
        courses.push(course(&app, profile).await);
    }
    let [warwickshire, birmingham, bristol, lancashire] = courses.try_into().unwrap_or_else(|_| panic!("four"));

    // what is due after the conference: the authority's own, else the common standard, else nothing
    assert_eq!(
        warwickshire.after_conference,
        [
            "DECISIONS_CIRCULATED 2026-12-11 WAR-MI-03",
            "FIRST_CORE_GROUP 2026-12-24 WAR-CG-01",
            "FIRST_REVIEW 2027-03-10 WAR-RV-01",
            "MINUTES_CIRCULATED 2027-01-05 WAR-MI-04",
            "OUTLINE_PLAN 2026-12-11 WAR-MI-06",
        ]
    );
    for other in [&birmingham, &bristol, &lancashire] {
        assert_eq!(
            other.after_conference,
            ["FIRST_CORE_GROUP 2026-12-24 STA-CG-01", "FIRST_REVIEW 2027-03-10 STA-RV-01"],
            "nobody is held to Warwickshire's minutes"
        );
    }
    // what is held up: a standard's «must» in Warwickshire and Bristol, and nothing by guidance
    let steps = |course: &Course| {
        let mut steps: Vec<_> = course.held_up.iter().map(|each| each.split(':').next().unwrap().to_owned()).collect();
        steps.sort();
        steps.dedup();
        steps
    };
    assert_eq!(
        steps(&warwickshire),
        [
            "CONTINGENCY",
            "CORE_GROUP_MINUTES",
            "DETAILED_PLAN",
            "ENQUIRIES",
            "ENQUIRY_OUTCOME",
            "MINUTES",
            "OUTCOME_ACTION",
            "PREPARATION",
            "STRATEGY_RECORD"
        ],
        "{warwickshire:#?}"
    );
    assert_eq!(steps(&birmingham), Vec::<String>::new(), "no hard and fast rules (BIR-QA-01)");
    assert_eq!(steps(&bristol), ["MINUTES", "PREPARATION"], "the nine-month review: {bristol:#?}");
    assert_eq!(steps(&lancashire), Vec::<String>::new());
    assert!(bristol.held_up.iter().any(|each| each.contains("SAFETY_PLAN_REVIEWED")), "BRI-NM-04");
    // the nine-month review is Bristol's, the override and the scrutiny of a step-down Lancashire's
    let of = |course: &Course| (course.nine_months, course.may_overrule, course.ends_early);
    assert_eq!(of(&warwickshire), (false, false, true));
    assert_eq!(of(&birmingham), (false, false, false), "a child in need plan for three months");
    assert_eq!(of(&bristol), (true, false, true));
    assert_eq!(of(&lancashire), (false, true, true));
    // how far the reviews came: what is proposed and decided is told everywhere, the nine-month review where it is held
    let agreed = "STEP_DOWN AGREED, past: SUPPORT_PLANNED";
    for other in [&warwickshire, &birmingham, &lancashire] {
        assert_eq!(other.paths, [agreed]);
    }
    assert_eq!(bristol.paths, ["NINE_MONTH_REVIEW DECIDED, past: CHAIR_TALKED", agreed]);
    let asks = |course: &Course, item: &str| course.asked_at_the_end.iter().any(|each| each == item);
    let each = |item: &str| [&warwickshire, &birmingham, &bristol, &lancashire].map(|course| asks(course, item));
    assert_eq!(each("SERVICES_RECOMMENDED"), [true, false, false, false], "WAR-SD-01");
    assert_eq!(each("SCORE"), [false, true, false, false], "BIR-SC-01");
    assert_eq!(each("FAMILY_ACCOUNT"), [false, false, true, false], "BRI-NM-14");
    assert_eq!(each("RELAPSE_RISK"), [false, false, false, true], "LAN-SD-06");
    assert_eq!(each("THRESHOLD_SUMMARY"), [false, false, false, true], "LAN-MI-01");
    assert_eq!(each("NO_CIN_PLAN_BECAUSE"), [false, true, false, false], "BIR-SD-02, until it is said what follows");
    assert_eq!(warwickshire.after_the_end, ["FOLLOW_ON_PLAN 2027-08-16 WAR-SD-02"]);
    for other in [&birmingham, &bristol, &lancashire] {
        assert_eq!(other.after_the_end, Vec::<String>::new());
    }
}

/// A profile shows every figure that it holds a rule by.
async fn shows_its_figures(app: App) {
    let read = "query($p: PracticeProfileName!) { practiceProfile(profile: $p) { approaching standards {
      rule within least running sigma percent reading } } }";
    let of = async |profile: &str| app.data("chair", read, json!({"p": profile})).await["practiceProfile"].clone();
    let birmingham = of("BIRMINGHAM").await;
    assert_eq!(birmingham["approaching"], "2 working days");
    let rule = |id: &str| birmingham["standards"].as_array().unwrap().iter().find(|each| each["rule"] == id).unwrap();
    assert_eq!(
        rule("BIR-NA-02"),
        &json!({"rule": "BIR-NA-02", "within": null, "least": 3, "running": 2, "sigma": 3, "percent": 150,
          "reading": null})
    );
    let asked = rule("BIR-NA-01");
    assert_eq!((&asked["reading"], &asked["within"]), (&json!("EITHER"), &json!("10 working days")));
}

both!(figures, super::shows_its_figures);

#[actix_web::test]
async fn from_strategy_meeting_to_step_down_on_sqlite() {
    side_by_side(Engine::Sqlite).await;
}

#[actix_web::test]
async fn from_strategy_meeting_to_step_down_on_postgres() {
    side_by_side(Engine::Postgres).await;
}
