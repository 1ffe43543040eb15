//! Reading pages, one ahead of what is consumed: the store reads while the subscriber folds and commits.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::{Instrument, info_span};

use super::Engine;
use crate::store::{EventStore, Filter, GlobalPosition, Lane, Page, ReadAll, ReadError};
use crate::telemetry;

/// What one reading needs to know; it borrows nothing, so that the subscriber can work meanwhile.
pub(super) struct Reading {
    store: Arc<dyn EventStore>,
    subscription: String,
    after: GlobalPosition,
    filter: Filter,
    limit: usize,
    lane: Option<Lane>,
}

/// A page that is read before it is asked for. Nobody waits for it who does not ask.
pub(crate) struct Ahead {
    after: GlobalPosition,
    page: JoinHandle<Result<Page, ReadError>>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.page.abort();
    }
}

impl Reading {
    async fn page(self) -> Result<Page, ReadError> {
        let span = info_span!(
            telemetry::SUBSCRIPTION_READ,
            { telemetry::SUBSCRIPTION } = self.subscription,
            { telemetry::POSITION } = self.after.get(),
        );
        let read = ReadAll::after(self.after)
            .filter(self.filter)
            .limit(self.limit);
        let mut page = self.store.read_all(read).instrument(span).await?;
        if let Some(lane) = self.lane {
            page.events.retain(|event| lane.has(&event.stream));
        }
        Ok(page)
    }
}

impl Engine {
    /// The next events that concern it, of at most `limit` that match.
    pub(super) async fn read(
        &self,
        after: GlobalPosition,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page, ReadError> {
        self.reading(after, filter, limit).page().await
    }

    /// The next page, which may have been read already.
    pub(super) async fn next_page(
        &mut self,
        after: GlobalPosition,
        filter: &Filter,
    ) -> Result<Page, ReadError> {
        if let Some(mut ahead) = self.ahead.take()
            && ahead.after == after
            && let Ok(page) = (&mut ahead.page).await
        {
            return page;
        }
        self.read(after, filter, self.page).await
    }

    /// Begins to read the page behind this one, if there is one. What goes wrong is told when it is asked for.
    pub(super) fn read_ahead(&mut self, page: &Page, filter: &Filter) {
        let after = page.scanned_to;
        self.ahead = (!page.at_head).then(|| Ahead {
            after,
            page: tokio::spawn(self.reading(after, filter, self.page).page()),
        });
    }

    fn reading(&self, after: GlobalPosition, filter: &Filter, limit: usize) -> Reading {
        Reading {
            store: self.store.clone(),
            subscription: self.subscriber.name().to_owned(),
            after,
            filter: filter.clone(),
            limit,
            lane: self.lane,
        }
    }
}
