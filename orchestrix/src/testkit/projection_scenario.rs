//! Given events, a projection keeps these documents.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;

use crate::error::{BoxError, chain};
use crate::message::{Event, Key};
use crate::projection::{Erased, ErasedProjection, Keys, Projection, collection};
use crate::store::{
    EventData, GlobalPosition, MAX_PAGE, MemoryStore, NameError, ReadModelStore, RecordedEvent,
    StreamId, StreamVersion, TenantId,
};
use crate::subscription::{Batch, ConsumeError};

/// Folds events into the documents of a projection, by the code that does it in an app, without one.
///
/// Events are encoded as they would be stored, and decoded again. They get the positions 1, 2, .., and versions by their
/// stream; those that do not concern the projection have positions too, and are left out.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::testkit::ProjectionScenario;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { country: String, pence: i64 }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Revenue { pence: i64 }
///
/// #[projection(key = country)]
/// impl Revenue {
///     #[apply]
///     fn sold(&mut self, event: &Sold) {
///         self.pence += event.pence;
///     }
/// }
///
/// ProjectionScenario::<Revenue>::new()
///     .given(Sold { country: "NL".into(), pence: 300 })
///     .given(Sold { country: "NL".into(), pence: 50 })
///     .expect("NL", |revenue| assert_eq!(revenue.pence, 350))
///     .expect_none("DE");
/// ```
pub struct ProjectionScenario<P> {
    events: Vec<RecordedEvent>,
    versions: HashMap<StreamId, u64>,
    stream: Option<StreamId>,
    tenant: TenantId,
    time: Timestamp,
    unfit: Option<(String, Arc<BoxError>)>,
    projection: PhantomData<fn() -> P>,
}

