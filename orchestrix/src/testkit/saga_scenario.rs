//! Given how it starts and what its steps answer, a saga comes to this end.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::{App, Builder, Orchestrix, StartError, ViewError};
use crate::error::BoxError;
use crate::message::Event;
use crate::middleware::{CommandCall, Next, around};
use crate::module::{Module, Parts};
use crate::saga::{
    ByHand, CompensationFuture, Saga, SagaChange, SagaContext, SagaError, SagaHistory, SagaOutcome,
    SagaStatus, Step, StepError, StepFuture,
};
use crate::store::{EventData, GlobalPosition, MemoryStore, Payload};

/// A saga that is not there by then has failed the scenario.
const PATIENCE: Duration = Duration::from_secs(24 * 3_600);
const KEY: &str = "scenario";

/// Runs a saga of steps by the code that does it in an app, on a store in memory. What a step or a compensation answers can be
/// said; those of which nothing is said run as they are, with the modules that the scenario is given.
///
/// Waits of retries and time limits are those of the saga: in a test with tokio's time paused
/// (`#[tokio::test(start_paused = true)]`) they take no time.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::saga::SagaOutcome;
/// use orchestrix::testkit::{SagaScenario, StepAnswer};
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct OrderPlaced { order: u32 }
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Fulfilment;
///
/// #[saga(key = order)]
/// impl Fulfilment {
///     #[start] fn begin(_: &OrderPlaced) -> Self { Self }
///     #[step(compensate = release)] async fn reserve(&self) -> Result<u32, StepError> { Ok(7) }
///     #[step(after(reserve))] async fn charge(&self) -> Result<(), StepError> { Ok(()) }
///     #[compensation] async fn release(&self, reserve: &u32) -> Result<(), StepError> {
///         assert_eq!(*reserve, 7);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), orchestrix::testkit::SagaScenarioError> {
/// SagaScenario::<Fulfilment>::new()
///     .when("charge", StepAnswer::fails("the card was refused"))
///     .given(&OrderPlaced { order: 1 })
///     .await?
///     .expect_outcome(SagaOutcome::Compensated)
///     .expect_completed(&["reserve"])
///     .expect_undone(&["reserve"]);
/// # Ok(()) }
/// ```
pub struct SagaScenario<S> {
    builder: Builder,
    script: Script,
    saga: std::marker::PhantomData<fn() -> S>,
}

/// What a call of a step or a compensation answers, in place of what it would do.
#[derive(Debug, Clone)]
pub struct StepAnswer(Answer);

#[derive(Debug, Clone)]
enum Answer {
    Ok(Payload),
    Fails(String),
    FailsForNow(String),
    TimesOut,
}

/// How a [`SagaScenario`] went. Its expectations panic where they are not met, with the history.
#[derive(Debug, Clone)]
pub struct SagaRun {
    history: SagaHistory,
    commands: Vec<&'static str>,
}

/// Why a [`SagaScenario`] did not come to an end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SagaScenarioError {
    /// A step or a compensation of that name is not in the saga.
    #[error("the saga has no step or compensation `{part}`; it has: {known}")]
    Unknown {
        /// The name.
        part: String,
        /// Those that there are.
        known: String,
    },
    /// The saga is not started by such an event.
    #[error("the saga is not started by event `{event_type}`")]
    NoStart {
        /// The event's stored name.
        event_type: &'static str,
        /// Why.
        source: BoxError,
    },
    /// The app did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The saga could not be started or looked at.
    #[error(transparent)]
    Saga(#[from] SagaError),
    /// The saga did not come to its end.
    #[error("the saga did not come to its end")]
    NoEnd {
        /// What it was waited for.
        source: ViewError,
    },
    /// The app did not end.
    #[error("the app did not end")]
    Shutdown {
        /// Why.
        source: BoxError,
    },
}

impl StepAnswer {
    /// It goes well, and gives this.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn ok<T: Serialize>(result: &T) -> Result<Self, serde_json::Error> {
        Payload::of(result).map(Answer::Ok).map(Self)
    }

    /// It fails for good.
    pub fn fails(error: impl Into<String>) -> Self {
        Self(Answer::Fails(error.into()))
    }

    /// It fails, and may go well the next time.
    pub fn fails_for_now(error: impl Into<String>) -> Self {
        Self(Answer::FailsForNow(error.into()))
    }

    /// It never answers.
    pub fn times_out() -> Self {
        Self(Answer::TimesOut)
    }
}

