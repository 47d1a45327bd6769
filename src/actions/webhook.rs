//! Webhooks of the caller's agency.

use chrono::SecondsFormat;
use entity::event::Kind;
use entity::id::{WebhookDeliveryId, WebhookId};
use entity::webhook::State;
use entity::{webhook, webhook_delivery};

use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::policy::actions::{
    Action, ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, ReplayWebhookDelivery, RotateWebhookSecret,
    TakeOverWebhook,
};
use crate::store::permit::Permit;
use crate::store::webhook::settings::Unfit;
use crate::store::webhook::{Changes, MOST, NewWebhook, secret};
use crate::store::{Begun, Scoped, Tx, Write};

/// Kinds that one webhook can name.
const MOST_KINDS: usize = 100;

/// A webhook, and the version of it that the caller read.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// Which.
    pub id: WebhookId,
    /// Its version.
    pub expected_version: i64,
}

/// Registers where the caller's agency is sent what happens from now on, as far as the caller may see it then.
pub async fn register(scope: &Scoped, write: &Write, url: String, kinds: Option<Vec<Kind>>) -> Result<Done> {
    let mut findings = Findings::default();
    let url = fit(scope, &url, &mut findings);
    check_kinds(kinds.as_deref(), &mut findings);
    let id = WebhookId(scope.store().clock().new_id());
    let tx = match scope.begin::<RegisterWebhook>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let agency = tx.who().agency;
    // of the same agency another may register one at the same time: the row of the agency stands for all of them
    tx.lock::<entity::agency::Entity>(agency).await?;
    let permit = tx.permit::<RegisterWebhook, _>(agency, &agency)?;
    if tx.count_webhooks().await? >= MOST {
        findings.add("url", ProblemCode::TooMany, format!("An agency has {MOST} webhooks at the most."));
    }
    findings.into_result()?;
    tx.register_webhook(permit, NewWebhook { id, url, kinds: kinds.unwrap_or_default() }).await?;
    tx.commit_webhook::<RegisterWebhook>().await
}

