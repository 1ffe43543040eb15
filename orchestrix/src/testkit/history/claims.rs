//! Who appended which event.

use std::collections::HashMap;

use super::contents::Stored;
use super::operation::{Answer, Call, Operation};
use super::violation::Violation;
use crate::message::MessageId;
use crate::store::{StreamId, TenantId};

pub(super) struct Claims<'a>(HashMap<(&'a TenantId, MessageId), Claim>);

/// The appends of one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) first_called_at: u64,
    pub(super) attempts: u32,
    /// Whether one of the attempts may have stored it.
    pub(super) may_be_stored: bool,
}

impl<'a> Claims<'a> {
    pub(super) fn of(operations: &'a [Operation]) -> Self {
        let mut claims = HashMap::new();
        for operation in operations {
            let Call::Append { writes } = &operation.call else {
                continue;
            };
            let refused = matches!(&operation.answer, Some((_, Answer::Refused { .. })));
            for write in writes {
                for event_id in &write.event_ids {
                    let claim = claims
                        .entry((write.stream.tenant(), *event_id))
                        .or_insert(Claim {
                            first_called_at: operation.called_at,
                            attempts: 0,
                            may_be_stored: false,
                        });
                    claim.first_called_at = claim.first_called_at.min(operation.called_at);
                    claim.attempts += 1;
                    claim.may_be_stored |= !refused;
                }
            }
        }
        Self(claims)
    }

    pub(super) fn get(&self, stream: &'a StreamId, event_id: MessageId) -> Option<Claim> {
        self.0.get(&(stream.tenant(), event_id)).copied()
    }

    /// Finds events that nobody appended.
    pub(super) fn explain(&self, log: &'a [Stored], violations: &mut Vec<Violation>) {
        for event in log {
            if self.get(&event.stream, event.event_id).is_none() {
                violations.push(Violation::Unexplained {
                    event_id: event.event_id,
                    stream: event.stream.clone(),
                    position: event.position,
                });
            }
        }
    }
}
