//! A node that stands still for longer than its lease lasts, amid a transfer that another node goes on with.

use std::future::Future;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use banking::bank::Bank;
use banking::domain::{Account, Reactivate, Suspend, Transfer};
use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::middleware::{CommandCall, Next, around};
use orchestrix::prelude::*;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use crate::counter::{COMPENSATED, COMPLETED, Counter, TestResult, account};

const PATIENCE: Duration = Duration::from_secs(60);

/// The bank without its saga.
#[derive(Debug)]
struct Front;

#[module(name = "front", aggregates(Account, Transfer))]
impl Front {}

fn builder(store: &MemoryStore) -> orchestrix::app::Builder {
    let mut config = Config::default();
    config.lease_duration = Duration::from_millis(200);
    Orchestrix::builder().config(config).store(store.clone())
}

fn is_credit(call: &CommandCall) -> bool {
    let key = call.idempotency_key();
    key.is_some_and(|key| key.as_str().contains("/credit/"))
}

/// A node all of whose work is done by one thread, which stands still before each credit.
struct Still {
    reached: mpsc::Receiver<()>,
    go_on: mpsc::Sender<()>,
    credited: mpsc::Receiver<bool>,
    end: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), BoxError>>,
}

impl Still {
    fn start(store: &MemoryStore) -> Self {
        let (reach, reached) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let (credit, credited) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let (builder, may_go_on) = (builder(store), Mutex::new(may_go_on));
        let layer = around(move |call: CommandCall, next: Next<CommandCall>| {
            let is_credit = is_credit(&call);
            if is_credit {
                // Whoever waits for it may have failed, and then nothing depends on it any more.
                let _ = reach.send(());
                let _ = may_go_on.lock().map(|may| may.recv_timeout(PATIENCE));
            }
            let credit = credit.clone();
            async move {
                let done = next.run(call).await;
                if is_credit {
                    let _ = credit.send(done.is_ok());
                }
                Ok::<_, BoxError>(done?)
            }
        });
        let thread = thread::spawn(move || -> Result<(), BoxError> {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build()?;
            runtime.block_on(async {
                let app = builder.dispatch_layer(layer).module(Bank).start().await?;
                ended.await?;
                Ok(app.shutdown().await.map(drop)?)
            })
        });
        Self {
            reached,
            go_on,
            credited,
            end,
            thread,
        }
    }

    fn end(self) -> TestResult {
        let _ = self.end.send(());
        self.thread.join().map_err(|_| "it panicked")?
    }
}

/// The store, the accounts, and a node that stands still before the credit of a transfer to bob, who is suspended then.
async fn amid_a_transfer(store: &MemoryStore) -> TestResult<(Counter, Still)> {
    let mut front = Counter::over(builder(store).module(Front).start().await?);
    front.open("alice", 100).await?;
    front.open("bob", 0).await?;
    let still = Still::start(store);
    front.request("t", "alice", "bob", 30).await?;
    let still = spawn_blocking(move || still.reached.recv_timeout(PATIENCE).map(|()| still));
    let still = still.await??;
    front.try_to(Suspend(account("bob"))).await?;
    Ok((front, still))
}

async fn ends<T, F: Future<Output = TestResult<T>>>(work: F) -> TestResult<T> {
    tokio::time::timeout(PATIENCE, work).await?
}

#[tokio::test]
async fn it_does_nothing_that_the_other_decided_against() -> TestResult {
    let store = MemoryStore::new();
    let (front, still) = amid_a_transfer(&store).await?;
    let other = Counter::over(builder(&store).module(Bank).start().await?);
    let compensated = async {
        while other.status("t").await? != COMPENSATED {
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    ends(compensated).await?;
    front.try_to(Reactivate(account("bob"))).await?;
    still.go_on.send(())?;
    let credited =
        spawn_blocking(move || still.credited.recv_timeout(PATIENCE).map(|it| (it, still)));
    let (credited, still) = credited.await??;
    assert!(!credited, "a credit after the transfer was compensated");
    assert_eq!(front.balance("alice").await?, 100);
    assert_eq!(front.sum().await?, 100);
    spawn_blocking(|| still.end()).await??;
    other.app.shutdown().await?;
    Ok(front.app.shutdown().await.map(drop)?)
}

#[tokio::test]
async fn what_it_did_before_the_other_could_decide_against_it_counts() -> TestResult {
    let store = MemoryStore::new();
    let (front, still) = amid_a_transfer(&store).await?;
    let still = Arc::new(Mutex::new(Some(still)));
    let (app, taken) = (front.app.clone(), still.clone());
    // The other's credit is refused; before it can keep that, the one that stood still comes back, and is not.
    let layer = around(move |call: CommandCall, next: Next<CommandCall>| {
        let (app, taken) = (app.clone(), taken.clone());
        async move {
            let is_credit = is_credit(&call);
            let done = next.run(call).await;
            let still = match is_credit {
                true => taken.lock().ok().and_then(|mut still| still.take()),
                false => None,
            };
            let (true, Some(still)) = (done.is_err(), still) else {
                return Ok::<_, BoxError>(done?);
            };
            app.dispatch(Reactivate(account("bob"))).await?;
            still.go_on.send(())?;
            let credited = spawn_blocking(move || {
                let credited = still.credited.recv_timeout(PATIENCE);
                still.end().and_then(|()| Ok(credited?))
            });
            assert!(credited.await??, "it was not refused any more");
            Ok(done?)
        }
    });
    let other = builder(&store).dispatch_layer(layer).module(Bank);
    let other = Counter::over(other.start().await?);
    other.settled().await?;
    assert_eq!(other.status("t").await?, COMPLETED);
    assert_eq!(front.balance("bob").await?, 30);
    assert_eq!(front.sum().await?, 100);
    other.app.shutdown().await?;
    Ok(front.app.shutdown().await.map(drop)?)
}
