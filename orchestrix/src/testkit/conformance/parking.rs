//! The two ports that move a checkpoint with dead letters, as behaviours use them.

use jiff::{SignedDuration, Timestamp};

use super::checkpoints::at;
use super::leasing::Leasing;
use super::opened::Opened;
use super::read_models::{COLLECTION, put};
use super::samples::{HAPPENED, NOON, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::MessageId;
use crate::store::{
    CheckpointError, CheckpointMove, DeadLetter, DeadLetterRequest, DeadLetterSelection,
    DeadLetterStore, Fence, GlobalPosition, Lane, ReadModelCommit, ReadModelError, StreamId,
    StreamVersion, TenantId,
};

/// The key of the document that each commit writes: whether a commit was done shows in it, too.
const KEY: &str = "at";

#[derive(Debug, Clone, Copy)]
enum Port {
    Checkpoints,
    ReadModels,
}

/// A subscription that parks events, through one of the two ports.
#[derive(Debug, Clone)]
pub(super) struct Parking {
    pub(super) store: Opened,
    pub(super) subscription: String,
    port: Port,
    lane: Option<Lane>,
    fence: Option<Fence>,
}

impl Parking {
    /// One for each port, in the same store.
    pub(super) async fn in_both_ports(
        subject: &dyn StoreUnderTest,
    ) -> Result<[Self; 2], Violation> {
        Ok(Self::over(&Opened::open(subject).await?))
    }

    /// One for each port, in this store.
    pub(super) fn over(store: &Opened) -> [Self; 2] {
        let of = |port, subscription: &str| Self {
            store: store.clone(),
            subscription: subscription.to_owned(),
            port,
            lane: None,
            fence: None,
        };
        [
            of(Port::Checkpoints, "mail"),
            of(Port::ReadModels, "balances"),
        ]
    }

    /// The same port for another subscription.
    pub(super) fn of(&self, subscription: &str) -> Self {
        Self {
            subscription: subscription.to_owned(),
            ..self.clone()
        }
    }

    /// The same, in one of its lanes.
    pub(super) fn in_lane(&self, lane: Lane) -> Self {
        Self {
            lane: Some(lane),
            ..self.clone()
        }
    }

    /// The same, under a lease.
    pub(super) fn under(&self, lease: &str, token: u64) -> Self {
        Self {
            fence: Some(Fence {
                lease: lease.into(),
                token,
            }),
            ..self.clone()
        }
    }

    /// The port's leases.
    pub(super) fn leasing(&self) -> Leasing {
        match self.port {
            Port::Checkpoints => Leasing::over(&self.store, self.store.checkpoints.clone()),
            Port::ReadModels => Leasing::over(&self.store, self.store.read_models.clone()),
        }
    }

    /// The port's dead letters.
    pub(super) fn letters(&self) -> &dyn DeadLetterStore {
        match self.port {
            Port::Checkpoints => &*self.store.checkpoints,
            Port::ReadModels => &*self.store.read_models,
        }
    }

    /// An event of this stream that failed once.
    pub(super) fn failed(&self, position: u64, key: &str) -> Result<DeadLetter, Violation> {
        Ok(self.failed_in(position, stream(key)?))
    }

    /// An event of this stream that failed once.
    pub(super) fn failed_in(&self, position: u64, stream: StreamId) -> DeadLetter {
        DeadLetter {
            subscription: self.subscription.clone(),
            position: at(position),
            stream,
            version: StreamVersion::new(position),
            event_id: MessageId::new(),
            event_type: HAPPENED.to_owned(),
            attempts: 1,
            error: Some("it failed".to_owned()),
            parked_at: NOON,
            failed_at: Some(NOON),
            request: None,
        }
    }

    /// An event of this stream that waits behind an earlier one.
    pub(super) fn waiting(&self, position: u64, key: &str) -> Result<DeadLetter, Violation> {
        Ok(DeadLetter {
            attempts: 0,
            error: None,
            failed_at: None,
            ..self.failed(position, key)?
        })
    }

    /// Moves the checkpoint with its dead letters, which may be refused.
    pub(super) async fn try_move(
        &self,
        (expected, position): (u64, u64),
        parked: &[DeadLetter],
        settled: &[u64],
    ) -> Result<Result<(), CheckpointError>, Violation> {
        let checkpoint = CheckpointMove {
            parked: parked.to_vec(),
            settled: settled.iter().map(|position| at(*position)).collect(),
            lane: self.lane,
            fence: self.fence.clone(),
            ..CheckpointMove::new(&*self.subscription, at(expected), at(position))
        };
        match self.port {
            Port::Checkpoints => Ok(self.store.checkpoints.move_checkpoint(checkpoint).await),
            Port::ReadModels => {
                let commit = ReadModelCommit {
                    progress: Vec::new(),
                    checkpoint,
                    collection: self.collection(),
                    indexes: Vec::new(),
                    writes: vec![put(&self.key(), &position.to_string())?],
                };
                match self.store.read_models.commit(commit).await {
                    Ok(()) => Ok(Ok(())),
                    Err(ReadModelError::Checkpoint(refused)) => Ok(Err(refused)),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Moves the checkpoint with its dead letters, which must be done.
    pub(super) async fn move_with(
        &self,
        between: (u64, u64),
        parked: &[DeadLetter],
        settled: &[u64],
    ) -> Result<(), Violation> {
        Ok(self.try_move(between, parked, settled).await??)
    }

    /// Keeps these dead letters of a subscription whose checkpoint is at the start, and stays there.
    pub(super) async fn park(&self, parked: &[DeadLetter]) -> Result<(), Violation> {
        self.move_with((0, 0), parked, &[]).await
    }

    /// Settles these of a subscription whose checkpoint is at the start, and stays there.
    pub(super) async fn settle(&self, settled: &[u64]) -> Result<(), Violation> {
        self.move_with((0, 0), &[], settled).await
    }

    /// Asks for something to be done.
    pub(super) async fn request(
        &self,
        selection: DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, Violation> {
        let requested =
            self.letters()
                .request_dead_letters(&self.subscription, &selection, request);
        Ok(requested.await?)
    }

    /// All dead letters.
    pub(super) async fn all(&self) -> Result<Vec<DeadLetter>, Violation> {
        let (all, start) = (DeadLetterSelection::All, GlobalPosition::START);
        let letters = self
            .letters()
            .dead_letters(&self.subscription, &all, start, 10_000);
        Ok(letters.await?)
    }

    /// Checks all dead letters, and how many there are.
    pub(super) async fn ensure_letters(&self, expected: &[DeadLetter]) -> Result<(), Violation> {
        let found = self.all().await?;
        let count = self.letters().count_dead_letters(&self.subscription);
        let (count, whose) = (count.await?, &self.subscription);
        ensure_eq(
            format_args!("the dead letters of {whose:?}"),
            found,
            expected,
        )?;
        let what = format_args!("the number of dead letters of {whose:?}");
        ensure_eq(what, count, expected.len() as u64)
    }

    /// Checks the positions of those where something is to be done.
    pub(super) async fn ensure_due(&self, expected: &[u64]) -> Result<(), Violation> {
        let due = self
            .letters()
            .due_dead_letters(&self.subscription, 10_000)
            .await?;
        let what = format_args!("the due dead letters of {:?}", self.subscription);
        ensure_eq(what, positions(&due), expected)
    }

    /// Checks the checkpoint, and the document that was written when it moved.
    pub(super) async fn ensure_at(&self, expected: u64) -> Result<(), Violation> {
        let (checkpoint, what) = (&*self.checkpoint(), "the checkpoint");
        match self.port {
            Port::Checkpoints => {
                let found = self.store.checkpoints.load_checkpoint(checkpoint).await?;
                ensure_eq(what, found, at(expected))
            }
            Port::ReadModels => {
                let read_models = &self.store.read_models;
                let found = read_models.read_model_checkpoint(checkpoint).await?;
                ensure_eq(what, found, at(expected))?;
                let keys = [self.key()];
                let found = read_models
                    .documents(&self.collection(), &TenantId::default(), &keys)
                    .await?;
                let body = found.first().and_then(|document| document.body.as_json());
                let body = body.unwrap_or("0");
                ensure_eq("the document", body, expected.to_string())
            }
        }
    }

    /// The name of its checkpoint.
    fn checkpoint(&self) -> String {
        let lane = self.lane.map(|lane| lane.checkpoint(&self.subscription));
        lane.unwrap_or_else(|| self.subscription.clone())
    }

    /// Each lane has a document of its own.
    fn key(&self) -> String {
        let lane = self.lane.map(|lane| format!("{KEY} {lane}"));
        lane.unwrap_or_else(|| KEY.to_owned())
    }

    fn collection(&self) -> String {
        format!("{COLLECTION} of {}", self.subscription)
    }
}

/// Where the events of dead letters stand.
pub(super) fn positions(letters: &[DeadLetter]) -> Vec<u64> {
    letters.iter().map(|letter| letter.position.get()).collect()
}

/// So many microseconds after noon.
pub(super) fn later(microseconds: i64) -> Result<Timestamp, Violation> {
    Ok(NOON.checked_add(SignedDuration::from_micros(microseconds))?)
}

/// Checks that a dead letter was to be settled which is not there.
pub(super) fn ensure_not_parked(
    outcome: &Result<(), CheckpointError>,
    subscription: &str,
    position: u64,
) -> Result<(), Violation> {
    let told = match outcome {
        Err(CheckpointError::NotParked {
            subscription: whose,
            position: missing,
        }) => whose == subscription && *missing == at(position),
        _ => false,
    };
    let expected = format_args!("NotParked for {subscription:?} at {position}");
    ensure(told, expected, outcome)
}
