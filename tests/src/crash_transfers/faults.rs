//! What goes wrong with the commands of transfers, as middleware around them: the saga itself is the example's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use orchestrix::app::DispatchError;
use orchestrix::middleware::{CommandCall, CommandError, CommandReply, Middleware, Next};

use super::TransferPlan;
use super::plan::Fault;
use crate::Notes;

/// Some commands of transfers are refused for good, others fail for a while: before their effect, or after it. Each
/// waits a little before and after its effect, so that a process is killed there too.
#[derive(Debug)]
pub struct Faults {
    plan: TransferPlan,
    /// How many milliseconds one waits at most.
    pause: u64,
    noted: Notes,
    /// Calls so far.
    calls: Mutex<HashMap<String, u32>>,
}

impl Faults {
    /// The key of each command that had its effect is noted, in a line of its own.
    pub fn noting_in(noted: Notes, plan: TransferPlan, pause: Duration) -> Self {
        Self {
            plan,
            pause: pause.as_millis().max(1) as u64,
            noted,
            calls: Mutex::default(),
        }
    }

    fn counted(&self, key: &str) -> u32 {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = calls.entry(key.to_owned()).or_default();
        *call += 1;
        *call - 1
    }

    async fn pause(&self, key: &str, call: u32) {
        let pause = self.plan.pause(key, call, self.pause);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

impl Middleware<CommandCall> for Faults {
    async fn handle(
        &self,
        call: CommandCall,
        next: Next<CommandCall>,
    ) -> Result<CommandReply, CommandError> {
        let key = call.idempotency_key().map(|key| key.as_str().to_owned());
        // `saga/transfer-t7/debit/1`; what else there is has no key.
        let key = key.unwrap_or_default();
        let of_saga = key.strip_prefix("saga/transfer-");
        let Some((id, part)) = of_saga.and_then(|key| key.split_once('/')) else {
            return next.run(call).await;
        };
        let part = part.split('/').next().unwrap_or(part);
        if self.plan.is_refused(id, part) {
            return Err(DispatchError::Denied {
                command: call.name(),
                reason: "the seed says so".to_owned(),
            });
        }
        let number = self.counted(&key);
        let fault = self.plan.fault(&key, number);
        self.pause(&key, number).await;
        if fault == Fault::Before {
            let source = "nobody answers".into();
            return Err(DispatchError::Unavailable { source });
        }
        let done = next.run(call).await?;
        self.noted
            .note(format!("{key}\n").as_bytes())
            .map_err(|error| DispatchError::Middleware {
                source: error.into(),
            })?;
        self.pause(&key, number + 1_000).await;
        match fault {
            Fault::After => Err(DispatchError::Indeterminate {
                source: "the answer is lost".into(),
            }),
            _ => Ok(done),
        }
    }
}