/// Why the events of a [`ProjectionScenario`] give no documents.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// An event cannot be stored.
    #[error("event `{event_type}` cannot be stored: {source}")]
    Event {
        /// Its stored name.
        event_type: String,
        /// Why.
        source: Arc<BoxError>,
    },
    /// An event cannot be folded. In an app the projection would not go past it.
    #[error(transparent)]
    Fold(#[from] ConsumeError),
    /// A document that the projection wrote cannot be read as one.
    #[error("document `{key}` does not fit its type")]
    Document {
        /// Its key.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
}

impl<P: Projection> Default for ProjectionScenario<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Projection> ProjectionScenario<P> {
    /// Nothing has happened. What follows happens in the stream `scenario-1` of the default tenant, at the beginning of
    /// 1970; for an [inline](Projection::INLINE) projection, in the stream of its category that has the event's key.
    pub fn new() -> Self {
        Self {
            events: Vec::new(),
            versions: HashMap::new(),
            stream: None,
            tenant: TenantId::default(),
            time: Timestamp::UNIX_EPOCH,
            unfit: None,
            projection: PhantomData,
        }
    }

    /// What follows happens in this stream, of the tenant that is set.
    #[must_use]
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// What follows happens to this tenant, and its documents are looked at.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    /// What follows happens at this time.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// An event happens.
    #[must_use]
    pub fn given<E: Event>(mut self, event: E) -> Self {
        let known = event.event_type();
        let stored = || -> Result<EventData, BoxError> {
            let data = EventData::new(known.stored_name(), known.schema_version(), event.encode()?);
            Ok(data.with_tags(event.tags()?).with_occurred_at(self.time))
        };
        match stored() {
            Ok(data) => self.given_stored(data),
            Err(error) => {
                let unfit = (known.name().to_owned(), Arc::new(error));
                self.unfit.get_or_insert(unfit);
                self
            }
        }
    }

    /// An event as it stands in a store: of an older schema version, perhaps, or a broken one. It has its own time.
    #[must_use]
    pub fn given_stored(mut self, data: EventData) -> Self {
        let stream = match &self.stream {
            Some(stream) => Ok(stream.clone()),
            None => self.stream_of(&data),
        };
        let stream = match stream {
            Ok(stream) => stream.with_tenant(self.tenant.clone()),
            Err(error) => {
                let unfit = (data.event_type.to_string(), Arc::new(error.into()));
                self.unfit.get_or_insert(unfit);
                return self;
            }
        };
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        self.events.push(RecordedEvent::new(
            GlobalPosition::new(self.events.len() as u64 + 1),
            stream,
            StreamVersion::new(*version),
            data,
        ));
        self
    }

    /// The stream of an event, where none is set: an inline projection takes only events whose keys are those of their
    /// streams.
    fn stream_of(&self, data: &EventData) -> Result<StreamId, NameError> {
        let any = StreamId::new("scenario", "1")?;
        let (Some(category), Some(Ok(event))) = (P::INLINE, P::Event::decode(data)) else {
            return Ok(any);
        };
        let (at, version) = (GlobalPosition::START, StreamVersion::FIRST);
        let recorded = RecordedEvent::new(at, any.clone(), version, data.clone());
        let mut keys = Keys::default();
        P::keys(&event, &recorded, &mut keys);
        match keys.iter().next() {
            Some(key) => StreamId::new(category, key),
            None => Ok(any),
        }
    }

    /// The documents of the tenant that is set, by key.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first event that cannot be stored or folded.
    pub fn documents(&self) -> Result<BTreeMap<String, P>, ScenarioError> {
        if let Some((event_type, source)) = &self.unfit {
            return Err(ScenarioError::Event {
                event_type: event_type.clone(),
                source: source.clone(),
            });
        }
        let store = MemoryStore::new();
        let folding = self.fold(&store);
        // The store in memory answers at once, and folding waits for nothing else.
        folding
            .now_or_never()
            .unwrap_or_else(|| unreachable!("the store in memory does not wait"))
    }

    /// Has a look at the document with this key.
    ///
    /// # Panics
    /// When there is no such document, the events cannot be folded, or the look panics.
    #[track_caller]
    pub fn expect<K: Key + ?Sized>(self, key: &K, look: impl FnOnce(&P)) -> Self {
        let (key, documents) = (key.to_key(), self.folded());
        match documents.get(&key) {
            Some(document) => look(document),
            None => panic!(
                "there is no document `{key}` of `{}`; there are: {:?}",
                collection::<P>(),
                documents.keys().collect::<Vec<_>>()
            ),
        }
        self
    }

    /// There is no document with this key: none was begun, or it was ended.
    ///
    /// # Panics
    /// When there is one, or the events cannot be folded.
    #[track_caller]
    pub fn expect_none<K: Key + ?Sized>(self, key: &K) -> Self {
        let key = key.to_key();
        assert!(
            !self.folded().contains_key(&key),
            "there is a document `{key}` of `{}`",
            collection::<P>()
        );
        self
    }

    #[track_caller]
    fn folded(&self) -> BTreeMap<String, P> {
        match self.documents() {
            Ok(documents) => documents,
            Err(error) => panic!("the events give no documents: {}", chain(&error)),
        }
    }

    async fn fold(&self, store: &MemoryStore) -> Result<BTreeMap<String, P>, ScenarioError> {
        let projection = Erased::<P>::new();
        let mut subscriber = projection.subscriber(Arc::new(store.clone()));
        let filter = projection.filter();
        let mut from = GlobalPosition::START;
        for page in self.events.chunks(MAX_PAGE) {
            let to = page.last().map_or(from, |event| event.position);
            let wanted = page.iter().filter(|event| filter.matches(event)).cloned();
            let wanted: Vec<_> = wanted.collect();
            let batch = Batch {
                events: &wanted,
                ..Batch::passing(from, to)
            };
            let consumed = subscriber.consume(batch).await?;
            if let Some(failure) = consumed.failure {
                return Err(failure.into());
            }
            from = to;
        }
        self.read(store).await
    }

    async fn read(&self, store: &MemoryStore) -> Result<BTreeMap<String, P>, ScenarioError> {
        let collection = collection::<P>();
        let mut all = BTreeMap::new();
        loop {
            let after = all
                .last_key_value()
                .map(|(key, _): (&String, _)| key.clone());
            let page = store.scan(&collection, &self.tenant, after.as_deref(), MAX_PAGE);
            let page = page.await.map_err(ConsumeError::from)?;
            let last = page.len() < MAX_PAGE;
            for document in page {
                let read = document.body.read();
                let key = document.key;
                match read {
                    Ok(body) => all.insert(key, body),
                    Err(source) => return Err(ScenarioError::Document { key, source }),
                };
            }
            if last {
                return Ok(all);
            }
        }
    }
}

impl<P> fmt::Debug for ProjectionScenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectionScenario")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
