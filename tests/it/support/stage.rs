//! The demo, set for the proofs of access: what is to be seen, and who looks.

use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, DatabaseBackend, EntityTrait as _, QueryFilter as _};
use serde_json::Value;
use uuid::Uuid;

use super::contents::{Beside, connect, number, texts};
use super::expected::{Eyes, Facts};
use super::files::attach;
use super::plant::{Canaries, literal};
use super::samples::Samples;
use super::sweep::{Found, Most, Sweep, global, is_long};
use super::walk::{Given, Walk};
use super::{App, key};
use crate::jobs::call_meeting;
use crate::role_matrix::{break_glass, record_conflict};

/// People who are no personas of the demo: two who read by name only, and one who holds another authority's records.
const OTHERS: [(&str, &str, Post); 3] = [
    ("named_doctor", "Warwickshire Mental Health Trust", Post::Practitioner),
    ("named_officer", "Lancashire Police", Post::Practitioner),
    ("other_manager", "Birmingham Children's Social Care", Post::ServiceManager),
];

/// Some of those who ask: of social care, with all rights and with those of a worker; of other agencies; the chair; one who
/// reads by name only; one who is of another authority.
const SOME: [&str; 6] = ["social_worker", "service_manager", "chair", "school_dsl", "named_doctor", "other_manager"];

/// Who holds a post at an agency.
async fn somebody(db: &Beside, agency: &str, post: Post) -> (PractitionerId, AgencyId) {
    use entity::{agency as agencies, appointment};
    let agency = agencies::Entity::find().filter(agencies::Column::Name.eq(agency)).one(db).await.unwrap().unwrap();
    let held = appointment::Entity::find().filter(appointment::Column::AgencyId.eq(agency.id));
    let held = held.filter(appointment::Column::Post.eq(post)).one(db).await.unwrap().unwrap();
    (held.practitioner_id, agency.id)
}

/// An alert about somebody of the police, so that there is one to be read.
async fn raise_alert(app: &App, db: &Beside) {
    let claims = app.claims("police");
    let row = entity::access_alert::Model {
        id: entity::id::AccessAlertId(app.clock.new_id()),
        kind: entity::access_alert::Kind::ManyChildren,
        practitioner_id: PractitionerId(claims.sub),
        agency_id: AgencyId(claims.agency_id),
        window_at: app.clock.now(),
        count: 51,
        raised_at: app.clock.now(),
    };
    sea_orm::ActiveModelTrait::insert(sea_orm::IntoActiveModel::into_active_model(row), db).await.unwrap();
}

/// The demo, with a strategy meeting and a conflict of interest on the first family, and a canary in every cell.
pub struct Stage {
    pub app: App,
    pub db: Beside,
    pub walk: Walk,
    pub canaries: Canaries,
    pub samples: Samples,
    pub first_child: Uuid,
}

impl Stage {
    pub async fn set(mut app: App) -> Self {
        let meeting = call_meeting(&app, &key(1)).await;
        record_conflict(&app).await;
        break_glass(&app).await;
        attach(&app).await;
        let db = connect(&app.url).await;
        for (key, agency, post) in OTHERS {
            let (who, agency) = somebody(&db, agency, post).await;
            app.enrol(key, who, agency, post);
        }
        let id = if db.get_database_backend() == DatabaseBackend::Sqlite { "hex(id)" } else { "id::text" };
        let number = quorate::demo::first_nhs_number();
        let first = texts(&db, &format!("SELECT {id} FROM child WHERE nhs_number = '{number}'")).await;
        let first_child = first[0].parse().unwrap();
        let canaries = Canaries::plant(&db).await;
        let samples = Samples::new(&app, &canaries.of("child", "nhs_number", first_child), &meeting).await;
        raise_alert(&app, &db).await;
        Self { app, db, walk: Walk::new(), canaries, samples, first_child }
    }

