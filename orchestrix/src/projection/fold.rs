//! Folding a page of events into documents, once per page and key.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use super::builder::Builder;
use super::inline_fold::{self, FoldedInline};
use super::kept::Kept;
use super::progress::Progress;
use super::{Documents, Keys, Projection};
use crate::error::BoxError;
use crate::message::{Event, EventType};
use crate::store::{
    AppendError, CheckpointMove, DocumentWrite, Filter, GlobalPosition, InlinePlace, Payload,
    ReadModelCommit, ReadModelStore, Rebuild, RecordedEvent, TenantId,
};
use crate::subscription::{Batch, ConsumeError, Consumed, Subscriber, panic};

/// A projection, as the registry lists it.
#[derive(Debug, Clone)]
pub(crate) struct ProjectionInfo {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) subscription: String,
    pub(crate) rust_type: &'static str,
    pub(crate) events: Vec<&'static EventType>,
    /// The names of its indexes.
    pub(crate) indexes: Vec<String>,
    /// The category of the streams whose appends write its documents, where they do.
    pub(crate) inline: Option<&'static str>,
}

/// What the names of inline projections' collections end in. Documents without the progress of their streams are not to be
/// taken for such that have it: a projection that is made inline, or is not any more, begins anew.
pub(crate) const INLINE_SUFFIX: &str = "+inline";

/// The collection of a projection's documents, which is also the name of its subscription.
pub(crate) fn collection<P: Projection>() -> String {
    let suffix = P::INLINE.map_or("", |_| INLINE_SUFFIX);
    format!("{}@{}{suffix}", P::NAME, P::VERSION)
}

/// The events that a projection wants.
fn filter<P: Projection>() -> Filter {
    Filter::all()
        .event_types(P::Event::types().iter().map(|known| known.stored_name()))
        .categories(P::INLINE)
}

pub(super) fn index_names<P: Projection>() -> Vec<String> {
    let names = P::INDEXES.iter().map(|index| index.name().to_owned());
    names.collect()
}

/// A projection with its type erased.
pub(crate) trait ErasedProjection: Send + Sync {
    fn info(&self) -> ProjectionInfo;
    fn filter(&self) -> Filter;
    /// What writes the documents that are read.
    fn subscriber(&self, store: Arc<dyn ReadModelStore>) -> Box<dyn Subscriber>;
    /// What writes those of a new build, until that takes their place.
    fn builder(&self, store: Arc<dyn ReadModelStore>, build: u64) -> Box<dyn Subscriber>;
    /// Folds events that are to be stored into the document of their stream, behind those that are stored; none where it is
    /// left to the subscription.
    fn fold_inline(
        &self,
        place: &InlinePlace,
        stored: &[RecordedEvent],
        own: &[RecordedEvent],
    ) -> Result<Option<FoldedInline>, AppendError>;
}

pub(crate) struct Erased<P>(PhantomData<fn() -> P>);

impl<P: Projection> Erased<P> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: Projection> ErasedProjection for Erased<P> {
    fn info(&self) -> ProjectionInfo {
        ProjectionInfo {
            name: P::NAME,
            version: P::VERSION,
            subscription: collection::<P>(),
            rust_type: std::any::type_name::<P>(),
            events: P::Event::types(),
            indexes: index_names::<P>(),
            inline: P::INLINE,
        }
    }

    fn filter(&self) -> Filter {
        filter::<P>()
    }

    fn subscriber(&self, store: Arc<dyn ReadModelStore>) -> Box<dyn Subscriber> {
        Box::new(Fold::<P>::of(store, collection::<P>()))
    }

    fn builder(&self, store: Arc<dyn ReadModelStore>, build: u64) -> Box<dyn Subscriber> {
        let read_model = collection::<P>();
        let collection = Rebuild::collection(&read_model, build);
        Box::new(Builder {
            fold: Fold::<P>::of(store.clone(), collection),
            store,
            read_model,
            build,
        })
    }

    fn fold_inline(
        &self,
        place: &InlinePlace,
        stored: &[RecordedEvent],
        own: &[RecordedEvent],
    ) -> Result<Option<FoldedInline>, AppendError> {
        inline_fold::fold::<P>(&collection::<P>(), place, stored, own)
    }
}

pub(super) struct Fold<P> {
    store: Arc<dyn ReadModelStore>,
    collection: String,
    /// The build that was read when it began, whose documents it folds on.
    build: u64,
    /// As they were committed last; none of an inline projection's, which appends change, too.
    kept: Kept<P>,
}

#[async_trait]
impl<P: Projection> Subscriber for Fold<P> {
    fn name(&self) -> &str {
        &self.collection
    }

    fn filter(&self) -> Filter {
        filter::<P>()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        // Should it be built anew in between, nothing can be committed, and it is looked again.
        self.kept = Kept::default();
        self.build = self.store.read_model_build(&self.collection).await?;
        Ok(self.store.read_model_checkpoint(&self.collection).await?)
    }

