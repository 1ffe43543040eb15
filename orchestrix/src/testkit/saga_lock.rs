//! The shapes of sagas, kept in a file beside the code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::saga::{Graph, GraphError, Saga, StepShape};

/// Set to `update`, it has [`SagaLock::check`] write what is new into the file.
pub const SAGA_LOCK_VARIABLE: &str = "ORCHESTRIX_SAGA_LOCK";

/// Refuses changes to sagas of steps that instances under way could not go on with: steps that are no more, or come after
/// others than before. The shapes are kept in a file of your repository, which a test compares with the code.
///
/// New sagas and new steps are fine, and are written to the file by a run with `ORCHESTRIX_SAGA_LOCK=update`. A change that is
/// refused needs another name for the saga, or for the step; where no instance is under way, delete the saga from the file. A
/// saga with another name begins where the one before [ends](crate::module::Parts::saga_until).
///
/// ```no_run
/// # use orchestrix::prelude::*;
/// # #[derive(Event, Serialize, Deserialize)] struct OrderPlaced { order: u32 }
/// # #[derive(Clone, Serialize, Deserialize)] struct Fulfilment;
/// # #[saga(key = order)] impl Fulfilment {
/// #     #[start] fn begin(_: &OrderPlaced) -> Self { Self }
/// #     #[step] async fn reserve(&self) -> Result<(), StepError> { Ok(()) }
/// # }
/// // In a test:
/// use orchestrix::testkit::SagaLock;
/// SagaLock::at(concat!(env!("CARGO_MANIFEST_DIR"), "/sagas.lock")).saga::<Fulfilment>().check()?;
/// # Ok::<(), orchestrix::testkit::SagaLockError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SagaLock {
    path: PathBuf,
    shapes: Result<Shapes, (&'static str, GraphError)>,
}

type Shapes = BTreeMap<String, Vec<StepShape>>;

/// Why sagas do not agree with their lock file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SagaLockError {
    /// The steps of a saga do not fit together.
    #[error("the steps of saga `{saga}` do not fit together")]
    Graph {
        /// The saga.
        saga: &'static str,
        /// What is wrong with them.
        source: GraphError,
    },
    /// Instances that are under way could not go on.
    #[error(
        "saga `{saga}` has changed so that instances under way could not go on: {}. Give it another name, or delete it from {path} \
         if no instance is under way",
        changes.join("; ")
    )]
    Changed {
        /// The saga.
        saga: String,
        /// What has changed.
        changes: Vec<String>,
        /// The file.
        path: PathBuf,
    },
    /// There is something new.
    #[error("{path} does not know {}: run this test with {SAGA_LOCK_VARIABLE}=update", new.join(", "))]
    Outdated {
        /// What.
        new: Vec<String>,
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is none of this kind.
    #[error("{path} is no lock file of sagas")]
    Format {
        /// The file.
        path: PathBuf,
        /// What serde said.
        source: serde_json::Error,
    },
}

impl SagaLock {
    /// Kept in this file, which comes to be with the first update.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            shapes: Ok(Shapes::new()),
        }
    }

    /// With this saga.
    #[must_use]
    pub fn saga<S: Saga>(mut self) -> Self {
        match (Graph::new(S::STEPS), &mut self.shapes) {
            (Ok(graph), Ok(shapes)) => {
                shapes.insert(S::NAME.to_owned(), graph.shape());
            }
            (Err(error), Ok(_)) => self.shapes = Err((S::NAME, error)),
            (_, Err(_)) => {}
        }
        self
    }

    /// Compares the sagas with the file, or writes what is new where the environment says so.
    ///
    /// # Errors
    /// [`SagaLockError`].
    pub fn check(self) -> Result<(), SagaLockError> {
        let update = std::env::var(SAGA_LOCK_VARIABLE).is_ok_and(|value| value == "update");
        self.check_or_update(update)
    }

    /// The same, for those who do not want to be told by the environment.
    ///
    /// # Errors
    /// [`SagaLockError`].
    pub fn check_or_update(self, update: bool) -> Result<(), SagaLockError> {
        let path = self.path;
        let graph = |(saga, source)| SagaLockError::Graph { saga, source };
        let shapes = self.shapes.map_err(graph)?;
        let file = |source| SagaLockError::File {
            path: path.clone(),
            source,
        };
        let format = |source| SagaLockError::Format {
            path: path.clone(),
            source,
        };
        let mut locked: Shapes = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(format)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Shapes::new(),
            Err(error) => return Err(file(error)),
        };
        let mut new = Vec::new();
        for (saga, steps) in shapes {
            let known = locked.entry(saga.clone()).or_default();
            let changes = changes(known, &steps);
            if !changes.is_empty() {
                return Err(SagaLockError::Changed {
                    saga,
                    changes,
                    path,
                });
            }
            let is_new = |step: &&StepShape| !known.iter().any(|old| old.name == step.name);
            let fresh = steps.iter().filter(is_new);
            new.extend(fresh.map(|step| format!("step `{}` of saga `{saga}`", step.name)));
            *known = steps;
        }
        match (new.is_empty(), update) {
            (true, _) => Ok(()),
            (false, false) => Err(SagaLockError::Outdated { new, path }),
            (false, true) => {
                let mut text = serde_json::to_string_pretty(&locked).map_err(format)?;
                text.push('\n');
                std::fs::write(&path, text).map_err(file)
            }
        }
    }
}

/// What instances that began with the old steps could not go on with.
fn changes(old: &[StepShape], new: &[StepShape]) -> Vec<String> {
    let changed = old.iter().filter_map(|step| {
        let name = &step.name;
        let Some(now) = new.iter().find(|now| now.name == *name) else {
            return Some(format!("step `{name}` is no more"));
        };
        let sorted = |step: &StepShape| {
            let mut after = step.after.clone();
            after.sort();
            after
        };
        let (before, after) = (sorted(step), sorted(now));
        (before != after)
            .then(|| format!("step `{name}` came after {before:?}, and comes after {after:?}"))
    });
    changed.collect()
}