    /// Values for the arguments of the root: of the first child, and of one that nobody of the first family works with.
    pub fn given(&self, facts: &Facts) -> Given {
        let last = facts.child.last().unwrap().id.0;
        let texts = |column: &str| {
            vec![self.canaries.of("child", column, self.first_child), self.canaries.of("child", column, last)]
        };
        let mut given = Given::default();
        let mut put = |name: &str, values: Vec<String>| given.0.insert(name.to_owned(), values);
        put("nhsNumber", texts("nhs_number"));
        put("upn", texts("upn"));
        put("localReference", texts("local_reference"));
        put("agencyReference", vec![String::new()]);
        put("livesWith", vec!["Noah".to_owned()]);
        put("givenName", texts("name_key"));
        put("familyName", vec![String::new()]);
        put("bornOn", vec![self.canaries.day_of("child", "born_on", self.first_child).to_string()]);
        put("childId", vec![global("Child", self.first_child), global("Child", last)]);
        put("agencyId", vec![self.samples.of("Agency").to_owned()]);
        for ty in [
            "Allegation",
            "Child",
            "Conference",
            "ConferenceReport",
            "EmergencyAccess",
            "StrategyMeeting",
            "Export",
            "TransferShare",
            "Deadline",
        ] {
            put(&format!("id of {ty}"), vec![self.samples.of(ty).to_owned()]);
        }
        put("chairId", vec![self.samples.of("Practitioner").to_owned()]);
        put("teamId", vec![global("Team", Uuid::nil())]);
        put("localAuthorityId", vec![self.samples.of("LocalAuthority").to_owned()]);
        put("conferenceId", vec![self.samples.of("Conference").to_owned()]);
        put("sinceId", vec![self.samples.of("ConferenceReport").to_owned()]);
        put("code", vec!["SCHOOL".to_owned(), "NONE".to_owned()]);
        put("quarter", vec!["2026-Q3".to_owned()]);
        put("exportId", vec![self.samples.of("Export").to_owned()]);
        put("id of Node", vec![self.samples.of("Child").to_owned()]);
        put("ids of Node", vec![self.samples.of("Child").to_owned()]);
        given
    }

    /// Everybody who asks: the personas of the demo, and a few others.
    pub fn personas() -> Vec<&'static str> {
        let personas = quorate::demo::personas().into_iter().map(|persona| persona.key);
        personas.chain(OTHERS.into_iter().map(|(key, ..)| key)).collect()
    }

    /// Who asks here: everybody, but on PostgreSQL some who see much, little and by name only, because it plans each of
    /// thousands of statements anew and has the same rules. `QUORATE_PROOF=long` has everybody ask there too.
    pub fn askers(&self) -> Vec<&'static str> {
        if self.everybody_asks() { Self::personas() } else { SOME.to_vec() }
    }

    /// True where everybody asks, so that all that can be reached is.
    pub fn everybody_asks(&self) -> bool {
        is_long() || self.db.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// A sample input of every mutation.
    pub async fn inputs(&self) -> Vec<(String, Value)> {
        let mut inputs = Vec::new();
        for field in self.walk.fields("Mutation") {
            let name = field.name.to_string();
            inputs.push((name.clone(), self.samples.input(&self.app, &name).await));
        }
        inputs
    }

    fn id(&self, id: Uuid) -> String {
        literal(self.db.get_database_backend(), id)
    }

    /// Closes the first child to somebody by a conflict of interest.
    pub async fn close(&self, persona: &str) {
        let claims = self.app.claims(persona);
        let (id, child) = (self.id(Uuid::from_u128(rand::random())), self.id(self.first_child));
        let (who, agency) = (self.id(claims.sub), self.id(claims.agency_id));
        let sql = format!(
            "INSERT INTO conflict (id, practitioner_id, child_id, kind, reason, starts_at, recorded_by, recorded_at_agency_id)
             VALUES ({id}, {who}, {child}, 'FAMILY', 'Kin.', '2026-11-20T00:00:00+00:00', {who}, {agency})"
        );
        self.db.execute_unprepared(&sql).await.unwrap();
    }

    /// Ends all that an agency has to do with children, half an hour after the start.
    pub async fn end(&self, persona: &str) {
        let agency = self.id(self.app.claims(persona).agency_id);
        let sql = format!(
            "UPDATE involvement SET ends_at = '2026-11-24T09:30:00+00:00'
             WHERE agency_id = {agency} AND starts_at < '2026-11-24T09:30:00+00:00'"
        );
        self.db.execute_unprepared(&sql).await.unwrap();
    }

    /// A cursor of the personas' feed, so many events before its end.
    pub async fn events_ago(&self, events: i64) -> String {
        let authority = "SELECT local_authority_id FROM agency WHERE name = 'Warwickshire Police'";
        let newest = format!("SELECT position FROM feed WHERE local_authority_id = ({authority})");
        let newest = number(&self.db, &newest).await;
        self.app.feed_cursor(newest - events).await
    }

    /// Somebody's turn.
    pub async fn turn(&self, persona: &'static str, found: &mut Found, work: impl AsyncFnOnce(&mut Sweep<'_>)) {
        let facts = Facts::read(&self.db, self.app.clock.now()).await;
        let tables = facts.tables();
        let eyes = Eyes::of(&self.app, &self.db, &facts, persona).await;
        let (app, walk, canaries) = (&self.app, &self.walk, &self.canaries);
        let most = Most::of_the_environment();
        let mut sweep =
            Sweep { app, walk, canaries, facts: &facts, tables: &tables, persona, eyes: &eyes, found, most };
        work(&mut sweep).await;
    }
}
