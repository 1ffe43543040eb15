//! `app.sagas::<S>()`: to start instances by hand, to look at them, and to help those that nobody else can.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::event::{self, Resolved, Resumed, SagaEvent, Started, Woken};
use super::history;
use super::instance::Instance;
use super::instances::{ATTEMPTS, Instances};
use super::{Graph, Saga, SagaEntry, SagaError, SagaHistory, SagaOutcome, SagaStatus, StepChange};
use crate::app::Core;
use crate::message::{Key, MessageId, Metadata};
use crate::store::{Payload, RecordedEvent, StreamId, StreamVersion, TenantId};

/// The instances of one saga.
pub struct Sagas<S> {
    instances: Instances,
    saga: PhantomData<fn() -> S>,
}

impl<S: Saga> Sagas<S> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            instances: Instances::of(core, S::NAME),
            saga: PhantomData,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    #[must_use]
    pub fn tenant(self, tenant: TenantId) -> Self {
        Self {
            instances: self.instances.of_tenant(tenant),
            saga: PhantomData,
        }
    }

    /// Starts an instance by hand. It is kept when this returns, and runs on whichever node serves the saga.
    ///
    /// # Errors
    /// [`SagaError`]; [`AlreadyExists`](SagaError::AlreadyExists) where the key is taken, by an instance that has ended
    /// too.
    pub async fn start(self, key: &(impl Key + ?Sized), state: S) -> Result<StreamId, SagaError> {
        let stream = self.instances.stream(key)?;
        let graph = graph::<S>()?;
        let encoded = |source| SagaError::Encode {
            saga: S::NAME,
            source,
        };
        let state = Payload::of(&state).map_err(encoded)?;
        let started = Started {
            state: event::raw(&state).map_err(encoded)?,
            shape: graph.shape(),
            trigger: None,
            metadata: Metadata::begin(MessageId::new()),
        };
        let happened = vec![started.into(), Woken {}.into()];
        let nothing = Instance::default();
        match history::keep(
            &self.instances.core,
            &stream,
            &graph,
            &nothing,
            happened,
            None,
        )
        .await
        {
            Ok(Some(_)) => Ok(stream),
            Ok(None) => Err(SagaError::AlreadyExists { stream }),
            Err(trouble) => Err(SagaError::of(trouble, stream)),
        }
    }

    /// What happened to an instance; none where there is none with this key.
    ///
    /// # Errors
    /// [`SagaError`].
    pub async fn history(
        &self,
        key: &(impl Key + ?Sized),
    ) -> Result<Option<SagaHistory>, SagaError> {
        let stream = self.instances.stream(key)?;
        let mut entries = Vec::new();
        let mut instance = Instance::default();
        let each = |recorded: &RecordedEvent, event: &SagaEvent| {
            instance.apply(event, recorded.event_id(), recorded.data.occurred_at);
            entries.push(SagaEntry::of(recorded, event));
        };
        let walked = history::walk(&self.instances.core, &stream, each).await;
        walked.map_err(|trouble| SagaError::of(trouble, stream.clone()))?;
        Ok((!entries.is_empty()).then(|| SagaHistory {
            status: instance.status(),
            stream,
            entries,
        }))
    }

    /// Has the compensations that failed tried again, with all of their retries.
    ///
    /// # Errors
    /// [`SagaError`]; [`NotFailed`](SagaError::NotFailed) unless the instance ended with
    /// [`CompensationFailed`](SagaOutcome::CompensationFailed), [`Changed`](SagaError::Changed) where the steps that it has
    /// begun are not what they were.
    pub async fn resume(&self, key: &(impl Key + ?Sized)) -> Result<(), SagaError> {
        let resumed = || vec![Resumed {}.into(), Woken {}.into()];
        let has_failed = |status| status == SagaStatus::Ended(SagaOutcome::CompensationFailed);
        self.help(key, resumed, |stream, status, changes| {
            match has_failed(status) {
                false => Err(SagaError::NotFailed { stream, status }),
                true if !changes.is_empty() => Err(SagaError::Changed { stream, changes }),
                true => Ok(()),
            }
        })
        .await
    }

    /// Says that a person has done what compensations failed to do, and how. So is ended, too, what cannot go on because
    /// steps that it has begun changed: nothing more is done or undone, and a call that is under way elsewhere is not
    /// waited for.
    ///
    /// # Errors
    /// [`SagaError`]; [`NotFailed`](SagaError::NotFailed) where the app can go on with the instance, or it has ended.
    pub async fn resolve(
        &self,
        key: &(impl Key + ?Sized),
        note: impl Into<String>,
    ) -> Result<(), SagaError> {
        let note = note.into();
        let resolved = || vec![Resolved { note: note.clone() }.into()];
        self.help(key, resolved, |stream, status, changes| match status {
            SagaStatus::Ended(SagaOutcome::CompensationFailed) => Ok(()),
            SagaStatus::Running | SagaStatus::Compensating if !changes.is_empty() => Ok(()),
            status => Err(SagaError::NotFailed { stream, status }),
        })
        .await
    }

    async fn help(
        &self,
        key: &(impl Key + ?Sized),
        happened: impl Fn() -> Vec<SagaEvent>,
        can_be: impl Fn(StreamId, SagaStatus, Vec<StepChange>) -> Result<(), SagaError>,
    ) -> Result<(), SagaError> {
        let stream = self.instances.stream(key)?;
        let graph = graph::<S>()?;
        for _ in 0..ATTEMPTS {
            let instance = history::load(&self.instances.core, &stream).await;
            let instance = instance.map_err(|trouble| SagaError::of(trouble, stream.clone()))?;
            if instance.version == StreamVersion::NONE {
                return Err(SagaError::NotFound { stream });
            }
            let changes = instance.changed(&graph);
            can_be(stream.clone(), instance.status(), changes)?;
            match history::keep(
                &self.instances.core,
                &stream,
                &graph,
                &instance,
                happened(),
                None,
            )
            .await
            {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {}
                Err(trouble) => return Err(SagaError::of(trouble, stream)),
            }
        }
        Err(SagaError::always_overtaken())
    }
}

impl<S> fmt::Debug for Sagas<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sagas").finish_non_exhaustive()
    }
}

fn graph<S: Saga>() -> Result<Graph, SagaError> {
    Graph::new(S::STEPS).map_err(|source| SagaError::Graph {
        saga: S::NAME,
        source,
    })
}
