//! A memory store of which single calls can be broken.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, Changes, CheckpointError, CheckpointStore, Document,
    EventData, EventStore, ExpectedVersion, GlobalPosition, Limits, Lock, LockError, LockKey,
    LockStore, MemoryStore, Page, Ports, ReadAll, ReadError, ReadModelCommit, ReadModelError,
    ReadModelStore, ReadStream, RecordedEvent, StoreHealth, StreamId, StreamVersion, StreamWrite,
    TenantId,
};
use orchestrix::testkit::conformance::{Capabilities, StoreUnderTest};

pub(super) type Outcomes = Vec<Result<Appended, AppendError>>;

/// What is done instead of a call to the memory store, which it gets.
type Instead<Input, Output> =
    Option<Arc<dyn Fn(MemoryStore, Input) -> Boxed<Output> + Send + Sync>>;

type Boxed<Output> = Pin<Box<dyn Future<Output = Output> + Send>>;

macro_rules! mutant {
    ($($call:ident: $input:ty => $output:ty,)*) => {
        /// A store over a memory store; without flaws, it conforms, with all capabilities.
        #[derive(Clone, Default)]
        pub(super) struct Mutant {
            inner: MemoryStore,
            closed: Arc<AtomicBool>,
            forgets: bool,
            never_ends: bool,
            changes: Option<Arc<dyn Fn() -> Changes + Send + Sync>>,
            held_locks: Option<fn(usize) -> usize>,
            $($call: Instead<$input, $output>,)*
        }

        impl Mutant {$(
            pub(super) fn $call<F>(
                mut self,
                instead: impl Fn(MemoryStore, $input) -> F + Send + Sync + 'static,
            ) -> Self
            where
                F: Future<Output = $output> + Send + 'static,
            {
                self.$call = Some(Arc::new(move |store, input| Box::pin(instead(store, input))));
                self
            }
        )*}
    };
}

mutant! {
    append: Vec<Append> => Outcomes,
    read_stream: ReadStream => Result<Vec<RecordedEvent>, ReadError>,
    read_all: ReadAll => Result<Page, ReadError>,
    find_event: (TenantId, MessageId) => Result<Option<RecordedEvent>, ReadError>,
    archive_stream: (StreamId, ExpectedVersion) => Result<StreamVersion, AppendError>,
    head: () => Result<GlobalPosition, ReadError>,
    load_checkpoint: String => Result<GlobalPosition, CheckpointError>,
    save_checkpoint: (String, GlobalPosition, GlobalPosition) => Result<(), CheckpointError>,
    documents: (String, TenantId, Vec<String>) => Result<Vec<Document>, ReadModelError>,
    scan: (String, TenantId, Option<String>, usize) => Result<Vec<Document>, ReadModelError>,
    read_model_checkpoint: String => Result<GlobalPosition, ReadModelError>,
    commit: ReadModelCommit => Result<(), ReadModelError>,
    try_lock: LockKey => Result<Option<Lock>, LockError>,
    health: () => StoreHealth,
    close: bool => Result<(), BoxError>,
}

impl Mutant {
    /// With other contents each time it is opened.
    pub(super) fn forgetting(mut self) -> Self {
        self.forgets = true;
        self
    }

    /// With ports that go on working after it is closed.
    pub(super) fn never_ending(mut self) -> Self {
        self.never_ends = true;
        self
    }

    /// With other limits on appends than stores have.
    pub(super) fn limiting(mut self, limits: Limits) -> Self {
        self.inner = MemoryStore::with_limits(limits);
        self
    }

    /// With another number of held locks than there are.
    pub(super) fn held_locks(mut self, instead: fn(usize) -> usize) -> Self {
        self.held_locks = Some(instead);
        self
    }

    /// With other wake-ups.
    pub(super) fn changes(mut self, instead: impl Fn() -> Changes + Send + Sync + 'static) -> Self {
        self.changes = Some(Arc::new(instead));
        self
    }

