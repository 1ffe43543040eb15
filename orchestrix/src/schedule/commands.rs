//! Commands that are due.

use std::sync::Arc;

use super::FiringError;
use crate::aggregate::CommandOrigin;
use crate::app::{Core, DispatchError};
use crate::message::MessageId;
use crate::store::{IdempotencyKey, ScheduleId, Scheduled};

/// Dispatches a command that is due, as the request that its id names.
pub(super) async fn dispatch(core: Arc<Core>, due: Scheduled) -> Result<(), FiringError> {
    let Some(command) = core.firing.command(&due.name).copied() else {
        return Err(FiringError::UnknownCommand { command: due.name });
    };
    let origin = CommandOrigin {
        message_id: MessageId::new(),
        tenant: due.tenant,
        metadata: due.metadata,
        idempotency_key: Some(key(&due.id)?),
    };
    let dispatched = command.dispatch(core, &due.payload, origin);
    let dispatched = dispatched.map_err(|source| FiringError::Undecodable {
        command: due.name,
        source,
    })?;
    match dispatched.await {
        Ok(()) => Ok(()),
        Err(
            source @ (DispatchError::Rejected(_)
            | DispatchError::NotFound { .. }
            | DispatchError::AlreadyExists { .. }
            | DispatchError::Archived { .. }),
        ) => Err(FiringError::Refused { source }),
        Err(error) => Err(FiringError::Failed {
            source: error.into(),
        }),
    }
}

/// Ids are short enough for this, unless somebody else wrote them.
fn key(id: &ScheduleId) -> Result<IdempotencyKey, FiringError> {
    IdempotencyKey::new(format!("schedule/{id}")).map_err(|error| FiringError::Failed {
        source: error.into(),
    })
}
