//! From a verified token to a standing: post, agency and revocations are read from the database on every request.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, ChildId, PractitionerId};
use entity::{agency, allegation, appointment, conflict, designation, involvement, practitioner, revocation};
use moka::sync::Cache;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use super::audience::Listener;
use super::{Scoped, Store, Tx, in_force};
use crate::auth::Principal;
use crate::error::{Error, Result};
use crate::policy::roles::Role;
use crate::policy::visibility::{Visibility, visibility};
use crate::policy::{Shut, Standing};

#[derive(FromQueryResult)]
struct Post {
    held: appointment::Post,
    team_id: Option<entity::id::TeamId>,
    kind: agency::Kind,
    scope_mode: agency::ScopeMode,
    local_authority_id: entity::id::LocalAuthorityId,
    /// A row comes for each duty held beside the post, and one where there is none.
    duty: Option<designation::Kind>,
    /// A conflict of interest of the person is in force.
    conflicts: bool,
    /// There is or was an allegation about the person or somebody at the agency.
    alleged: bool,
}

/// Relationships from which on a list is better gone along than begun with them. Going along the diary of a large
/// authority costs a small agency tens of milliseconds; beginning with as many relationships as this costs about as much.
const BROAD: u64 = 3000;

/// What is known of the breadth of agencies, for some minutes.
pub(super) fn breadths() -> Cache<AgencyId, bool> {
    Cache::builder().max_capacity(10_000).time_to_live(Duration::from_mins(10)).build()
}

impl Store {
    /// A read handle for the person and post of a verified token.
    ///
    /// # Errors
    /// `NotFound` if the token was revoked, or the person, the agency or every claimed post is not active now; `Denied` if more than one
    /// claimed post is: a request is decided in one role, so that rows reached in one are never opened in another.
    pub async fn scoped(&self, principal: &Principal, request: uuid::Uuid) -> Result<Scoped> {
        let at = self.clock.now();
        let posts = self.active_posts(principal, at).await?;
        let claimed: Vec<_> = posts.into_iter().filter(|p| principal.roles().contains(&p.held.word())).collect();
        let post = claimed.first().ok_or(Error::NotFound)?;
        // a second appointment to the same post gives no second role: what each of them reaches is reached
        if claimed.iter().any(|other| other.held != post.held) {
            return Err(Error::Denied("The token names more than one active post; ask for one that names one."));
        }
        let role = Role::of(post.held, post.kind).ok_or(Error::NotFound)?;
        let (person, agency) = (PractitionerId(principal.person()), AgencyId(principal.agency()));
        let mut who = standing(&claimed, post, person, agency, role, at);
        who.broad = matches!(visibility(&who), Visibility::Agency(_)) && self.is_broad(agency).await?;
        Ok(Scoped { store: self.clone(), who: who.into(), request })
    }

    /// Whether an agency has more than [`BROAD`] relationships, as it was read last.
    async fn is_broad(&self, agency: AgencyId) -> Result<bool> {
        use involvement::Column as C;
        if let Some(known) = self.broad.get(&agency) {
            return Ok(known);
        }
        let one = involvement::Entity::find().select_only().column(C::ChildId).filter(C::AgencyId.eq(agency));
        let last: Option<ChildId> = one.offset(BROAD).limit(1).into_tuple().one(&self.db.reads).await?;
        self.broad.insert(agency, last.is_some());
        Ok(last.is_some())
    }

    async fn active_posts(&self, principal: &Principal, at: DateTime<Utc>) -> Result<Vec<Post>> {
        let (person, agency) = (PractitionerId(principal.person()), AgencyId(principal.agency()));
        let posts = posts_in_force(person, agency, at)
            // in the same statement: a revocation costs no further round trip
            .filter(Expr::exists(revoked(principal)).not())
            .into_model::<Post>()
            .all(&self.db.reads)
            .await?;
        Ok(posts)
    }
}

impl Store {
    /// The standings that a person has at an agency now, one for each post there: for what somebody was given before, and
    /// uses without a token. None where the person's tokens were revoked since.
    pub(super) async fn standings_of(
        &self,
        of: (PractitionerId, AgencyId),
        given_at: DateTime<Utc>,
    ) -> Result<Vec<Standing>> {
        self.standings_by(&self.db.reads, of, given_at).await
    }