    async fn is_replaced(&self) -> Result<bool, ConsumeError> {
        Ok(self.store.read_model_build(&self.collection).await? != self.build)
    }

    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError> {
        let (mut batch, mut failure) = (batch, None);
        // Whatever goes wrong, they are read again.
        let mut kept = std::mem::take(&mut self.kept);
        let progress = Progress::load::<P>(&*self.store, &self.collection, batch.events).await?;
        let events = progress.left(batch.events);
        let mut events = &*events;
        // What came before a failure is folded again without it, from documents that it has not touched. That may stop
        // too, further ahead: a page is decoded before it is folded.
        while let Some((at, why)) = self.fold(events, &mut kept).await? {
            kept = Kept::default();
            batch = batch.before(place(batch.events, &events[at]));
            events = &events[..at];
            failure = Some(why);
        }
        let writes = writes(&mut kept)?;
        if let Some(checkpoint) = batch.checkpoint(&self.collection, None) {
            let commit = ReadModelCommit {
                checkpoint: CheckpointMove {
                    build: self.build,
                    ..checkpoint
                },
                collection: self.collection.clone(),
                indexes: index_names::<P>(),
                writes,
                progress: progress.moves(events),
            };
            self.store.commit(commit).await?;
        }
        if P::INLINE.is_none() {
            kept.committed();
            self.kept = kept;
        }
        Ok(Consumed {
            failure,
            ..Consumed::up_to(batch.to)
        })
    }

    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        let progress = Progress::load::<P>(&*self.store, &self.collection, events).await?;
        let events = progress.left(events);
        match self.fold(&events, &mut Kept::default()).await? {
            None => Ok(()),
            Some((_, failure)) => Err(failure),
        }
    }
}

impl<P: Projection> Fold<P> {
    fn of(store: Arc<dyn ReadModelStore>, collection: String) -> Self {
        Self {
            store,
            collection,
            build: 0,
            kept: Kept::default(),
        }
    }

    /// Folds the events into documents, those that are kept or else those that are stored; says which event could not be,
    /// and why.
    async fn fold(
        &self,
        events: &[RecordedEvent],
        kept: &mut Kept<P>,
    ) -> Result<Option<(usize, ConsumeError)>, ConsumeError> {
        let mut decoded = Vec::with_capacity(events.len());
        for (at, recorded) in events.iter().enumerate() {
            let source: BoxError = match P::Event::decode(&recorded.data) {
                Some(Ok(event)) => {
                    decoded.push(event);
                    continue;
                }
                Some(Err(error)) => error.into(),
                // The filter asks for the projection's own types only.
                None => "the store ignored the filter".into(),
            };
            return Ok(Some((at, ConsumeError::event(recorded, source))));
        }
        kept.begin();
        self.load(events, &decoded, kept).await?;
        let mut decoded = decoded.iter().enumerate();
        for run in of_one_tenant(events) {
            let documents = kept.of_tenant(run[0].stream.tenant());
            for (recorded, (at, event)) in run.iter().zip(&mut decoded) {
                // After a panic the documents are thrown away, as after every failure.
                let apply = || {
                    inline_fold::check_keys::<P>(event, recorded)?;
                    let mut documents = Documents::new(documents);
                    P::apply(event, recorded, &mut documents)?;
                    documents.finish()
                };
                let source = match panic::catch(apply) {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => error.into(),
                    Err(panic) => panic,
                };
                return Ok(Some((at, ConsumeError::event(recorded, source))));
            }
        }
        Ok(None)
    }

    /// Each document that the events concern and that is not kept, from the store.
    async fn load(
        &self,
        events: &[RecordedEvent],
        decoded: &[P::Event],
        kept: &mut Kept<P>,
    ) -> Result<(), ConsumeError> {
        let mut missing: HashMap<TenantId, Vec<String>> = HashMap::new();
        let (mut keys, mut decoded) = (Keys::default(), decoded.iter());
        for run in of_one_tenant(events) {
            let tenant = run[0].stream.tenant();
            let documents = kept.of_tenant(tenant);
            let mut unknown = Vec::new();
            for (recorded, event) in run.iter().zip(&mut decoded) {
                keys.clear();
                P::keys(event, recorded, &mut keys);
                let keys = keys.iter().filter(|key| !documents.concerns(key));
                unknown.extend(keys.map(str::to_owned));
            }
            if !unknown.is_empty() {
                missing.entry(tenant.clone()).or_default().extend(unknown);
            }
        }
        for (tenant, keys) in missing {
            let stored = self
                .store
                .documents(&self.collection, &tenant, &keys)
                .await?;
            let documents = kept.of_tenant(&tenant);
            for document in stored {
                let body = document
                    .body
                    .read()
                    .map_err(|source| ConsumeError::Document {
                        collection: self.collection.clone(),
                        key: document.key.clone(),
                        source,
                    })?;
                documents.learn(document.key, Some(body));
            }
        }
        Ok(())
    }
}

/// Where an event of a page is.
fn place(page: &[RecordedEvent], event: &RecordedEvent) -> usize {
    page.partition_point(|other| other.position < event.position)
}

/// Neighbours of one tenant together; none of these is empty.
fn of_one_tenant(events: &[RecordedEvent]) -> impl Iterator<Item = &[RecordedEvent]> {
    events.chunk_by(|one, next| one.stream.tenant() == next.stream.tenant())
}

/// What the page changed.
pub(super) fn writes<P: Projection>(
    kept: &mut Kept<P>,
) -> Result<Vec<DocumentWrite>, ConsumeError> {
    let (mut writes, mut buffer) = (Vec::new(), Vec::new());
    for (tenant, documents) in kept.tenants() {
        writes.reserve(documents.changes());
        documents.write(|key, document| {
            let body = document.map(|document| Payload::by_way_of(&mut buffer, document));
            let body = body.transpose().map_err(|source| ConsumeError::Document {
                collection: collection::<P>(),
                key: key.clone(),
                source,
            })?;
            let bytes = body.as_ref().map_or(0, Payload::size);
            writes.push(DocumentWrite {
                tenant: tenant.clone(),
                index_values: document.into_iter().flat_map(index_values).collect(),
                body,
                key,
            });
            Ok::<_, ConsumeError>(bytes)
        })?;
    }
    Ok(writes)
}

/// The places of a document in the projection's indexes.
fn index_values<P: Projection>(document: &P) -> impl Iterator<Item = Vec<u8>> {
    P::INDEXES.iter().map(|index| index.encode(document))
}
