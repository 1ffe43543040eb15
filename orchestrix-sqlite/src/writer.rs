//! The one thread that writes, in groups.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::error::chain;
use orchestrix::store::{BeginTransaction, ChangeSignal, ReadModelError};
use orchestrix::telemetry;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use crate::SqliteOptions;
use crate::change_watch::ChangeWatch;
use crate::connection::{SYNCHRONOUS, SharedConnection, lock};
use crate::failure::{DriverError, Failure};
use crate::job::{Job, Task, Work};
use crate::session::{Interrupt, Session};
use crate::table_transaction::SqliteTransaction;
use crate::transaction;

/// About how many rows one transaction writes at most: more would only make its callers wait longer.
pub(crate) const GROUP_WEIGHT: usize = 4_096;
/// How long the checkpoint at the end waits for readers in other processes.
const LAST_CHECKPOINT_WAIT: Duration = Duration::from_millis(100);

/// The callers' end. When it is dropped, the thread does what is queued and ends.
#[derive(Debug)]
pub(crate) struct Writer {
    /// The queue itself is unbounded; the semaphore's places bound it.
    queue: Mutex<Option<Sender<Message>>>,
    places: Arc<Semaphore>,
    acquire_timeout: Duration,
    ended: watch::Receiver<Ended>,
}

/// A transaction, or why there is none for this caller.
pub(crate) type Lent = Result<SqliteTransaction, ReadModelError>;

enum Message {
    Job(Box<dyn Job>),
    /// Somebody is to have a transaction for himself.
    Lend(Box<Session>),
    /// Somebody began to listen for changes.
    Listener,
    /// Somebody wants to know how the writer's connection syncs.
    AskSynchronous(oneshot::Sender<rusqlite::Result<i64>>),
}

#[derive(Debug, Clone)]
enum Ended {
    NotYet,
    Cleanly,
    With(DriverError),
}

impl Writer {
    pub(crate) fn start(
        connection: SharedConnection,
        changes: ChangeSignal,
        options: &SqliteOptions,
    ) -> std::io::Result<Self> {
        let (queue, messages) = channel();
        let (end, ended) = watch::channel(Ended::NotYet);
        let watch = ChangeWatch::new(changes.clone(), &lock(&connection));
        let thread = WriterThread {
            messages,
            connection,
            watch,
            changes,
        };
        std::thread::Builder::new()
            .name("orchestrix-sqlite".into())
            .spawn(move || {
                let outcome = thread.serve();
                end.send_replace(outcome);
            })?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            places: Arc::new(Semaphore::new(options.queue)),
            acquire_timeout: options.acquire_timeout,
            ended,
        })
    }

    /// Queues work and waits for its commit. Once queued it is done as a whole, also when nobody waits any more.
    pub(crate) async fn run<W: Work>(&self, work: W) -> Result<W::Outcome, Failure> {
        let place = self.place().await?;
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work,
            outcome: None,
            reply,
            _place: place,
        };
        if !self.send(Message::Job(Box::new(task))) {
            return Err(Failure::closed());
        }
        answer
            .await
            .unwrap_or_else(|_dropped| Err(Failure::no_answer()))
    }

    /// A transaction for the caller alone, once those before it in the queue are done. Answers when it has begun.
    pub(crate) async fn lend(&self, begin: BeginTransaction) -> Result<Lent, Failure> {
        let place = self.place().await?;
        let subscription = begin.subscription.clone();
        let (begun, answer) = oneshot::channel();
        let (sender, orders) = channel();
        let interrupt = Interrupt::default();
        let session = Session {
            begin,
            begun,
            orders,
            interrupt: interrupt.clone(),
            place,
        };
        // Dropped while it waits in the queue, it is over as soon as it has begun.
        let lent = SqliteTransaction::new(subscription, sender, interrupt);
        if !self.send(Message::Lend(Box::new(session))) {
            return Err(Failure::closed());
        }
        let begun = answer
            .await
            .unwrap_or_else(|_dropped| Err(Failure::no_answer()));
        Ok(begun?.map(|()| lent))
    }

    /// A place in the queue, within the acquire time-out.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = self.places.clone().acquire_owned();
        match tokio::time::timeout(self.acquire_timeout, place).await {
            Ok(place) => place.map_err(|_closed| Failure::closed()),
            Err(_elapsed) => Err(Failure::queue_full(self.acquire_timeout)),
        }
    }

    /// Tells the thread that there is a listener for changes.
    pub(crate) fn listen(&self) {
        self.send(Message::Listener);
    }

    /// What the writer's connection has `PRAGMA synchronous` at, for its answers rest on it. Asked outside of any
    /// transaction; waits for the one under way, at most the acquire time-out.
    pub(crate) async fn synchronous(&self) -> Result<i64, Failure> {
        let (reply, answer) = oneshot::channel();
        if self.is_closed() || !self.send(Message::AskSynchronous(reply)) {
            return Err(Failure::closed());
        }
        match tokio::time::timeout(self.acquire_timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_dropped)) => Err(Failure::no_answer()),
            Err(_elapsed) => Err(Failure::writer_busy(self.acquire_timeout)),
        }
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// Refuses what comes from now on; what is queued will be done.
    pub(crate) fn refuse_more(&self) {
        self.places.close();
    }

    /// Waits until everything queued is done and the thread has ended.
    pub(crate) async fn close(&self) -> Result<(), DriverError> {
        self.refuse_more();
        lock(&self.queue).take();
        let mut ended = self.ended.clone();
        // Bound, so that the guard of the channel is gone before it is looked at.
        let outcome = ended
            .wait_for(|ended| !matches!(ended, Ended::NotYet))
            .await;
        match outcome.as_deref() {
            Ok(Ended::With(error)) => Err(error.clone()),
            Ok(_) => Ok(()),
            Err(_thread_is_gone) => Err(DriverError::NoAnswer),
        }
    }

    /// Whether there was somebody to send it to.
    fn send(&self, message: Message) -> bool {
        lock(&self.queue)
            .as_ref()
            .is_some_and(|queue| queue.send(message).is_ok())
    }
}

