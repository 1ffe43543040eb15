//! Writers that write down what they were told to be stored.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use tokio::task::JoinSet;

use super::{Acknowledged, Deposit, Withdraw};
use crate::Notes;
use crate::crash_load::Draws;

/// So many of them dispatch at once.
pub const WRITERS: u32 = 4;
/// Whose accounts there are.
pub const TENANTS: [&str; 2] = ["east", "west"];
/// So many accounts of each tenant.
const ACCOUNTS: u64 = 12;

/// Dispatches until the process ends, or something other than the bank's own refusal comes of a command. What was
/// acknowledged is noted.
///
/// # Errors
/// What a writer met first.
pub async fn write(app: &App, acknowledged: Notes, seed: u64) -> Result<(), BoxError> {
    write_with_pauses(app, acknowledged, seed, Duration::ZERO).await
}

/// As [`write()`], where each writer waits so long between two commands.
///
/// # Errors
/// What a writer met first.
pub async fn write_with_pauses(
    app: &App,
    acknowledged: Notes,
    seed: u64,
    pause: Duration,
) -> Result<(), BoxError> {
    let acknowledged = Arc::new(acknowledged);
    let mut writing = JoinSet::new();
    for number in 1..=WRITERS {
        let writer = Writer {
            app: app.clone(),
            draws: Draws::new(seed, number),
            acknowledged: acknowledged.clone(),
            pause,
        };
        writing.spawn(writer.run());
    }
    while let Some(ended) = writing.join_next().await {
        ended??;
    }
    Ok(())
}

struct Writer {
    app: App,
    draws: Draws,
    acknowledged: Arc<Notes>,
    /// Between two commands.
    pause: Duration,
}

impl Writer {
    async fn run(mut self) -> Result<(), BoxError> {
        loop {
            if let Some(receipt) = self.dispatch().await? {
                self.note(&receipt)?;
            }
            if !self.pause.is_zero() {
                tokio::time::sleep(self.pause).await;
            }
        }
    }

    /// Nothing comes of a withdrawal that the bank refuses.
    async fn dispatch(&mut self) -> Result<Option<Receipt>, BoxError> {
        let tenant = TENANTS[self.draws.below(TENANTS.len() as u64) as usize];
        let tenant = TenantId::new(tenant)?;
        let account = format!("a{}", self.draws.below(ACCOUNTS));
        if self.draws.below(4) > 0 {
            let pence = (0..=self.draws.below(3)).map(|_| self.pence()).collect();
            let deposit = Deposit { account, pence };
            return Ok(Some(self.app.dispatch(deposit).tenant(tenant).await?));
        }
        let pence = self.pence();
        let withdraw = Withdraw { account, pence };
        match self.app.dispatch(withdraw).tenant(tenant).await {
            Ok(receipt) => Ok(Some(receipt)),
            Err(DispatchError::Rejected(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    fn pence(&mut self) -> i64 {
        1 + self.draws.below(1_000) as i64
    }

    fn note(&self, receipt: &Receipt) -> Result<(), BoxError> {
        let first = receipt.version.get() + 1 - receipt.events.len() as u64;
        let events = receipt.events.iter().zip(first..);
        let lines: String = events
            .map(|(event, version)| {
                let line = Acknowledged {
                    stream: receipt.stream.to_string(),
                    version,
                    event_id: event.event_id.to_string(),
                };
                format!("{line}\n")
            })
            .collect();
        Ok(self.acknowledged.note(lines.as_bytes())?)
    }
}
