//! `ordering subscriptions`: how far each of the shop's subscriptions is, and what it is doing.

use std::fmt::Write as _;
use std::time::Duration;

use orchestrix::app::{Lag, LagError};
use orchestrix::prelude::*;
use orchestrix::subscription::SubscriptionStatus;
use serde::Serialize;

/// How long they may take to find their places.
const PATIENCE: Duration = Duration::from_secs(10);

/// One of the shop's subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What it is doing, in words.
    pub state: String,
    /// How far it has come.
    pub position: u64,
    /// Events behind that concern it.
    pub lag_events: u64,
    /// Whether there may be more than that.
    pub lag_at_least: bool,
    /// How long ago the first of these happened; none when there is none.
    pub lag_seconds: Option<u64>,
    /// How often it has failed since this command was started.
    pub failures: u64,
    /// Events that it could not consume, and those behind them.
    pub dead_letters: u64,
}

/// All subscriptions, by name, once each has found its place.
///
/// # Errors
///
/// [`LagError`].
pub async fn subscriptions(app: &App) -> Result<Vec<Listed>, LagError> {
    // Whoever is new looks around first; what it finds then is what is told.
    let _ = tokio::time::timeout(PATIENCE, settled(app)).await;
    let mut all = Vec::new();
    for status in app.subscriptions() {
        let lag = app.lag(&status.name).await?;
        all.push(listed(&status, lag));
    }
    Ok(all)
}

async fn settled(app: &App) {
    while !app.readiness().waiting.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn listed(status: &SubscriptionStatus, lag: Lag) -> Listed {
    Listed {
        name: status.name.clone(),
        state: status.state.to_string(),
        position: lag.position.get(),
        lag_events: lag.events,
        lag_at_least: lag.at_least,
        lag_seconds: lag.oldest.map(|oldest| oldest.as_secs()),
        failures: status.failures,
        dead_letters: status.dead_letters,
    }
}

/// In columns, for people.
#[must_use]
pub fn to_text(all: &[Listed]) -> String {
    let width = all.iter().map(|each| each.name.chars().count()).max();
    let width = width.unwrap_or(0).max("subscription".len());
    let mut text = format!(
        "{:<width$}  {:>9}  {:>8}  {:>8}  {:>8}  {:>12}  state\n",
        "subscription", "position", "behind", "seconds", "failures", "dead letters"
    );
    for each in all {
        let more = if each.lag_at_least { "+" } else { "" };
        let behind = format!("{}{more}", each.lag_events);
        let seconds = each.lag_seconds.map_or("-".to_owned(), |s| s.to_string());
        let _ = writeln!(
            text,
            "{:<width$}  {:>9}  {behind:>8}  {seconds:>8}  {:>8}  {:>12}  {}",
            each.name, each.position, each.failures, each.dead_letters, each.state
        );
    }
    text
}
