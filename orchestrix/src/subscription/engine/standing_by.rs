//! What a subscription does while another node serves it: it follows that one, so that this node knows how far the views
//! are, too.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, OtherCheckpoints, POLL, STALLED};
use crate::backoff::Backoff;
use crate::store::{Changes, Filter, GlobalPosition, StreamId};
use crate::subscription::faults::Faults;
use crate::subscription::{ConsumeError, Grant, SubscriptionState};

/// How soon it is looked again whether another node has consumed an event, at first and at last.
const LOOKS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(250)];

/// How far the node that serves has come, as seen from here.
#[derive(Debug)]
pub(super) struct Followed {
    /// The first event that it has not consumed.
    next: Option<(GlobalPosition, StreamId)>,
    /// There is nothing before this that it has not consumed.
    clear: GlobalPosition,
    looks: Backoff,
}

impl Default for Followed {
    fn default() -> Self {
        Self {
            next: None,
            clear: GlobalPosition::START,
            looks: Backoff::new(LOOKS[0], LOOKS[1]),
        }
    }
}

impl Engine {
    /// Waits for the lease, for a while.
    pub(super) async fn stand_by(
        &mut self,
        changes: &mut Changes,
        filter: &Filter,
        followed: &mut Followed,
        faults: &mut Faults,
    ) {
        // Requests about dead letters are found by the node that serves.
        self.parked.asked = self.told.borrow().asked;
        match self.lease.grant() {
            // That it is held was found out too late. It is looked again when it changes.
            Grant::Unknown | Grant::Held { .. } => self.pause(POLL).await,
            Grant::Unreachable { failures, error } => {
                let error = Arc::new(ConsumeError::from(error));
                self.status
                    .failed(SubscriptionState::Retrying { failures, error });
                self.until_told().await;
            }
            Grant::Elsewhere { node } => match self.follow(filter, followed).await {
                Ok((arrived, wait)) => {
                    faults.reached_the_store();
                    self.status.follows(followed.clear, node, arrived);
                    match arrived {
                        true => self.sleep(changes, wait).await,
                        false => self.pause(wait).await,
                    }
                }
                Err(failure) => self.react(failure, &mut None, faults).await,
            },
        }
    }

    /// Looks how far the subscription is. Says whether it has consumed all there is, and when to look again.
    async fn follow(
        &mut self,
        filter: &Filter,
        followed: &mut Followed,
    ) -> Result<(bool, Duration), ConsumeError> {
        let stored = self.subscriber.load_checkpoint().await?;
        if self.status.reset(self.subscriber.resets()) {
            *followed = Followed::default();
        }
        followed.clear = followed.clear.max(stored);
        let mut others = None;
        if let Some((next, stream)) = &followed.next
            && *next > stored
            && !self
                .is_consumed_otherwise(*next, stream, &mut others)
                .await?
        {
            return Ok((false, followed.looks.next()));
        }
        followed.next = None;
        loop {
            // Of all streams, the first event tells, unless others may have consumed it.
            let is_whole =
                self.lane.is_none() && others.as_ref().is_none_or(OtherCheckpoints::is_empty);
            let limit = if is_whole { 1 } else { self.page };
            let page = self.read(followed.clear, filter, limit).await?;
            for event in &page.events {
                let (next, stream) = (event.position, &event.stream);
                if self
                    .is_consumed_otherwise(next, stream, &mut others)
                    .await?
                {
                    continue;
                }
                followed.next = Some((next, stream.clone()));
                let before = next.get().saturating_sub(1);
                followed.clear = followed.clear.max(GlobalPosition::new(before));
                followed.looks.reset();
                return Ok((false, followed.looks.next()));
            }
            let went_on = page.scanned_to > followed.clear;
            followed.clear = followed.clear.max(page.scanned_to);
            match (page.at_head, went_on) {
                (true, _) => return Ok((true, POLL)),
                (false, false) => return Ok((false, STALLED)),
                (false, true) if *self.stop.borrow() => return Ok((false, STALLED)),
                (false, true) => {}
            }
        }
    }

    /// Whether nodes that divide the streams otherwise have consumed it. What they have come to is looked for once.
    async fn is_consumed_otherwise(
        &self,
        position: GlobalPosition,
        stream: &StreamId,
        others: &mut Option<OtherCheckpoints>,
    ) -> Result<bool, ConsumeError> {
        let others = match others {
            Some(others) => others,
            None => others.insert(OtherCheckpoints(self.subscriber.other_checkpoints().await?)),
        };
        Ok(others.has_consumed(position, stream))
    }

    /// Nothing until something is told.
    async fn until_told(&mut self) {
        tokio::select! {
            () = self.lease.changed() => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
            Ok(_) = self.told.wait_for(|told| told.paused) => {}
        }
    }
}