    /// The same by a connection: a change must ask by its own. One that waits for another connection while it holds the
    /// writer's lock waits for those who have all the connections and wait for that lock.
    pub(super) async fn standings_by(
        &self,
        by: &impl ConnectionTrait,
        (person, agency): (PractitionerId, AgencyId),
        given_at: DateTime<Utc>,
    ) -> Result<Vec<Standing>> {
        use revocation::{Column as C, Kind};
        let at = self.clock.now();
        let taken_back = revocation::Entity::find()
            .filter(C::Kind.eq(Kind::Person))
            .filter(C::Subject.eq(person.0.to_string()))
            .filter(C::IssuedBefore.gt(given_at));
        if taken_back.one(by).await?.is_some() {
            return Ok(Vec::new());
        }
        let posts = posts_in_force(person, agency, at).into_model::<Post>().all(by).await?;
        let mut held: Vec<&Post> = Vec::new();
        for post in &posts {
            if !held.iter().any(|other| other.held == post.held) {
                held.push(post);
            }
        }
        let role = |post: &Post| Role::of(post.held, post.kind);
        Ok(held.into_iter().filter_map(|post| Some(standing(&posts, post, person, agency, role(post)?, at))).collect())
    }
}

/// Listeners asked about in one statement.
const AT_ONCE: usize = 200;

#[derive(FromQueryResult)]
struct HeldPost {
    practitioner_id: PractitionerId,
    agency_id: AgencyId,
    #[sea_orm(nested)]
    post: Post,
}

impl Store {
    /// Which of these listeners have no longer the standing they were read with: the post or the token ended, or what the
    /// post reaches is another. Two statements for two hundred of them, so that it can be asked every other second.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn changed(&self, listeners: &[&Listener]) -> Result<Vec<bool>> {
        let mut changed = Vec::with_capacity(listeners.len());
        for some in listeners.chunks(AT_ONCE) {
            let (held, revoked) = (self.held_by(some).await?, self.revoked_of(some).await?);
            changed.extend(some.iter().map(|listener| {
                // a webhook has no token that could end
                let (Some(principal), who) = (listener.principal(), listener.who()) else { return false };
                let rows = held.iter().filter(|row| {
                    (row.practitioner_id, row.agency_id) == (who.practitioner, who.agency)
                        && principal.roles().contains(&row.post.held.word())
                });
                !stands_as(rows.map(|row| &row.post), who) || revoked.iter().any(|row| meets(row, principal))
            }));
        }
        Ok(changed)
    }

    async fn held_by(&self, listeners: &[&Listener]) -> Result<Vec<HeldPost>> {
        let at = self.clock.now();
        let people: HashSet<_> = listeners.iter().map(|listener| listener.who().practitioner).collect();
        let agencies: HashSet<_> = listeners.iter().map(|listener| listener.who().agency).collect();
        let posts = in_posts(at)
            .columns([appointment::Column::PractitionerId, appointment::Column::AgencyId])
            // of these two the listener's own reading asks, at each delivery
            .column_as(Expr::val(false), "conflicts")
            .column_as(Expr::val(false), "alleged")
            .filter(appointment::Column::PractitionerId.is_in(people))
            .filter(appointment::Column::AgencyId.is_in(agencies));
        Ok(posts.into_model::<HeldPost>().all(&self.db.reads).await?)
    }

    async fn revoked_of(&self, listeners: &[&Listener]) -> Result<Vec<revocation::Model>> {
        let subjects: HashSet<String> = listeners
            .iter()
            .filter_map(|listener| listener.principal())
            .flat_map(|principal| {
                let ids = [Some(principal.token_id()), principal.session()];
                ids.into_iter().flatten().map(ToOwned::to_owned).chain([principal.person().to_string()])
            })
            .collect();
        let rows = revocation::Entity::find().filter(revocation::Column::Subject.is_in(subjects));
        Ok(rows.all(&self.db.reads).await?)
    }
}

/// Whether the rows of one post give the same standing.
fn stands_as<'r>(rows: impl Iterator<Item = &'r Post>, who: &Standing) -> bool {
    let rows: Vec<_> = rows.collect();
    let mut teams: Vec<_> = rows.iter().filter_map(|row| row.team_id).collect();
    teams.sort_unstable();
    teams.dedup();
    let duties: HashSet<_> = rows.iter().filter_map(|row| row.duty).collect();
    !rows.is_empty()
        && rows.iter().all(|row| {
            Role::of(row.held, row.kind) == Some(who.role)
                && row.scope_mode == who.scope_mode
                && row.local_authority_id == who.authority
                && (row.held == appointment::Post::SafeguardingLead) == who.desk
        })
        && teams == who.teams
        && duties == who.designations.iter().copied().collect()
}

/// Whether a revocation meets a token: what [`revoked`] asks of the table, of a row.
fn meets(row: &revocation::Model, principal: &Principal) -> bool {
    use revocation::Kind;
    match row.kind {
        Kind::Token => row.subject == principal.token_id(),
        Kind::Session => principal.session() == Some(row.subject.as_str()),
        Kind::Person => {
            row.subject == principal.person().to_string()
                && row.issued_before.is_some_and(|before| before > principal.issued_at())
        }
    }
}

