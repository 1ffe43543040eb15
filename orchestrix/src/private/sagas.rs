//! What `#[saga]` writes about steps and compensations.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::saga::{CompensationFuture, Saga, StepError, StepFuture, StepRetry};
use crate::store::Payload;

/// What a `#[step]` method returns: a result to keep, or an error. Nothing is a result too.
#[diagnostic::on_unimplemented(
    message = "a `#[step]` method cannot return `{Self}`",
    label = "not a `Result<T, E>`",
    note = "return `Result<T, E>` with `T: Serialize + DeserializeOwned` and `E: Into<StepError>`, or nothing"
)]
pub trait StepOutput {
    /// The result that is kept.
    type Value: Serialize + DeserializeOwned;

    /// As it is kept.
    ///
    /// # Errors
    /// The step's; a terminal one when the result cannot be written as JSON.
    fn into_payload(self) -> Result<Payload, StepError>;
}

impl<T: Serialize + DeserializeOwned, E: Into<StepError>> StepOutput for Result<T, E> {
    type Value = T;

    fn into_payload(self) -> Result<Payload, StepError> {
        Payload::of(&self.map_err(Into::into)?).map_err(StepError::terminal)
    }
}

impl StepOutput for () {
    type Value = ();

    fn into_payload(self) -> Result<Payload, StepError> {
        Payload::of(&()).map_err(StepError::terminal)
    }
}

/// What a `#[compensation]` method returns: nothing, or an error.
#[diagnostic::on_unimplemented(
    message = "a `#[compensation]` method cannot return `{Self}`",
    label = "not a `Result<(), E>`",
    note = "return `Result<(), E>` with `E: Into<StepError>`, or nothing"
)]
pub trait CompensationOutput {
    /// As a `Result`.
    ///
    /// # Errors
    /// The compensation's.
    fn into_result(self) -> Result<(), StepError>;
}

impl<E: Into<StepError>> CompensationOutput for Result<(), E> {
    fn into_result(self) -> Result<(), StepError> {
        self.map_err(Into::into)
    }
}

impl CompensationOutput for () {
    fn into_result(self) -> Result<(), StepError> {
        Ok(())
    }
}

/// So many retries, of which the first waits so many milliseconds. Later ones wait no less.
pub const fn step_retry(retries: u32, first: u64) -> StepRetry {
    let first = Duration::from_millis(first);
    let retry = StepRetry::times(retries).first(first);
    match first.as_millis() > retry.longest.as_millis() {
        true => StepRetry {
            longest: first,
            ..retry
        },
        false => retry,
    }
}

/// The name of the step at this place; empty, which names none, where there is none.
pub fn step_name<S: Saga>(step: usize) -> &'static str {
    S::STEPS.get(step).map_or("", |step| step.name)
}

/// What running a step gives that is not there.
pub fn no_step<'a>(name: &'static str) -> StepFuture<'a> {
    let error = StepError::terminal(format!("there is no step `{name}` to run"));
    Box::pin(std::future::ready(Err(error)))
}

/// What compensating a step gives that nothing undoes.
pub fn no_compensation<'a>(name: &'static str) -> CompensationFuture<'a> {
    let error = StepError::terminal(format!("step `{name}` has no compensation"));
    Box::pin(std::future::ready(Err(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_kept_as_json_and_errors_keep_their_kind() {
        let kept =
            |output: Result<Payload, StepError>| output.expect("it is JSON").read::<Option<u8>>();
        assert_eq!(
            kept(Ok::<u8, StepError>(7).into_payload()).ok(),
            Some(Some(7))
        );
        assert_eq!(kept(().into_payload()).ok(), Some(None));
        let passing = Err::<u8, _>(StepError::retry("busy")).into_payload();
        assert!(passing.expect_err("it failed").may_pass());
        let unwritable = Ok::<_, StepError>(std::collections::BTreeMap::from([((1, 2), 3)]));
        assert!(!unwritable.into_payload().expect_err("no JSON").may_pass());
        assert!(().into_result().is_ok());
        assert!(Err(StepError::terminal("no")).into_result().is_err());
    }

    #[test]
    fn a_first_wait_may_be_longer_than_the_longest() {
        let minute = Duration::from_secs(60);
        let retry = step_retry(3, 60_000);
        assert_eq!((retry.first, retry.longest), (minute, minute));
        assert_eq!(step_retry(3, 1).longest, StepRetry::LONGEST);
    }

    #[tokio::test]
    async fn what_is_not_there_fails_for_good() {
        let none = no_step("").await.expect_err("there is none");
        assert!(!none.may_pass());
        let none = no_compensation("charge").await.expect_err("there is none");
        assert_eq!(none.to_string(), "step `charge` has no compensation");
    }
}
