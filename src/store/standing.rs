//! From a verified token to a standing: post, agency and revocations are read from the database on every request.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, ChildId, PractitionerId};
use entity::{agency, allegation, appointment, conflict, designation, involvement, practitioner, revocation};
use moka::sync::Cache;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
};

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
        (person, agency): (PractitionerId, AgencyId),
        given_at: DateTime<Utc>,
    ) -> Result<Vec<Standing>> {
        use revocation::{Column as C, Kind};
        let at = self.clock.now();
        let taken_back = revocation::Entity::find()
            .filter(C::Kind.eq(Kind::Person))
            .filter(C::Subject.eq(person.0.to_string()))
            .filter(C::IssuedBefore.gt(given_at));
        if taken_back.one(&self.db.reads).await?.is_some() {
            return Ok(Vec::new());
        }
        let posts = posts_in_force(person, agency, at).into_model::<Post>().all(&self.db.reads).await?;
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
    appointment::Entity::find()
        .select_only()
        .column_as(appointment::Column::Post, "held")
        .column(appointment::Column::TeamId)
        .column_as(designation::Column::Kind, "duty")
        .columns([agency::Column::Kind, agency::Column::ScopeMode, agency::Column::LocalAuthorityId])
        .column_as(Expr::exists(conflicts(person, at)), "conflicts")
        .column_as(Expr::exists(alleged(person, at_agency)), "alleged")
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
                    in_force(designation::Column::StartsAt, designation::Column::EndsAt, at)
                        .add(designation::Column::AgencyId.eq(at_agency))
                })
                .into(),
        )
        .filter(appointment::Column::PractitionerId.eq(person))
        .filter(appointment::Column::AgencyId.eq(at_agency))
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
