//! Decisions with an idempotency key: their first receipts.

use super::run::Run;
use super::{DecisionError, DecisionModel, DecisionReceipt};
use crate::aggregate::{CommandContext, FirstOutcome, Unrecalled};
use crate::store::{Appended, IdempotencyKey, ReadError};

impl Run {
    /// Decides, or finds out that this was done before under the decision's key.
    pub(super) async fn decide<M, F, I, E>(
        &self,
        decide: F,
    ) -> Result<DecisionReceipt, DecisionError<E>>
    where
        M: DecisionModel,
        F: FnMut(&M, &CommandContext) -> Result<I, E>,
        I: IntoIterator<Item = M::Event>,
    {
        let outcome = self.decide_now(decide).await;
        let Some(key) = &self.origin.idempotency_key else {
            return outcome;
        };
        let attempts = match &outcome {
            Ok(receipt) if receipt.written.is_none() => receipt.attempts,
            Err(DecisionError::Conflict { attempts, .. }) => *attempts,
            Err(
                DecisionError::Rejected(_)
                | DecisionError::NoStream { .. }
                | DecisionError::InvalidStream { .. }
                | DecisionError::InvalidTag { .. }
                | DecisionError::Encode { .. }
                | DecisionError::Indeterminate { .. }
                | DecisionError::Store { .. },
            ) => 1,
            _ => return outcome,
        };
        let store = &self.core.ports.events;
        match store.outcome_of(&self.origin.tenant, key).await {
            Ok(None) => outcome,
            Ok(Some(appended)) => self.known(key, appended, attempts).await,
            Err(error) => match outcome {
                Err(unknown @ DecisionError::Indeterminate { .. }) => Err(unknown),
                _ => Err(error.into()),
            },
        }
    }

    /// The receipt of what was appended under the key, now or before.
    pub(super) async fn known<E>(
        &self,
        key: &IdempotencyKey,
        appended: Appended,
        attempts: u32,
    ) -> Result<DecisionReceipt, DecisionError<E>> {
        let store = &*self.core.ports.events;
        match FirstOutcome::recall(store, appended, self.stream.as_ref()).await {
            Ok(first) => Ok(DecisionReceipt {
                position: first.position,
                written: Some(first.written),
                events: first.events,
                attempts,
            }),
            Err(Unrecalled::Elsewhere(used)) => Err(DecisionError::KeyReused {
                key: key.clone(),
                used,
            }),
            // They are stored: whoever decides again will be told.
            Err(Unrecalled::Unread(source @ ReadError::Unavailable { .. })) => {
                Err(DecisionError::Indeterminate {
                    source: source.into(),
                })
            }
            Err(Unrecalled::Unread(source)) => Err(DecisionError::ReadFailed { source }),
        }
    }
}