    /// With each append changed before it is stored.
    pub(super) fn appending(
        self,
        change: impl Fn(Append) -> Append + Send + Sync + 'static,
    ) -> Self {
        self.append(move |store, appends| {
            let appends = appends.into_iter().map(&change).collect();
            async move { store.append(appends).await }
        })
    }

    /// With each part of an append that is for one stream changed before it is stored.
    pub(super) fn writing(self, change: impl Fn(&mut StreamWrite) + Send + Sync + 'static) -> Self {
        self.appending(move |append| {
            let mut writes = append.writes().to_vec();
            writes.iter_mut().for_each(&change);
            append.with_writes(writes)
        })
    }

    /// With each event changed before it is stored.
    pub(super) fn storing(self, change: impl Fn(&mut EventData) + Send + Sync + 'static) -> Self {
        self.writing(move |write| write.events.iter_mut().for_each(&change))
    }

    /// With each outcome changed after the append.
    pub(super) fn telling(
        self,
        change: impl Fn(Result<Appended, AppendError>) -> Result<Appended, AppendError>
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.append(move |store, appends| {
            let change = change.clone();
            async move {
                store
                    .append(appends)
                    .await
                    .into_iter()
                    .map(change)
                    .collect()
            }
        })
    }

    /// With streams taken for others when they are written and read.
    pub(super) fn naming(
        self,
        change: impl Fn(&StreamId) -> StreamId + Clone + Send + Sync + 'static,
    ) -> Self {
        let of_reads = change.clone();
        self.writing(move |write| write.stream = change(&write.stream))
            .read_stream(move |store, mut read| {
                read.stream = of_reads(&read.stream);
                async move { store.read_stream(read).await }
            })
    }

    /// With each page of the log changed after it is read.
    pub(super) fn paging(
        self,
        change: impl Fn(&mut Page, &ReadAll) + Clone + Send + Sync + 'static,
    ) -> Self {
        self.read_all(move |store, read| {
            let change = change.clone();
            async move {
                let mut page = store.read_all(read.clone()).await?;
                change(&mut page, &read);
                Ok(page)
            }
        })
    }

    /// An error's cause when it is closed.
    fn ended(&self) -> Result<(), BoxError> {
        match self.closed.load(Ordering::Acquire) && !self.never_ends {
            true => Err("the store is closed".into()),
            false => Ok(()),
        }
    }

    fn ended_for(&self, collection: &str) -> Result<(), ReadModelError> {
        self.ended().map_err(|source| ReadModelError::Failed {
            collection: collection.to_owned(),
            source,
        })
    }
}

/// An append of these writes, at least one.
pub(super) fn from_writes(writes: Vec<StreamWrite>) -> Append {
    let mut writes = writes.into_iter();
    let Some(first) = writes.next() else {
        panic!("an append has a write");
    };
    writes.fold(
        Append::new(first.stream, first.expected, first.events),
        |append, write| append.and(write.stream, write.expected, write.events),
    )
}

/// The same append without its condition.
pub(super) fn without_condition(append: Append) -> Append {
    let key = append.idempotency_key().cloned();
    let append = from_writes(append.into_writes());
    match key {
        Some(key) => append.with_idempotency_key(key),
        None => append,
    }
}

/// The same append without its key.
pub(super) fn without_key(append: Append) -> Append {
    let condition = append.condition().cloned();
    let append = from_writes(append.into_writes());
    match condition {
        Some(condition) => append.unless(condition.query, condition.after),
        None => append,
    }
}

/// The gap between two steps that should be one: long enough for others to come between on a loaded machine.
pub(super) async fn gap() {
    tokio::time::sleep(Duration::from_millis(4)).await;
}

