//! From a verified token to a standing: post, agency and revocations are read from the database on every request.

use entity::{agency, appointment, practitioner, revocation};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait};

use super::{Scoped, Store, in_force};
use crate::auth::Principal;
use crate::error::{Error, Result};
use crate::policy::Standing;
use crate::policy::roles::Role;

#[derive(FromQueryResult)]
struct Post {
    held: appointment::Post,
    team_id: Option<entity::id::TeamId>,
    kind: agency::Kind,
    scope_mode: agency::ScopeMode,
    local_authority_id: entity::id::LocalAuthorityId,
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
        let mut claimed = posts.into_iter().filter(|p| principal.roles().contains(&p.held.word()));
        let post = claimed.next().ok_or(Error::NotFound)?;
        let mut teams: Vec<_> = post.team_id.into_iter().collect();
        // a second appointment to the same post gives no second role: what each of them reaches is reached
        for other in claimed {
            if other.held != post.held {
                return Err(Error::Denied("The token names more than one active post; ask for one that names one."));
            }
            teams.extend(other.team_id.filter(|team| !teams.contains(team)));
        }
        let role = Role::of(post.held, post.kind).ok_or(Error::NotFound)?;
        let who = Standing {
            practitioner: entity::id::PractitionerId(principal.person()),
            agency: entity::id::AgencyId(principal.agency()),
            authority: post.local_authority_id,
            teams,
            role,
            scope_mode: post.scope_mode,
            desk: post.held == appointment::Post::SafeguardingLead,
            at,
        };
        Ok(Scoped { store: self.clone(), who: who.into(), request })
    }

    async fn active_posts(&self, principal: &Principal, at: chrono::DateTime<chrono::Utc>) -> Result<Vec<Post>> {
        let posts = appointment::Entity::find()
            .select_only()
            .column_as(appointment::Column::Post, "held")
            .column(appointment::Column::TeamId)
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
            .filter(appointment::Column::PractitionerId.eq(principal.person()))
            .filter(appointment::Column::AgencyId.eq(principal.agency()))
            .filter(in_force(appointment::Column::StartsAt, appointment::Column::EndsAt, at))
            .filter(agency::Column::Active.eq(true))
            .filter(practitioner::Column::Active.eq(true))
            // in the same statement: a revocation costs no further round trip
            .filter(Expr::exists(revoked(principal)).not())
            .into_model::<Post>()
            .all(&self.db.pool)
            .await?;
        Ok(posts)
    }
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
