//! The log as it grows, for a reader that keeps its own place.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::watch;

use super::App;
use crate::store::{
    Changes, EventStore, Filter, GlobalPosition, ReadAll, ReadError, RecordedEvent,
};

/// A reader looks by itself this often, should every wake-up be lost, and tries again after this when it failed.
const POLL: Duration = Duration::from_millis(500);
/// A store that says there is more, but gives nothing yet, is asked again after this.
const STALLED: Duration = Duration::from_millis(5);

/// The events of the log behind a position, and then those that come: a stream that ends with the app. Made by
/// [`App::events`].
///
/// It has no name, no checkpoint and no retries; who wants those wants a
/// [`Subscription`](crate::subscription::Subscription). One page is in memory at a time, and nothing is read unless it is
/// polled. An item may be an error: when it is polled on, it goes on where it was, after half a second.
///
/// # Cancellation
/// A future of its next event that is dropped loses nothing.
#[must_use = "it reads when it is polled"]
pub struct EventFeed {
    store: Arc<dyn EventStore>,
    stop: watch::Receiver<bool>,
    read: ReadAll,
    /// None before it is polled.
    events: Option<BoxStream<'static, Result<RecordedEvent, ReadError>>>,
}

/// Where it is.
struct Place {
    store: Arc<dyn EventStore>,
    changes: Changes,
    stop: watch::Receiver<bool>,
    read: ReadAll,
    page: VecDeque<RecordedEvent>,
    /// Nothing is asked of the store before this has passed, or something may have come.
    wait: Option<Wait>,
}

enum Wait {
    /// Until something may have changed.
    Changes,
    For(Duration),
}

impl App {
    /// The events that match, from the beginning of the log on, those to come included. The store looks for them: others
    /// are not read.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use orchestrix::prelude::*;
    /// use orchestrix::store::Filter;
    ///
    /// # async fn example(app: App) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut feed = app.events(Filter::all().categories(["order"]));
    /// while let Some(event) = feed.next().await {
    ///     println!("{}", event?.position);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn events(&self, filter: Filter) -> EventFeed {
        EventFeed {
            store: self.core.ports.events.clone(),
            stop: self.running.stopping(),
            read: ReadAll::after(GlobalPosition::START).filter(filter),
            events: None,
        }
    }
}

impl EventFeed {
    /// From the first event behind this position on.
    pub fn after(mut self, position: GlobalPosition) -> Self {
        self.read.after = position;
        self.events = None;
        self
    }

    /// So many events are read at once and kept until they are asked for: 1 to [`MAX_PAGE`](crate::store::MAX_PAGE), which
    /// it is unless told.
    pub fn page(mut self, events: usize) -> Self {
        self.read = self.read.limit(events);
        self.events = None;
        self
    }

    /// The position of the last event that it gave, or behind which it begins: the place to go on after.
    pub fn position(&self) -> GlobalPosition {
        self.read.after
    }
}

impl Stream for EventFeed {
    type Item = Result<RecordedEvent, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let events = this.events.get_or_insert_with(|| {
            let place = Place {
                changes: this.store.changes(),
                store: this.store.clone(),
                stop: this.stop.clone(),
                read: this.read.clone(),
                page: VecDeque::new(),
                wait: None,
            };
            stream::unfold(place, Place::next).boxed()
        });
        let next = events.poll_next_unpin(cx);
        if let Poll::Ready(Some(Ok(event))) = &next {
            this.read.after = event.position;
        }
        next
    }
}

impl Place {
    async fn next(mut self) -> Option<(Result<RecordedEvent, ReadError>, Self)> {
        loop {
            if let Some(event) = self.page.pop_front() {
                return Some((Ok(event), self));
            }
            if *self.stop.borrow() {
                return None;
            }
            let reading = async {
                match self.wait.take() {
                    Some(Wait::Changes) => self.changes.changed(POLL).await,
                    Some(Wait::For(wait)) => tokio::time::sleep(wait).await,
                    None => {}
                }
                self.store.read_all(self.read.clone()).await
            };
            let page = tokio::select! {
                page = reading => page,
                // An app whose sender is gone has ended, too.
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            match page {
                Ok(page) => {
                    let went_on = page.scanned_to > self.read.after;
                    self.wait = match (page.at_head, went_on) {
                        (true, _) => Some(Wait::Changes),
                        (false, true) => None,
                        (false, false) => Some(Wait::For(STALLED)),
                    };
                    self.read.after = page.scanned_to;
                    self.page = page.events.into();
                }
                Err(error) => {
                    self.wait = Some(Wait::For(POLL));
                    return Some((Err(error), self));
                }
            }
        }
    }
}

impl fmt::Debug for EventFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFeed")
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}
