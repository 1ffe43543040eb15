//! Commands with an idempotency key: their first receipts.

use super::executor::{Decision, Executor, Locking};
use super::load::Loaded;
use super::repeat::{FirstOutcome, Unrecalled};
use super::{
    Aggregate, CommandContext, CommandFor, CommandOrigin, DispatchError, LoadError, Receipt,
};
use crate::store::{Appended, IdempotencyKey, StreamId};

impl Executor {
    /// Carries out a command, or finds out that this was done before under its key.
    pub(crate) async fn execute<C: CommandFor<A>, A: Aggregate>(
        &self,
        command: &C,
        stream: StreamId,
        origin: &CommandOrigin,
        cx: &CommandContext,
        locking: Locking,
    ) -> Result<Receipt, DispatchError<C::Error>> {
        let Some(key) = &origin.idempotency_key else {
            return self.run::<C, A>(command, stream, origin, cx, locking).await;
        };
        let run = self.run::<C, A>(command, stream.clone(), origin, cx, locking);
        let outcome = run.await;
        if !is_in_doubt(&outcome) {
            return outcome;
        }
        // What came of it may be what comes of doing it twice: the account is there already, the money is gone.
        match self.first_receipt(key, &stream).await {
            Ok(None) => outcome,
            Ok(Some(receipt)) => Ok(receipt),
            Err(error) if error.is_transient() => match outcome {
                Err(unknown) if unknown.is_unknown() => Err(unknown),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    async fn first_receipt<E>(
        &self,
        key: &IdempotencyKey,
        stream: &StreamId,
    ) -> Result<Option<Receipt>, DispatchError<E>> {
        let found = self.store.outcome_of(stream.tenant(), key).await;
        let Some(outcome) = found.map_err(LoadError::Read)? else {
            return Ok(None);
        };
        match FirstOutcome::recall(&*self.store, outcome, Some(stream)).await {
            Ok(first) => Ok(Some(first.into_receipt())),
            Err(Unrecalled::Elsewhere(used)) => Err(reused(key, stream, used)),
            Err(Unrecalled::Unread(error)) => Err(LoadError::Read(error).into()),
        }
    }

    /// The receipt of an append whose key the store knew: it was this very one, the answer to which had been lost, or
    /// another one before. The state that was decided on is a true one of its version, but only in the first case the
    /// decided events come next.
    pub(super) async fn known<A: Aggregate, E>(
        &self,
        key: &IdempotencyKey,
        decision: Decision<A::Event>,
        appended: Appended,
        loaded: Loaded<A>,
        stream: StreamId,
    ) -> Result<Receipt, DispatchError<E>> {
        match FirstOutcome::recall(&*self.store, appended.clone(), Some(&stream)).await {
            Ok(first) => {
                let ids = first.events.iter().map(|event| event.event_id);
                if ids.eq(decision.data.iter().map(|event| event.event_id)) {
                    return Ok(self.done(decision, appended, loaded, stream));
                }
                self.cache.put(stream, loaded);
                Ok(first.into_receipt())
            }
            Err(Unrecalled::Elsewhere(used)) => {
                let error = reused(key, &stream, used);
                self.cache.put(stream, loaded);
                Err(error)
            }
            // They are stored: whoever sends the command again will be told.
            Err(Unrecalled::Unread(error)) => Err(DispatchError::Indeterminate {
                source: error.into(),
            }),
        }
    }
}

/// Whether the store has to be asked if the command was carried out before. What kept the command from being decided
/// says nothing about that, and whoever sends it again finds out.
fn is_in_doubt<E>(outcome: &Result<Receipt, DispatchError<E>>) -> bool {
    use DispatchError as D;
    match outcome {
        Ok(receipt) => receipt.events.is_empty(),
        Err(
            D::Rejected(_)
            | D::NotFound { .. }
            | D::AlreadyExists { .. }
            | D::Conflict { .. }
            | D::Archived { .. }
            | D::InvalidTag { .. }
            | D::Misplaced { .. }
            | D::Encode { .. }
            | D::Corrupt { .. }
            | D::Indeterminate { .. }
            | D::Store { .. },
        ) => true,
        Err(_) => false,
    }
}

fn reused<E>(key: &IdempotencyKey, stream: &StreamId, used: StreamId) -> DispatchError<E> {
    DispatchError::KeyReused {
        key: key.clone(),
        stream: stream.clone(),
        used,
    }
}
