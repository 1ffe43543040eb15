//! Folding a page of events into documents, once per page and key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use super::builder::Builder;
use super::documents::Slot;
use super::kept::Kept;
use super::{Documents, Projection};
use crate::message::{Event, EventType};
use crate::store::{
    CheckpointMove, DocumentWrite, Filter, GlobalPosition, Payload, ReadModelCommit,
    ReadModelStore, Rebuild, RecordedEvent, TenantId,
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
}

/// The collection of a projection's documents, which is also the name of its subscription.
pub(crate) fn collection<P: Projection>() -> String {
    format!("{}@{}", P::NAME, P::VERSION)
}

/// The events that a projection wants.
fn filter<P: Projection>() -> Filter {
    Filter::all().event_types(P::Event::types().iter().map(|known| known.stored_name()))
}

/// A projection with its type erased.
pub(crate) trait ErasedProjection: Send + Sync {
    fn info(&self) -> ProjectionInfo;
    fn filter(&self) -> Filter;
    /// What writes the documents that are read.
    fn subscriber(&self, store: Arc<dyn ReadModelStore>) -> Box<dyn Subscriber>;
    /// What writes those of a new build, until that takes their place.
    fn builder(&self, store: Arc<dyn ReadModelStore>, build: u64) -> Box<dyn Subscriber>;
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
}

pub(super) struct Fold<P> {
    store: Arc<dyn ReadModelStore>,
    collection: String,
    /// The build that was read when it began, whose documents it folds on.
    build: u64,
    /// As they were committed last.
    kept: Kept<P>,
}

/// The documents that a page concerns, by tenant and key.
type Tenants<P> = HashMap<TenantId, HashMap<String, Slot<P>>>;

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
        let (tenants, writes) = loop {
            match self.fold(batch.events, &mut kept).await? {
                Folded::All(mut tenants) => {
                    let writes = writes(&mut tenants)?;
                    break (tenants, writes);
                }
                // What came before is folded again without it, from documents that it has not touched. That may stop
                // too, further ahead: a page is decoded before it is folded.
                Folded::Stopped { at, failure: why } => {
                    kept = Kept::default();
                    batch = batch.before(at);
                    failure = Some(why);
                }
            }
        };
        if let Some(checkpoint) = batch.checkpoint(&self.collection, None) {
            let commit = ReadModelCommit {
                checkpoint: CheckpointMove {
                    build: self.build,
                    ..checkpoint
                },
                collection: self.collection.clone(),
                indexes: P::INDEXES
                    .iter()
                    .map(|index| index.name().to_owned())
                    .collect(),
                writes,
            };
            self.store.commit(commit).await?;
        }
        keep(&mut kept, tenants);
        self.kept = kept;
        Ok(Consumed {
            to: batch.to,
            failure,
        })
    }

    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        match self.fold(events, &mut Kept::default()).await? {
            Folded::All(_) => Ok(()),
            Folded::Stopped { failure, .. } => Err(failure),
        }
    }
}

enum Folded<P> {
    All(Tenants<P>),
    Stopped { at: usize, failure: ConsumeError },
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

    async fn fold(
        &self,
        events: &[RecordedEvent],
        kept: &mut Kept<P>,
    ) -> Result<Folded<P>, ConsumeError> {
        let mut decoded = Vec::with_capacity(events.len());
        for (at, recorded) in events.iter().enumerate() {
            match P::Event::decode(&recorded.data) {
                Some(Ok(event)) => decoded.push(event),
                Some(Err(error)) => {
                    let failure = ConsumeError::event(recorded, error.into());
                    return Ok(Folded::Stopped { at, failure });
                }
                // The filter asks for the projection's own types only.
                None => {
                    let failure =
                        ConsumeError::event(recorded, "the store ignored the filter".into());
                    return Ok(Folded::Stopped { at, failure });
                }
            }
        }
        let mut tenants = self.load(events, &decoded, kept).await?;
        for (at, (event, recorded)) in decoded.iter().zip(events).enumerate() {
            let documents = of_tenant(&mut tenants, recorded.stream.tenant());
            // After a panic the documents are thrown away, as after every failure.
            let apply = || {
                let mut documents = Documents::new(documents);
                P::apply(event, recorded, &mut documents)?;
                documents.finish()
            };
            let source = match panic::catch(apply) {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.into(),
                Err(panic) => panic,
            };
            let failure = ConsumeError::event(recorded, source);
            return Ok(Folded::Stopped { at, failure });
        }
        Ok(Folded::All(tenants))
    }

