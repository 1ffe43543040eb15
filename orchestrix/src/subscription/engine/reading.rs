//! Reading pages, one ahead of what is consumed: the store reads while the subscriber folds and commits.

use std::sync::Arc;

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

/// A page that was read before it was asked for.
pub(crate) struct Ahead {
    after: GlobalPosition,
    page: Page,
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
        match self.ahead.take() {
            Some(ahead) if ahead.after == after => Ok(ahead.page),
            _ => self.read(after, filter, self.page).await,
        }
    }

    /// Reads the page behind this one, if there is one. What goes wrong is told when it is asked for.
    pub(super) fn read_ahead(
        &self,
        page: &Page,
        filter: &Filter,
    ) -> impl Future<Output = Option<Ahead>> + use<> {
        let after = page.scanned_to;
        let reading = (!page.at_head).then(|| self.reading(after, filter, self.page));
        async move {
            let page = reading?.page().await.ok()?;
            Some(Ahead { after, page })
        }
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
