//! Which appends of a call can be decided at once.

use std::collections::HashSet;

use orchestrix::message::MessageId;
use orchestrix::store::{Append, EventData, IdempotencyKey, StreamId, TenantId};

/// The appends that are decided at once. One that shares a stream, an event id or an idempotency key with an earlier
/// append of the call, or whose condition asks for the events of one, must see what that one left, so it opens the next
/// round.
#[derive(Default)]
pub(super) struct Round<'a> {
    streams: HashSet<&'a StreamId>,
    event_ids: HashSet<(&'a TenantId, MessageId)>,
    keys: HashSet<(&'a TenantId, &'a IdempotencyKey)>,
    appends: Vec<&'a Append>,
}

impl<'a> Round<'a> {
    /// Takes the append up, or says `false` when it must wait for the next round.
    pub(super) fn admits(&mut self, append: &'a Append) -> bool {
        let ids = || events(append).map(|(tenant, event)| (tenant, event.event_id));
        let key = tenant(append).zip(append.idempotency_key());
        let taken = append
            .writes()
            .iter()
            .any(|write| self.streams.contains(&write.stream))
            || ids().any(|id| self.event_ids.contains(&id))
            || key.is_some_and(|key| self.keys.contains(&key))
            || self.matches_condition(append);
        if !taken {
            self.streams
                .extend(append.writes().iter().map(|write| &write.stream));
            self.event_ids.extend(ids());
            self.keys.extend(key);
            self.appends.push(append);
        }
        !taken
    }

    /// Whether the condition asks for an event of the round.
    fn matches_condition(&self, append: &Append) -> bool {
        append.condition().is_some_and(|condition| {
            let events = self.appends.iter().flat_map(|earlier| events(earlier));
            let mut of_tenant = events.filter(|(of, _)| Some(*of) == tenant(append));
            of_tenant.any(|(_, event)| condition.query.matches(event))
        })
    }
}

/// Whose key and whose condition it is.
fn tenant(append: &Append) -> Option<&TenantId> {
    append.writes().first().map(|write| write.stream.tenant())
}

fn events(append: &Append) -> impl Iterator<Item = (&TenantId, &EventData)> {
    append.writes().iter().flat_map(|write| {
        let events = write.events.iter();
        events.map(|event| (write.stream.tenant(), event))
    })
}