/// What the calls of each part answer, one after the other.
type Script = HashMap<String, VecDeque<Answer>>;

/// The scripts of the scenarios that run, which their steps find by the scenario's id: a saga's state is stored between its
/// steps, and can hold no script.
static SCRIPTS: LazyLock<Mutex<HashMap<Uuid, Script>>> = LazyLock::new(Mutex::default);

fn scripts() -> MutexGuard<'static, HashMap<Uuid, Script>> {
    // Nothing under this lock panics.
    SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A saga that does what a script says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: DeserializeOwned"))]
struct Scripted<S> {
    scenario: Uuid,
    saga: S,
}

impl<S> Scripted<S> {
    fn next(&self, part: &str) -> Option<Answer> {
        scripts()
            .get_mut(&self.scenario)?
            .get_mut(part)?
            .pop_front()
    }
}

/// What a script says; nothing, where it says nothing of that.
async fn answered(answer: Option<Answer>) -> Option<Result<Payload, StepError>> {
    Some(match answer? {
        Answer::Ok(result) => Ok(result),
        Answer::Fails(error) => Err(StepError::terminal(error)),
        Answer::FailsForNow(error) => Err(StepError::retry(error)),
        Answer::TimesOut => std::future::pending().await,
    })
}

impl<S: Saga> Saga for Scripted<S> {
    const NAME: &'static str = S::NAME;
    const STEPS: &'static [Step] = S::STEPS;
    type Start = ByHand;

    fn key(event: &ByHand) -> String {
        match *event {}
    }

    fn begin(event: &ByHand) -> Self {
        match *event {}
    }

    fn run<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> StepFuture<'a> {
        Box::pin(async move {
            match answered(self.next(S::STEPS[step].name)).await {
                Some(answer) => answer,
                None => self.saga.run(step, cx).await,
            }
        })
    }

    fn compensate<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> CompensationFuture<'a> {
        Box::pin(async move {
            let undo = S::STEPS[step].compensation.map_or("", |undo| undo.name);
            match answered(self.next(undo)).await {
                Some(answer) => answer.map(drop),
                None => self.saga.compensate(step, cx).await,
            }
        })
    }
}

/// The module of the saga alone.
struct Alone<S>(std::marker::PhantomData<fn() -> S>);

impl<S: Saga> Module for Alone<S> {
    fn name(&self) -> &'static str {
        "saga_scenario"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.saga::<Scripted<S>>();
    }
}

impl<S: Saga> Default for SagaScenario<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Saga> SagaScenario<S> {
    /// Nothing is said of any step.
    pub fn new() -> Self {
        let alone = Alone::<S>(std::marker::PhantomData);
        Self {
            builder: Orchestrix::builder()
                .isolated()
                .store(MemoryStore::new())
                .module(alone),
            script: Script::new(),
            saga: std::marker::PhantomData,
        }
    }

    /// A module that steps dispatch commands to. It must not have the saga itself.
    #[must_use]
    pub fn module(mut self, module: impl Module) -> Self {
        self.builder = self.builder.module(module);
        self
    }

    /// The next call of this step or compensation of which nothing is said yet answers so.
    #[must_use]
    pub fn when(mut self, part: impl Into<String>, answer: StepAnswer) -> Self {
        let answers = self.script.entry(part.into()).or_default();
        answers.push_back(answer.0);
        self
    }

    /// Starts the saga with this event, as it would be stored and read again, and runs it to its end.
    ///
    /// # Errors
    /// [`SagaScenarioError`]; [`NoStart`](SagaScenarioError::NoStart) where the saga is not started by such an event.
    pub async fn given<E: Event>(self, event: &E) -> Result<SagaRun, SagaScenarioError> {
        let known = event.event_type();
        let unfit = |source: BoxError| SagaScenarioError::NoStart {
            event_type: known.name(),
            source,
        };
        let body = event.encode().map_err(|error| unfit(error.into()))?;
        let data = EventData::new(known.stored_name(), known.schema_version(), body);
        match S::Start::decode(&data) {
            Some(Ok(start)) => self.given_state(S::begin(&start)).await,
            Some(Err(error)) => Err(unfit(error.into())),
            None => Err(unfit("no `#[start]` takes it".into())),
        }
    }