    /// Each document that the events concern, from those that are kept or else from the store.
    async fn load(
        &self,
        events: &[RecordedEvent],
        decoded: &[P::Event],
        kept: &mut Kept<P>,
    ) -> Result<Tenants<P>, ConsumeError> {
        let mut tenants = Tenants::<P>::new();
        let mut missing: HashMap<TenantId, Vec<String>> = HashMap::new();
        let mut keys = Vec::new();
        for (event, recorded) in decoded.iter().zip(events) {
            P::keys(event, recorded, &mut keys);
            let tenant = recorded.stream.tenant();
            let documents = of_tenant(&mut tenants, tenant);
            for key in keys.drain(..) {
                let Entry::Vacant(place) = documents.entry(key) else {
                    continue;
                };
                let slot = match kept.take(tenant, place.key()) {
                    Some(document) => Slot::stored(document),
                    None => {
                        let missing = match missing.get_mut(tenant) {
                            Some(missing) => missing,
                            None => missing.entry(tenant.clone()).or_default(),
                        };
                        missing.push(place.key().clone());
                        Slot::default()
                    }
                };
                place.insert(slot);
            }
        }
        for (tenant, keys) in missing {
            let stored = self
                .store
                .documents(&self.collection, &tenant, &keys)
                .await?;
            let documents = of_tenant(&mut tenants, &tenant);
            for document in stored {
                let slot = Slot::stored(document.body.read().map_err(|source| {
                    ConsumeError::Document {
                        collection: self.collection.clone(),
                        key: document.key.clone(),
                        source,
                    }
                })?);
                documents.insert(document.key, slot);
            }
        }
        Ok(tenants)
    }
}

fn of_tenant<'a, P>(
    tenants: &'a mut Tenants<P>,
    tenant: &TenantId,
) -> &'a mut HashMap<String, Slot<P>> {
    tenants.entry(tenant.clone()).or_default()
}

/// Keeps the documents that were written for the next page.
fn keep<P>(kept: &mut Kept<P>, tenants: Tenants<P>) {
    for (tenant, documents) in tenants {
        for (key, slot) in documents.into_iter().filter(|(_, slot)| slot.is_changed()) {
            let bytes = slot.bytes();
            if let Some(document) = slot.into_document() {
                kept.keep(&tenant, key, document, bytes);
            }
        }
    }
}

fn writes<P: Projection>(tenants: &mut Tenants<P>) -> Result<Vec<DocumentWrite>, ConsumeError> {
    let mut writes = Vec::new();
    for (tenant, documents) in tenants {
        for (key, slot) in documents.iter_mut().filter(|(_, slot)| slot.is_changed()) {
            let document = slot.document();
            let body = document.map(Payload::of).transpose();
            let index_values = document.into_iter().flat_map(index_values).collect();
            let body = body.map_err(|source| ConsumeError::Document {
                collection: collection::<P>(),
                key: key.clone(),
                source,
            })?;
            slot.takes(body.as_ref().map_or(0, Payload::size));
            writes.push(DocumentWrite {
                tenant: tenant.clone(),
                index_values,
                body,
                key: key.clone(),
            });
        }
    }
    Ok(writes)
}

/// The places of a document in the projection's indexes.
fn index_values<P: Projection>(document: &P) -> impl Iterator<Item = Vec<u8>> {
    P::INDEXES.iter().map(|index| index.encode(document))
}
