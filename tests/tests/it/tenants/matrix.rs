//! Every operation of one tenant beside every observation of another.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use orchestrix::error::{BoxError, chain};
use orchestrix::message::MessageId;
use orchestrix::store::{GlobalPosition, Ports, TenantId};

use super::observations::OBSERVATIONS;
use super::operations::{Held, OPERATIONS};
use super::recording::{Method, Recording};
use super::side::{Side, World};

/// Who acts and who looks: names that differ in a letter's case, in a blank, and one of them the default.
const PAIRS: &[(&str, &str)] = &[
    ("acme", "globex"),
    ("acme", "Acme"),
    ("acme", "acme "),
    (TenantId::DEFAULT, "acme"),
    ("acme", TenantId::DEFAULT),
];

pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// A named call of a tenant.
pub(super) struct Row<T> {
    pub(super) name: &'static str,
    pub(super) call: fn(Side) -> Boxed<T>,
}

/// Whatever a tenant does, another sees what it would see if the first did not exist.
pub(super) async fn tenants_are_apart(ports: Ports) {
    let seen = leaks(ports).await;
    assert!(seen.is_empty(), "{} are seen: {seen:#?}", seen.len());
}

/// What tenants see of each other.
pub(crate) async fn leaks(ports: Ports) -> Vec<String> {
    let mut seen = Vec::new();
    for (m, observation) in OBSERVATIONS.iter().enumerate() {
        let alone = alone(&ports, observation).await;
        for (n, operation) in OPERATIONS.iter().enumerate() {
            // Each operation meets each observation; pairs of names take turns.
            let (by, of) = PAIRS[(m + n) % PAIRS.len()];
            let beside = beside(&ports, &operation.row, observation, by, of).await;
            if beside != alone {
                seen.push(format!(
                    "{} of {of:?} sees that {by:?} did {}: {beside:?} instead of {alone:?}",
                    observation.name, operation.row.name,
                ));
            }
        }
    }
    seen
}

/// Within one tenant, each operation that changes something is seen by an observation, each other one by none; and
/// each observation sees an operation.
pub(super) async fn each_row_makes_a_difference(ports: Ports) {
    let mut seen_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut sees: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for observation in OBSERVATIONS {
        let alone = alone(&ports, observation).await;
        for operation in OPERATIONS {
            let within = beside(&ports, &operation.row, observation, "acme", "acme").await;
            if within != alone {
                seen_by
                    .entry(operation.row.name)
                    .or_default()
                    .push(observation.name);
                sees.entry(observation.name)
                    .or_default()
                    .push(operation.row.name);
            }
        }
    }
    for operation in OPERATIONS {
        let name = operation.row.name;
        let seen = seen_by.get(name);
        assert_eq!(
            seen.is_some(),
            operation.changes,
            "{name} is seen by {seen:?}"
        );
    }
    for observation in OBSERVATIONS {
        let name = observation.name;
        assert!(
            sees.contains_key(name),
            "{name} sees nothing, whatever is done"
        );
    }
}

/// No call of a port is left out: a port that gets a new one is not in this test until it is in the matrix.
pub(super) async fn each_call_is_made(ports: Ports) {
    let recording = Arc::new(Recording::new(ports));
    let ports = Ports::of(recording.clone());
    // What prepares a tenant does not count as being in the matrix.
    for operation in OPERATIONS {
        let side = prepared(&ports, "acme").await;
        recording.forget();
        let done = (operation.row.call)(side).await;
        done.unwrap_or_else(|error| panic!("{}: {}", operation.row.name, chain(&*error)));
        recording.keep();
    }
    let missing: Vec<_> = Method::ALL
        .iter()
        .filter(|call| !recording.kept(**call))
        .collect();
    assert!(missing.is_empty(), "no tenant does {missing:?}");
}

/// What a tenant sees in a world of its own.
async fn alone(ports: &Ports, observation: &Row<String>) -> String {
    let side = prepared(ports, "globex").await;
    let seen = (observation.call)(side).await;
    seen.unwrap_or_else(|error| panic!("{}: {}", observation.name, chain(&*error)))
}

/// What the one tenant sees when the other has done something, with all that it does going on. That one of them fails,
/// which alone does not, is something that is seen, too.
async fn beside(
    ports: &Ports,
    operation: &Row<Held>,
    observation: &Row<String>,
    by: &str,
    of: &str,
) -> String {
    let seen = try_beside(ports, operation, observation, by, of).await;
    seen.unwrap_or_else(|error| format!("a failure: {}", chain(&*error)))
}

async fn try_beside(
    ports: &Ports,
    operation: &Row<Held>,
    observation: &Row<String>,
    by: &str,
    of: &str,
) -> Result<String, BoxError> {
    let world = world(ports).await;
    let doing = match by == of {
        true => None,
        false => Some(enter(ports, &world, by).await?),
    };
    let seeing = enter(ports, &world, of).await?;
    let doing = doing.unwrap_or_else(|| seeing.clone());
    let held = (operation.call)(doing).await?;
    let seen = (observation.call)(seeing).await?;
    for lock in held {
        lock.release().await?;
    }
    Ok(seen)
}

async fn prepared(ports: &Ports, tenant: &str) -> Side {
    let world = world(ports).await;
    let side = enter(ports, &world, tenant).await;
    side.unwrap_or_else(|error| panic!("{tenant:?} cannot prepare itself: {}", chain(&*error)))
}

async fn enter(ports: &Ports, world: &Arc<World>, tenant: &str) -> Result<Side, BoxError> {
    Side::prepared(ports, world, &TenantId::new(tenant)?).await
}

async fn world(ports: &Ports) -> Arc<World> {
    static WORLDS: AtomicUsize = AtomicUsize::new(0);
    let began = ports.events.head().await;
    Arc::new(World {
        number: WORLDS.fetch_add(1, Ordering::Relaxed),
        ids: std::array::from_fn(|_| MessageId::new()),
        began: began.unwrap_or(GlobalPosition::START),
    })
}