#[async_trait]
impl EventStore for Mutant {
    async fn append(&self, appends: Vec<Append>) -> Outcomes {
        if self.ended().is_err() {
            let closed = |_| {
                Err(AppendError::Failed {
                    source: "closed".into(),
                })
            };
            return appends.into_iter().map(closed).collect();
        }
        match &self.append {
            Some(instead) => instead(self.inner.clone(), appends).await,
            None => self.inner.append(appends).await,
        }
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.read_stream {
            Some(instead) => instead(self.inner.clone(), read).await,
            None => self.inner.read_stream(read).await,
        }
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.read_all {
            Some(instead) => instead(self.inner.clone(), read).await,
            None => self.inner.read_all(read).await,
        }
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.find_event {
            Some(instead) => instead(self.inner.clone(), (tenant.clone(), event_id)).await,
            None => self.inner.find_event(tenant, event_id).await,
        }
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.ended()
            .map_err(|source| AppendError::Failed { source })?;
        match &self.archive_stream {
            Some(instead) => instead(self.inner.clone(), (stream.clone(), expected)).await,
            None => self.inner.archive_stream(stream, expected).await,
        }
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.head {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => self.inner.head().await,
        }
    }

    fn changes(&self) -> Changes {
        match &self.changes {
            Some(instead) => instead(),
            None => self.inner.changes(),
        }
    }
}

#[async_trait]
impl CheckpointStore for Mutant {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.load_checkpoint {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.load_checkpoint(subscription).await,
        }
    }

    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.save_checkpoint {
            Some(instead) => {
                instead(
                    self.inner.clone(),
                    (subscription.to_owned(), expected, position),
                )
                .await
            }
            None => {
                self.inner
                    .save_checkpoint(subscription, expected, position)
                    .await
            }
        }
    }
}

fn failed(subscription: &str, source: BoxError) -> CheckpointError {
    CheckpointError::Failed {
        subscription: subscription.to_owned(),
        source,
    }
}

#[async_trait]
impl ReadModelStore for Mutant {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.documents {
            Some(instead) => {
                let input = (collection.to_owned(), tenant.clone(), keys.to_vec());
                instead(self.inner.clone(), input).await
            }
            None => self.inner.documents(collection, tenant, keys).await,
        }
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.scan {
            Some(instead) => {
                let after = after.map(str::to_owned);
                instead(
                    self.inner.clone(),
                    (collection.to_owned(), tenant.clone(), after, limit),
                )
                .await
            }
            None => self.inner.scan(collection, tenant, after, limit).await,
        }
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        self.ended_for(subscription)?;
        match &self.read_model_checkpoint {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.read_model_checkpoint(subscription).await,
        }
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        self.ended_for(&commit.collection)?;
        match &self.commit {
            Some(instead) => instead(self.inner.clone(), commit).await,
            None => self.inner.commit(commit).await,
        }
    }
}

#[async_trait]
impl LockStore for Mutant {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        self.ended().map_err(|source| LockError::Failed {
            key: key.clone(),
            source,
        })?;
        match &self.try_lock {
            Some(instead) => instead(self.inner.clone(), key.clone()).await,
            None => self.inner.try_lock(key).await,
        }
    }

    fn held_locks(&self) -> usize {
        let held = self.inner.held_locks();
        self.held_locks.map_or(held, |instead| instead(held))
    }
}

#[async_trait]
impl Backend for Mutant {
    fn name(&self) -> &'static str {
        "mutant"
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn health(&self) -> StoreHealth {
        if let Err(source) = self.ended() {
            return StoreHealth::new(self.name(), Err(source));
        }
        match &self.health {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => {
                let mut health = self.inner.health().await;
                health.backend = self.name();
                health
            }
        }
    }

    async fn close(&self) -> Result<(), BoxError> {
        let again = self.closed.swap(true, Ordering::AcqRel);
        match &self.close {
            Some(instead) => instead(self.inner.clone(), again).await,
            None => Ok(()),
        }
    }
}

/// A mutant under test: opening it again shows the same contents, unless it forgets them.
pub(super) struct MutantSubject(pub(super) Mutant);

#[async_trait]
impl StoreUnderTest for MutantSubject {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let mut opened = Mutant {
            closed: Arc::default(),
            ..self.0.clone()
        };
        if opened.forgets {
            opened.inner = MemoryStore::new();
        }
        Ok(Arc::new(opened))
    }
}
