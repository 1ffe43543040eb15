//! What a subscription could not consume, and what becomes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::{Core, SubscriptionHandle};
use crate::store::{
    CheckpointError, DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore,
    GlobalPosition, ReadError, StreamId,
};
use crate::subscription::{ConsumeError, event_of};

/// How often the store is asked whether something is still due, should nothing else tell.
const LOOK: Duration = Duration::from_millis(50);
/// Streams looked at by one dry run, and events of each, at most.
const DRY_RUN: usize = 1_000;

/// The dead letters of one subscription. See [`ErrorPolicy::DeadLetter`](crate::subscription::ErrorPolicy::DeadLetter).
///
/// What is asked for is kept in the store, and done by the subscription, in whichever process it runs: an event is
/// delivered again as it was the first time, and those of its stream that waited behind it follow in their order.
///
/// ```
/// # use orchestrix::prelude::*;
/// use orchestrix::store::DeadLetterSelection;
/// # async fn example(app: App) -> Result<(), Box<dyn std::error::Error>> {
/// let letters = app.dead_letters("total@1")?;
/// for letter in letters.list(DeadLetterSelection::All, Default::default(), 100).await? {
///     println!("{} of {}: {:?}", letter.position, letter.stream, letter.error);
/// }
/// letters.retry(DeadLetterSelection::All).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct DeadLetters {
    core: Arc<Core>,
    subscription: String,
    handle: SubscriptionHandle,
    store: Arc<dyn DeadLetterStore>,
}

/// What would become of the dead letters of a stream, were they tried again now.
#[derive(Debug)]
#[non_exhaustive]
pub struct DryRun {
    /// The stream.
    pub stream: StreamId,
    /// How many of its events wait.
    pub events: usize,
    /// How the first of them that fails would fail. For an event handler only whether the events can be read into their
    /// types: what it does with them has effects. A projection with tables of its own writes them in a transaction that is
    /// rolled back.
    pub failure: Option<ConsumeError>,
}

impl DeadLetters {
    pub(super) fn new(core: Arc<Core>, subscription: &str, handle: SubscriptionHandle) -> Self {
        Self {
            store: handle.letters(&core.ports),
            core,
            subscription: subscription.to_owned(),
            handle,
        }
    }