    /// Starts the saga with this state, as by hand.
    ///
    /// # Errors
    /// [`SagaScenarioError`].
    pub async fn given_state(self, saga: S) -> Result<SagaRun, SagaScenarioError> {
        let known = S::STEPS
            .iter()
            .flat_map(|step| [Some(step.name), step.compensation.map(|undo| undo.name)]);
        let known: Vec<_> = known.flatten().collect();
        if let Some(part) = self
            .script
            .keys()
            .find(|part| !known.contains(&part.as_str()))
        {
            return Err(SagaScenarioError::Unknown {
                part: part.clone(),
                known: known.join(", "),
            });
        }
        let commands = Arc::new(Mutex::new(Vec::new()));
        let noted = commands.clone();
        let notes = around(move |call: CommandCall, next: Next<CommandCall>| {
            let noted = noted.clone();
            async move {
                noted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(call.name());
                next.run(call).await
            }
        });
        let app = self.builder.dispatch_layer(notes).start().await?;
        let scenario = Uuid::now_v7();
        scripts().insert(scenario, self.script);
        let ran = run(&app, Scripted { scenario, saga }).await;
        scripts().remove(&scenario);
        let ended = app.shutdown().await;
        let history = ran?;
        ended.map_err(|source| SagaScenarioError::Shutdown {
            source: source.into(),
        })?;
        let commands = commands.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(SagaRun {
            history,
            commands: commands.clone(),
        })
    }
}

async fn run<S: Saga>(app: &App, saga: Scripted<S>) -> Result<SagaHistory, SagaScenarioError> {
    let sagas = || app.sagas::<Scripted<S>>();
    let stream = sagas().start(KEY, saga).await?;
    let caught_up = app.caught_up(GlobalPosition::new(1), PATIENCE).await;
    caught_up.map_err(|source| SagaScenarioError::NoEnd { source })?;
    let history = sagas().history(KEY).await?;
    Ok(history.ok_or(SagaError::NotFound { stream })?)
}

impl<S> fmt::Debug for SagaScenario<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaScenario")
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

impl SagaRun {
    /// Everything that happened.
    pub fn history(&self) -> &SagaHistory {
        &self.history
    }

    /// The names of the commands that were dispatched, in order.
    pub fn commands(&self) -> &[&'static str] {
        &self.commands
    }

    /// It ended so.
    ///
    /// # Panics
    /// Where it did not.
    #[track_caller]
    pub fn expect_outcome(self, outcome: SagaOutcome) -> Self {
        let expected = SagaStatus::Ended(outcome);
        self.expect(
            self.history.status == expected,
            &format!("it is {expected}"),
        );
        self
    }

    /// These steps were completed, in this order.
    ///
    /// # Panics
    /// Where they were not.
    #[track_caller]
    pub fn expect_completed(self, steps: &[&str]) -> Self {
        let completed = self.steps(|change| match change {
            SagaChange::StepCompleted { step } => Some(step),
            _ => None,
        });
        self.expect(completed == steps, &format!("{steps:?} were completed"));
        self
    }

    /// These steps were undone, in this order.
    ///
    /// # Panics
    /// Where they were not.
    #[track_caller]
    pub fn expect_undone(self, steps: &[&str]) -> Self {
        let undone = self.steps(|change| match change {
            SagaChange::StepCompensated { step } => Some(step),
            _ => None,
        });
        self.expect(undone == steps, &format!("{steps:?} were undone"));
        self
    }

    /// Commands of these names were dispatched, in this order.
    ///
    /// # Panics
    /// Where they were not.
    #[track_caller]
    pub fn expect_commands(self, names: &[&str]) -> Self {
        let dispatched = format!("{names:?} were dispatched, not {:?}", self.commands);
        self.expect(self.commands == names, &dispatched);
        self
    }

    fn steps(&self, wanted: fn(&SagaChange) -> Option<&String>) -> Vec<&str> {
        let changes = self.history.entries.iter();
        let steps = changes.filter_map(|entry| wanted(&entry.what));
        steps.map(String::as_str).collect()
    }

    #[track_caller]
    fn expect(&self, is_so: bool, what: &str) {
        if !is_so {
            let entries = self.history.entries.iter();
            let told: Vec<_> = entries.map(|entry| entry.what.to_string()).collect();
            panic!(
                "expected that {what}; it is {}:\n  {}",
                self.history.status,
                told.join("\n  ")
            );
        }
    }
}
