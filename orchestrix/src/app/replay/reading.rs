//! The events of a replay, a page at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::error::Stopped;
use super::plan::Plan;
use crate::store::{
    EventStore, Filter, GlobalPosition, ReadAll, ReadError, ReadStream, RecordedEvent,
};

/// A store that says there is more, but gives nothing yet, is asked again after this.
const STALLED: Duration = Duration::from_millis(5);

/// Where it is, and where it ends.
pub(super) struct Reading {
    store: Arc<dyn EventStore>,
    filter: Filter,
    /// What is read of one stream, if it is one; none once that is read.
    stream: Option<Option<ReadStream>>,
    after: GlobalPosition,
    to: GlobalPosition,
    page: usize,
    /// For each page.
    limit: Duration,
}

impl Reading {
    /// To the end of the log as it is now, unless it ends before.
    pub(super) async fn begin(plan: &Plan, filter: Filter) -> Result<Self, Stopped> {
        let config = &plan.core.config;
        let store = plan.core.ports.events.clone();
        let limit = config.view_timeout;
        let head = within(limit, store.head()).await?;
        Ok(Self {
            store,
            filter,
            stream: plan
                .stream
                .clone()
                .map(|stream| Some(ReadStream::forward(stream).with_archived())),
            after: plan.after,
            to: plan.to.map_or(head, |to| to.min(head)),
            page: config.handler_page,
            limit,
        })
    }

    /// The next events, at most so many, which may be none; nothing where it has ended.
    pub(super) async fn page(
        &mut self,
        most: Option<u64>,
    ) -> Result<Option<Vec<RecordedEvent>>, Stopped> {
        if self.after >= self.to {
            return Ok(None);
        }
        let most = most.and_then(|most| usize::try_from(most).ok());
        let limit = most.map_or(self.page, |most| most.min(self.page));
        match self.stream.take() {
            None => self.page_of_log(limit).await.map(Some),
            Some(read) => {
                let page = self.page_of_stream(read, limit).await;
                // What comes next stands in the field again.
                self.stream.get_or_insert(None);
                page
            }
        }
    }

    async fn page_of_log(&mut self, limit: usize) -> Result<Vec<RecordedEvent>, Stopped> {
        let began = Instant::now();
        loop {
            let read = ReadAll::after(self.after)
                .filter(self.filter.clone())
                .limit(limit);
            let page = within(self.limit, self.store.read_all(read)).await?;
            let went_on = page.scanned_to > self.after;
            if page.at_head {
                self.after = self.to;
            } else if went_on {
                self.after = page.scanned_to;
            } else if began.elapsed() >= self.limit {
                return Err(Stopped::Late(self.limit));
            } else {
                sleep(STALLED).await;
                continue;
            }
            let mut events = page.events;
            events.retain(|event| event.position <= self.to);
            return Ok(events);
        }
    }

    async fn page_of_stream(
        &mut self,
        read: Option<ReadStream>,
        limit: usize,
    ) -> Result<Option<Vec<RecordedEvent>>, Stopped> {
        let Some(read) = read else {
            return Ok(None);
        };
        let read = read.limit(limit);
        let mut events = within(self.limit, self.store.read_stream(read.clone())).await?;
        let next = events
            .last()
            .filter(|last| events.len() >= read.limit && last.position < self.to)
            .map(|last| read.clone().from(last.version.next()));
        self.stream = Some(next);
        events.retain(|event| {
            self.after < event.position && event.position <= self.to && self.filter.matches(event)
        });
        Ok(Some(events))
    }
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, Stopped> {
    match timeout(limit, answer).await {
        Ok(answer) => answer.map_err(Stopped::Log),
        Err(_) => Err(Stopped::Late(limit)),
    }
}