impl Tx {
    /// The standing of somebody else in a role at an agency, now; `None` once no post there gives it.
    pub(super) async fn standing_of(
        &self,
        person: PractitionerId,
        agency: AgencyId,
        role: Role,
    ) -> Result<Option<Standing>> {
        let at = self.who().at;
        let posts = posts_in_force(person, agency, at).into_model::<Post>().all(&self.inner).await?;
        let post = posts.iter().find(|post| Role::of(post.held, post.kind) == Some(role));
        Ok(post.map(|post| standing(&posts, post, person, agency, role, at)))
    }
}

/// The standing that the rows of one post give: several where it is held in several teams or with several duties.
fn standing(
    rows: &[Post],
    post: &Post,
    practitioner: PractitionerId,
    agency: AgencyId,
    role: Role,
    at: DateTime<Utc>,
) -> Standing {
    let held = || rows.iter().filter(|row| row.held == post.held);
    let mut teams: Vec<_> = held().filter_map(|row| row.team_id).collect();
    teams.sort_unstable();
    teams.dedup();
    Standing {
        practitioner,
        agency,
        authority: post.local_authority_id,
        teams,
        role,
        scope_mode: post.scope_mode,
        desk: post.held == appointment::Post::SafeguardingLead,
        designations: held().filter_map(|row| row.duty).collect(),
        shut: Shut { conflicts: post.conflicts, alleged: post.alleged },
        broad: false,
        beneath: None,
        at,
    }
}

/// The conflicts of interest of a person that are in force.
fn conflicts(person: PractitionerId, at: DateTime<Utc>) -> SelectStatement {
    use conflict::Column as C;
    Query::select()
        .expr(Expr::val(1))
        .from(conflict::Entity)
        .and_where(C::PractitionerId.eq(person))
        .cond_where(in_force(C::StartsAt, C::EndsAt, at))
        .take()
}

/// The allegations about a person, or about somebody at an agency.
fn alleged(person: PractitionerId, at_agency: AgencyId) -> SelectStatement {
    use allegation::Column as C;
    Query::select()
        .expr(Expr::val(1))
        .from(allegation::Entity)
        .and_where(C::SubjectId.eq(person).or(C::SubjectAgencyId.eq(at_agency)))
        .take()
}

/// The posts that an active person holds at an active agency.
fn posts_in_force(person: PractitionerId, at_agency: AgencyId, at: DateTime<Utc>) -> Select<appointment::Entity> {
    in_posts(at)
        .column_as(Expr::exists(conflicts(person, at)), "conflicts")
        .column_as(Expr::exists(alleged(person, at_agency)), "alleged")
        .filter(appointment::Column::PractitionerId.eq(person))
        .filter(appointment::Column::AgencyId.eq(at_agency))
}

/// The posts in force of active people at active agencies, each with the duties beside it.
fn in_posts(at: DateTime<Utc>) -> Select<appointment::Entity> {
    appointment::Entity::find()
        .select_only()
        .column_as(appointment::Column::Post, "held")
        .column(appointment::Column::TeamId)
        .column_as(designation::Column::Kind, "duty")
        .columns([agency::Column::Kind, agency::Column::ScopeMode, agency::Column::LocalAuthorityId])
        .join(
            JoinType::InnerJoin,
            appointment::Entity::belongs_to(agency::Entity)
                .from(appointment::Column::AgencyId)
                .to(agency::Column::Id)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            appointment::Entity::belongs_to(practitioner::Entity)
                .from(appointment::Column::PractitionerId)
                .to(practitioner::Column::Id)
                .into(),
        )
        // in the same statement, like what was revoked: duties cost no further round trip
        .join(
            JoinType::LeftJoin,
            appointment::Entity::belongs_to(designation::Entity)
                .from(appointment::Column::PractitionerId)
                .to(designation::Column::PractitionerId)
                .on_condition(move |_, _| {
                    use designation::Column as D;
                    let same = D::AgencyId.into_expr().equals(appointment::Column::AgencyId.as_column_ref());
                    in_force(D::StartsAt, D::EndsAt, at).add(same)
                })
                .into(),
        )
        .filter(in_force(appointment::Column::StartsAt, appointment::Column::EndsAt, at))
        .filter(agency::Column::Active.eq(true))
        .filter(practitioner::Column::Active.eq(true))
}

/// The revocations that meet a token: of itself, of its session, or of what its person was issued before an instant.
fn revoked(principal: &Principal) -> SelectStatement {
    use revocation::{Column, Kind};
    let of = |kind: Kind, subject: String| Condition::all().add(Column::Kind.eq(kind)).add(Column::Subject.eq(subject));
    let person = of(Kind::Person, principal.person().to_string());
    let mut any = Condition::any()
        .add(of(Kind::Token, principal.token_id().to_owned()))
        .add(person.add(Column::IssuedBefore.gt(principal.issued_at())));
    if let Some(session) = principal.session() {
        any = any.add(of(Kind::Session, session.to_owned()));
    }
    revocation::Entity::find().select_only().column(Column::Kind).filter(any).into_query()
}
