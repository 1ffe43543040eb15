//! Who looks for the head, and who waits for those who look.

use std::sync::atomic::{AtomicU64, Ordering};

use orchestrix::store::ReadError;
use tokio::sync::Mutex;

use crate::error::SharedCause;

/// One look at a time, which serves all who asked before it began.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// How many have begun.
    begun: AtomicU64,
    /// Its lock is held while somebody looks.
    ended: Mutex<Ended>,
}

/// The last looks that ended, by their number, from 1.
#[derive(Debug, Default)]
struct Ended {
    well: u64,
    badly: Option<(u64, Failure)>,
}

/// Why a look failed, for all who waited for it.
#[derive(Debug, Clone)]
struct Failure {
    is_transient: bool,
    cause: SharedCause,
}

impl Looks {
    /// Looks, or waits for a look that begins after this call. One that fails does so for all who waited for it: were
    /// each of them to find out for himself that the database is silent, the last would wait as many times as long.
    pub(super) async fn share(
        &self,
        look: impl Future<Output = Result<(), ReadError>>,
    ) -> Result<(), ReadError> {
        let before = self.begun.load(Ordering::Acquire);
        let mut ended = self.ended.lock().await;
        if ended.well > before {
            return Ok(());
        }
        match &ended.badly {
            Some((number, failure)) if *number > before => return Err(failure.error()),
            _ => {}
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        // Whoever stops waiting here lets the next one look.
        match look.await {
            Ok(()) => {
                ended.well = number;
                Ok(())
            }
            Err(error) => {
                let failure = Failure::of(error);
                let error = failure.error();
                ended.badly = Some((number, failure));
                Err(error)
            }
        }
    }
}

impl Failure {
    fn of(error: ReadError) -> Self {
        let is_transient = error.is_transient();
        let cause = match error {
            ReadError::Unavailable { source } | ReadError::Failed { source } => {
                SharedCause::of_boxed(source)
            }
            error => SharedCause::new(error),
        };
        Self {
            is_transient,
            cause,
        }
    }

    fn error(&self) -> ReadError {
        let source = self.cause.clone().into();
        if self.is_transient {
            ReadError::Unavailable { source }
        } else {
            ReadError::Failed { source }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use orchestrix::store::ReadError;
    use tokio::sync::Semaphore;

    use super::Looks;

    fn silence() -> ReadError {
        ReadError::Unavailable {
            source: "silence".into(),
        }
    }

    #[tokio::test]
    async fn all_who_waited_for_a_look_share_its_failure() {
        let looks = Arc::new(Looks::default());
        let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let ask = || {
            let (looks, begun, gate) = (looks.clone(), begun.clone(), gate.clone());
            tokio::spawn(async move {
                let look = async {
                    begun.fetch_add(1, Ordering::AcqRel);
                    let _permit = gate.acquire().await;
                    Err(silence())
                };
                looks.share(look).await
            })
        };
        // The first of them looks, the others wait for the next look.
        let mut asking = vec![ask()];
        while begun.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
        asking.extend((0..99).map(|_| ask()));
        // On one thread, so all of them have asked by now.
        tokio::task::yield_now().await;
        gate.add_permits(1);
        for asked in asking {
            assert!(matches!(
                asked.await.unwrap(),
                Err(ReadError::Unavailable { .. })
            ));
        }
        assert_eq!(begun.load(Ordering::Acquire), 2);
        // What failed is looked for again by those who come later.
        looks.share(async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn a_look_that_was_given_up_leaves_it_to_the_next() {
        let looks = Looks::default();
        let given_up = looks.share(std::future::pending());
        tokio::select! {
            biased;
            _ = given_up => unreachable!("it never ends"),
            () = tokio::task::yield_now() => {}
        }
        looks.share(async { Ok(()) }).await.unwrap();
        assert!(looks.share(async { Err(silence()) }).await.is_err());
    }
}