    /// Those selected, behind the position `after`, in the order of the log, at most `limit`.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn list(
        &self,
        selection: DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let list = self
            .store
            .dead_letters(&self.subscription, &selection, after, limit);
        self.answer(list).await
    }

    /// That of the event at a position.
    ///
    /// # Errors
    /// [`DeadLetterError::NotFound`] and the others.
    pub async fn show(&self, position: GlobalPosition) -> Result<DeadLetter, DeadLetterError> {
        let at = DeadLetterSelection::At(position);
        let found = self.list(at, GlobalPosition::START, 1).await?;
        found
            .into_iter()
            .next()
            .ok_or_else(|| DeadLetterError::NotFound {
                subscription: self.subscription.clone(),
                position,
            })
    }

    /// How many there are, those that only wait included.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn count(&self) -> Result<u64, DeadLetterError> {
        let count = self.store.count_dead_letters(&self.subscription);
        self.answer(count).await
    }

    /// Has those selected tried again, once each. Says how many they are.
    ///
    /// # Errors
    /// [`DeadLetterError::WaitsBehind`] for a single one that is not the first of its stream, and the others.
    pub async fn retry(&self, selection: DeadLetterSelection) -> Result<u64, DeadLetterError> {
        self.request(selection, DeadLetterRequest::Retry).await
    }

    /// Lets those selected go without being consumed, for ever. Says how many they are.
    ///
    /// # Errors
    /// [`DeadLetterError::WaitsBehind`] for a single one that is not the first of its stream, and the others.
    pub async fn skip(&self, selection: DeadLetterSelection) -> Result<u64, DeadLetterError> {
        self.request(selection, DeadLetterRequest::Skip).await
    }

    /// Waits until everything that was asked for is done, at most `limit`.
    ///
    /// # Errors
    /// [`DeadLetterError::Timeout`] and the others.
    pub async fn served(&self, limit: Duration) -> Result<(), DeadLetterError> {
        let until = Instant::now() + limit;
        let mut status = self.handle.status.clone();
        loop {
            let due = self.store.due_dead_letters(&self.subscription, 1);
            if self.answer(due).await?.is_empty() {
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.late(limit));
            }
            // Only shortens the wait: another process may be the one that does it.
            if let Ok(Err(_ended)) = timeout(LOOK.min(left), status.changed()).await {
                tokio::time::sleep(LOOK.min(left)).await;
            }
        }
    }

    /// What would become of those selected, stream by stream, with nothing changed. At most 1,000 events.
    ///
    /// # Errors
    /// [`DeadLetterError`]; [`DeadLetterError::Read`] when the log cannot be read.
    pub async fn dry_run(
        &self,
        selection: DeadLetterSelection,
    ) -> Result<Vec<DryRun>, DeadLetterError> {
        let letters = self.list(selection, GlobalPosition::START, DRY_RUN).await?;
        let mut streams: BTreeMap<GlobalPosition, Vec<DeadLetter>> = BTreeMap::new();
        let mut firsts = std::collections::HashMap::new();
        for letter in letters {
            let first = *firsts
                .entry(letter.stream.clone())
                .or_insert(letter.position);
            streams.entry(first).or_default().push(letter);
        }
        let subscriber = self.handle.rehearsal(&self.subscription, &self.core);
        let mut runs = Vec::new();
        for letters in streams.into_values() {
            let (mut events, mut failure) = (Vec::new(), None);
            for letter in &letters {
                match event_of(&*self.core.ports.events, letter).await? {
                    Ok(event) => events.push(event),
                    Err(missing) => {
                        failure = Some(missing);
                        break;
                    }
                }
            }
            if let Err(earlier) = subscriber.rehearse(&events).await {
                failure = Some(earlier);
            }
            runs.extend(letters.first().map(|first| DryRun {
                stream: first.stream.clone(),
                events: letters.len(),
                failure,
            }));
        }
        Ok(runs)
    }

    async fn request(
        &self,
        selection: DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, DeadLetterError> {
        if let DeadLetterSelection::At(position) = selection {
            let stream = DeadLetterSelection::Stream(self.show(position).await?.stream);
            let first = self.list(stream, GlobalPosition::START, 1).await?;
            if let Some(first) = first.first().filter(|first| first.position < position) {
                return Err(DeadLetterError::WaitsBehind {
                    position,
                    first: first.position,
                });
            }
        }
        let requested = self
            .store
            .request_dead_letters(&self.subscription, &selection, request);
        let requested = self.answer(requested).await?;
        self.handle.control.ask();
        Ok(requested)
    }

    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, CheckpointError>>,
    ) -> Result<T, DeadLetterError> {
        let limit = self.core.config.view_timeout;
        match timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(self.late(limit)),
        }
    }

    fn late(&self, limit: Duration) -> DeadLetterError {
        DeadLetterError::Timeout {
            subscription: self.subscription.clone(),
            limit,
        }
    }
}

impl fmt::Debug for DeadLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetters")
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// Why nothing could be told of dead letters, or be asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLetterError {
    /// There is none of the event at this position.
    #[error("subscription `{subscription}` has no dead letter at position {position}")]
    NotFound {
        /// Whose.
        subscription: String,
        /// The position.
        position: GlobalPosition,
    },
    /// An earlier event of the same stream comes first.
    #[error(
        "the event at position {position} waits behind the one at {first}: settle that first, or all of the stream"
    )]
    WaitsBehind {
        /// What was asked for.
        position: GlobalPosition,
        /// What it waits for.
        first: GlobalPosition,
    },
    /// It took too long. What was asked for stays asked for.
    #[error("the dead letters of subscription `{subscription}` took longer than {limit:?}")]
    Timeout {
        /// Whose.
        subscription: String,
        /// The limit.
        limit: Duration,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] CheckpointError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
