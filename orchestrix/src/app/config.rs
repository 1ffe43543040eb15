//! The limits of an application.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::StartError;
use crate::store::MAX_PAGE;

/// Shorter ones end while a busy machine looks away.
const LEASE_DURATIONS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(3_600);

/// More share no round trips any better.
const MOST_SAGAS_AT_ONCE: usize = 4_096;

/// The limits of an application. Every field is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// How long a command may take, unless its dispatch says otherwise. 30 s.
    pub dispatch_timeout: Duration,
    /// How long a query waits, unless it says otherwise: for a read model to be as fresh as asked for, for each page of
    /// documents, for the state of an aggregate. 10 s.
    pub view_timeout: Duration,
    /// How long what the app was given to do [when it is shut down](super::Builder::on_shutdown) may take. 10 s.
    pub stopping_timeout: Duration,
    /// How long a shutdown waits for commands under way. 10 s.
    pub draining_timeout: Duration,
    /// How long a shutdown waits for the subscriptions, which finish what they are at and keep their checkpoints. 10 s.
    pub checkpointing_timeout: Duration,
    /// How long closing the store may take at the end of a shutdown. 10 s.
    pub closing_timeout: Duration,
    /// How long this node may serve subscriptions, and be at what was due, without saying that it lives; it says so five times
    /// as often. Where it dies and cannot be seen to be dead, others go on after this time. 100 ms to 1 h. 5 s.
    pub lease_duration: Duration,
    /// How many times a command is decided while others, on other nodes, write to its stream in between; at least 1.
    /// 1,000: on a hot stream shared by many nodes some commands meet hundreds of conflicts in a row, and the time
    /// limit of the dispatch holds all the same.
    pub conflict_attempts: u32,
    /// Whether a call that says no tenant, and is awaited in no [scope](crate::tenant), is an error instead of the default
    /// tenant's. No.
    pub require_tenant: bool,
    /// How many aggregates are kept in memory between commands; 0 for none. 10,000.
    pub cached_aggregates: usize,
    /// How many events a subscription reads and commits at once, 1 to 1,000. 1,000 for projections.
    pub projection_page: usize,
    /// How many events an event handler reads before its checkpoint moves, 1 to 1,000: what may come again after a
    /// crash. 100.
    pub handler_page: usize,
    /// How many instances of one saga run at once on this node, in each lane; 1 to 4,096. 64.
    pub sagas_at_once: usize,
    /// Whether the app does not start where the steps of a saga changed so that instances under way cannot go on. The look
    /// at them takes `view_timeout` at most. Without, it starts, says so in the log, and each of these instances is a failed
    /// event of the saga's subscription, until it is [resolved](crate::saga::Sagas::resolve). Yes.
    pub refuse_changed_sagas: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dispatch_timeout: Duration::from_secs(30),
            view_timeout: Duration::from_secs(10),
            stopping_timeout: Duration::from_secs(10),
            draining_timeout: Duration::from_secs(10),
            checkpointing_timeout: Duration::from_secs(10),
            closing_timeout: Duration::from_secs(10),
            lease_duration: Duration::from_secs(5),
            conflict_attempts: 1_000,
            require_tenant: false,
            cached_aggregates: 10_000,
            projection_page: 1_000,
            handler_page: 100,
            sagas_at_once: 64,
            refuse_changed_sagas: true,
        }
    }
}

impl Config {
    /// The defaults, to change fields of.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether every field is in its range; else the first that is not.
    pub(super) fn check(&self) -> Result<(), StartError> {
        if self.conflict_attempts == 0 {
            return Err(StartError::Config {
                field: "conflict_attempts",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        if !LEASE_DURATIONS.contains(&self.lease_duration) {
            return Err(StartError::Config {
                field: "lease_duration",
                value: format!("{:?}", self.lease_duration),
                allowed: "100 ms to 1 h",
            });
        }
        check_page("projection_page", self.projection_page)?;
        check_page("handler_page", self.handler_page)?;
        match (1..=MOST_SAGAS_AT_ONCE).contains(&self.sagas_at_once) {
            true => Ok(()),
            false => Err(StartError::Config {
                field: "sagas_at_once",
                value: self.sagas_at_once.to_string(),
                allowed: "1 to 4,096",
            }),
        }
    }
}

fn check_page(field: &'static str, events: usize) -> Result<(), StartError> {
    match (1..=MAX_PAGE).contains(&events) {
        true => Ok(()),
        false => Err(StartError::Config {
            field,
            value: events.to_string(),
            allowed: "1 to 1,000",
        }),
    }
}