struct WriterThread {
    messages: Receiver<Message>,
    connection: SharedConnection,
    changes: ChangeSignal,
    watch: ChangeWatch,
}

impl WriterThread {
    fn serve(mut self) -> Ended {
        loop {
            let next = match self.watch.pause() {
                Some(pause) => self.messages.recv_timeout(pause),
                None => self.messages.recv().map_err(RecvTimeoutError::from),
            };
            match next {
                Ok(Message::Job(first)) => {
                    if let Some(session) = self.write(first) {
                        session.serve(&lock(&self.connection));
                    }
                }
                Ok(Message::Lend(session)) => session.serve(&lock(&self.connection)),
                Ok(Message::AskSynchronous(reply)) => self.tell_synchronous(reply),
                Ok(Message::Listener) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.watch.poll(&lock(&self.connection));
        }
        match finish(&lock(&self.connection)) {
            Ok(()) => Ended::Cleanly,
            Err(error) => Ended::With(DriverError::Sqlite {
                source: Arc::new(error),
            }),
        }
    }

    /// Writes a job together with those that came while the one before was written, up to who wants a transaction for
    /// himself, who is next.
    fn write(&self, first: Box<dyn Job>) -> Option<Box<Session>> {
        let mut next = None;
        let mut weight = first.weight();
        let mut group = vec![first];
        while weight < GROUP_WEIGHT
            && let Ok(message) = self.messages.try_recv()
        {
            match message {
                Message::Job(job) => {
                    weight += job.weight();
                    group.push(job);
                }
                Message::Lend(session) => {
                    next = Some(session);
                    break;
                }
                Message::AskSynchronous(reply) => self.tell_synchronous(reply),
                Message::Listener => {}
            }
        }
        match self.try_write(&mut group) {
            Ok(()) => self.answer(group),
            // What does not fit together may fit in part.
            Err(failure) if failure.is_out_of_space() && group.len() > 1 => {
                for job in group {
                    let mut alone = vec![job];
                    match self.try_write(&mut alone) {
                        Ok(()) => self.answer(alone),
                        Err(failure) => fail(alone, &failure),
                    }
                }
            }
            Err(failure) => fail(group, &failure),
        }
        next
    }

    /// One transaction; nothing of it is left when it fails.
    fn try_write(&self, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let connection = lock(&self.connection);
        transaction::begin(&connection)?;
        let outcome = group
            .iter_mut()
            .try_for_each(|job| job.run(&connection))
            .map_err(Failure::from)
            .and_then(|()| transaction::commit(&connection).map_err(Failure::of_commit));
        transaction::roll_back(&connection);
        outcome
    }

    fn tell_synchronous(&self, reply: oneshot::Sender<rusqlite::Result<i64>>) {
        let connection = lock(&self.connection);
        // Who asked may have gone.
        let _gone = reply.send(connection.pragma_query_value(None, SYNCHRONOUS, |row| row.get(0)));
    }

    fn answer(&self, group: Vec<Box<dyn Job>>) {
        if group.iter().any(|job| job.appends()) {
            self.changes.wake();
        }
        for job in group {
            job.answer();
        }
    }
}

fn fail(group: Vec<Box<dyn Job>>, failure: &Failure) {
    tracing::warn!(
        { telemetry::JOBS } = group.len(),
        { telemetry::ERROR } = chain(failure.driver_error()),
        "a transaction failed"
    );
    for job in group {
        job.fail(failure);
    }
}

/// Moves the WAL into the database, so that the file can be copied alone. Readers of other processes may hinder that;
/// then it is left to them.
fn finish(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(LAST_CHECKPOINT_WAIT)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