/// Changes where a webhook is, what it is for, or whether it is sent anything for the time being.
pub async fn change(scope: &Scoped, write: &Write, which: Which, changes: Changes) -> Result<Done> {
    let mut findings = Findings::default();
    let url = changes.url.as_ref().map(|url| fit(scope, url, &mut findings));
    check_kinds(changes.kinds.as_deref(), &mut findings);
    let tx = match scope.begin::<ChangeWebhook>(write, which.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = held::<ChangeWebhook>(&tx, which, &mut findings).await?;
    if changes.url.is_some() {
        follows_the_caller(&tx, &permit, &mut findings);
    }
    if changes.paused.is_some() && permit.row().state == State::Suspended {
        let message = "It follows nobody any more: take it over first.";
        findings.add("paused", ProblemCode::WrongState, message);
    }
    findings.into_result()?;
    expect_version(which.expected_version, permit.row().version)?;
    tx.change_webhook(permit, Changes { url, ..changes }).await?;
    tx.commit_webhook::<ChangeWebhook>().await
}

/// Has a webhook sign with a new secret; for a day with those before as well, which are five in all at the most.
pub async fn rotate(scope: &Scoped, write: &Write, which: Which) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<RotateWebhookSecret>(write, which.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = held::<RotateWebhookSecret>(&tx, which, &mut findings).await?;
    follows_the_caller(&tx, &permit, &mut findings);
    if let Some(until) = secret::full_until(permit.row(), tx.who().at) {
        let until = until.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let message = format!("{} secrets sign at the moment: change it again from {until} on.", secret::MOST);
        findings.add("webhookId", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    expect_version(which.expected_version, permit.row().version)?;
    tx.rotate_webhook_secret(permit).await?;
    tx.commit_webhook::<RotateWebhookSecret>().await
}

/// Has a webhook follow the caller's rights.
pub async fn take_over(scope: &Scoped, write: &Write, which: Which) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<TakeOverWebhook>(write, which.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = held::<TakeOverWebhook>(&tx, which, &mut findings).await?;
    findings.into_result()?;
    expect_version(which.expected_version, permit.row().version)?;
    tx.take_over_webhook(permit).await?;
    tx.commit_webhook::<TakeOverWebhook>().await
}

/// Has a webhook sent again what comes behind a position of the feed.
pub async fn replay(scope: &Scoped, write: &Write, which: Which, position: i64) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<ReplayWebhook>(write, which.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = held::<ReplayWebhook>(&tx, which, &mut findings).await?;
    follows_the_caller(&tx, &permit, &mut findings);
    findings.into_result()?;
    expect_version(which.expected_version, permit.row().version)?;
    tx.replay_webhook(permit, position).await?;
    tx.commit_webhook::<ReplayWebhook>().await
}

/// Has what was given up sent once more.
pub async fn replay_delivery(scope: &Scoped, write: &Write, id: WebhookDeliveryId) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<ReplayWebhookDelivery>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    // the webhook first, as whoever sends does
    let of = tx.by_id::<webhook_delivery::Entity>(id).await?.webhook_id;
    let hook = tx.lock::<webhook::Entity>(of).await?;
    let row = tx.lock::<webhook_delivery::Entity>(id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<ReplayWebhookDelivery, _>(row, &agency)?;
    if hook.state == State::Removed {
        findings.add("deliveryId", ProblemCode::AlreadyConcluded, "The webhook was removed.");
    } else if permit.row().state != webhook_delivery::State::Dead {
        findings.add("deliveryId", ProblemCode::WrongState, "Only what was given up is sent once more: DEAD.");
    }
    findings.into_result()?;
    tx.replay_delivery(permit, hook).await?;
    tx.commit_webhook::<ReplayWebhookDelivery>().await
}

/// Ends a webhook.
pub async fn remove(scope: &Scoped, write: &Write, which: Which) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<RemoveWebhook>(write, which.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = held::<RemoveWebhook>(&tx, which, &mut findings).await?;
    findings.into_result()?;
    expect_version(which.expected_version, permit.row().version)?;
    tx.remove_webhook(permit).await?;
    tx.commit_webhook::<RemoveWebhook>().await
}

/// The locked webhook, with the leave to change it.
async fn held<A: Action<Facts = entity::id::AgencyId>>(
    tx: &Tx,
    which: Which,
    findings: &mut Findings,
) -> Result<Permit<A, webhook::Model>> {
    let row = tx.lock::<webhook::Entity>(which.id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<A, _>(row, &agency)?;
    if permit.row().state == State::Removed {
        findings.add("webhookId", ProblemCode::AlreadyConcluded, "The webhook was removed.");
    }
    Ok(permit)
}

/// Who says where it is sent, learns the secret or has it sent again hears what the person hears whose rights it follows: so
/// it is that person, or becomes it first.
fn follows_the_caller<A>(tx: &Tx, permit: &Permit<A, webhook::Model>, findings: &mut Findings) {
    if permit.row().practitioner_id != tx.who().practitioner {
        let message = "It follows another person's rights: take it over first.";
        findings.add("webhookId", ProblemCode::RuleRefused, message);
    }
}

/// The address as it is kept.
fn fit(scope: &Scoped, url: &str, findings: &mut Findings) -> String {
    match scope.store().webhooks().fit(url) {
        Ok(url) => url.into(),
        Err(why) => {
            let code = match why {
                Unfit::TooLong => ProblemCode::TooLong,
                Unfit::HostNotAllowed => ProblemCode::RuleRefused,
                Unfit::Malformed | Unfit::NotHttps | Unfit::Credentials | Unfit::Fragment => ProblemCode::Invalid,
            };
            findings.add("url", code, why.sentence());
            String::new()
        }
    }
}

fn check_kinds(kinds: Option<&[Kind]>, findings: &mut Findings) {
    if let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) {
        findings.list("kinds", kinds, MOST_KINDS);
    }
}
