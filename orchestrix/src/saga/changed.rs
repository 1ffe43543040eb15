//! Instances that are under way, and cannot go on with the steps as they are now.

use std::fmt;

use crate::store::{GlobalPosition, TenantId};

/// What an instance under way cannot go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepChange {
    /// A step that it has begun is not there any more, or has another name now.
    Gone {
        /// The step.
        step: String,
    },
    /// A step that it has begun comes after other steps now.
    Moved {
        /// The step.
        step: String,
    },
}

impl fmt::Display for StepChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone { step } => write!(f, "step `{step}` was begun, and is no more"),
            Self::Moved { step } => {
                write!(
                    f,
                    "step `{step}` was begun, and comes after other steps now"
                )
            }
        }
    }
}

/// An instance that is under way, and cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedInstance {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its key.
    pub key: String,
    /// What it has begun that has changed; at least one.
    pub changes: Vec<StepChange>,
}

/// A saga whose steps changed under instances that are under way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedSaga {
    /// The saga.
    pub saga: &'static str,
    /// How many instances cannot go on.
    pub total: u64,
    /// The first of them, by tenant and key; at most [`MOST_LISTED`](ChangedSagas::MOST_LISTED).
    pub instances: Vec<ChangedInstance>,
}

/// What [`Builder::start`](crate::app::Builder::start) found under way that cannot go on, as its
/// [`StartError`](crate::app::StartError) tells it: which sagas, which of their instances, and what to do.
///
/// An instance goes on where the steps that it has begun are there, after the same steps as when it began; new steps may come
/// last, and what it has not reached may change. A saga that changes otherwise gets another name, and begins where the one
/// before ends, so that each event starts one of both:
///
/// ```
/// use std::sync::Arc;
/// use orchestrix::module::{Module, Parts};
/// use orchestrix::prelude::*;
/// use orchestrix::store::GlobalPosition;
/// use orchestrix::subscription::{Delivery, StartFrom};
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct OrderPlaced { order: u32 }
///
/// /// As it was: its instances go on to their ends.
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Fulfilment {}
/// #[saga(key = order)]
/// impl Fulfilment {
///     #[start] fn begin(_: &OrderPlaced) -> Self { Self {} }
///     #[step] async fn reserve(&self) -> Result<(), StepError> { Ok(()) }
/// }
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Fulfilment2 {}
/// #[saga(key = order)]
/// impl Fulfilment2 {
///     #[start] fn begin(_: &OrderPlaced) -> Self { Self {} }
///     #[step] async fn allocate(&self) -> Result<(), StepError> { Ok(()) }
/// }
///
/// /// Where the log ended when nothing ran the old code any more.
/// const HANDOVER: GlobalPosition = GlobalPosition::new(4_711);
///
/// struct Shop;
/// impl Module for Shop {
///     fn name(&self) -> &'static str { "shop" }
///     fn register(self: Arc<Self>, parts: &mut Parts) {
///         parts.saga_until::<Fulfilment>(HANDOVER);
///         parts.saga::<Fulfilment2>();
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut delivery = Delivery::default();
/// delivery.start = StartFrom::After(HANDOVER);
/// let app = Orchestrix::builder()
/// #   .isolated()
///     .store(MemoryStore::new())
///     .module(Shop)
///     .delivery("saga.fulfilment2", delivery)
///     .start()
///     .await?;
/// # Ok(app.shutdown().await?) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedSagas {
    /// Those with such instances; at least one.
    pub sagas: Vec<ChangedSaga>,
    /// Where the log ended when that was found out.
    pub head: GlobalPosition,
    /// Whether all instances were looked at. If not, the store took too long, and there may be more.
    pub is_whole: bool,
}

impl ChangedSagas {
    /// So many instances of each saga are listed at most.
    pub const MOST_LISTED: usize = 20;
}

impl fmt::Display for ChangedSagas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sagas have changed under instances that are under way, which cannot go on")?;
        for saga in &self.sagas {
            saga.fmt_list(f, self.is_whole)?;
        }
        let head = self.head;
        write!(
            f,
            "\nwhat to do, one of:\
            \n  - take the change back: steps that were begun keep their names and what they come after; new steps come last, \
            and steps that no instance has begun may change\
            \n  - give the changed saga another name, and keep the old one until its instances have ended: stop all that runs \
            the old code, take the position where the log ends then (now {head}), register the old saga with \
            `parts.saga_until::<Old>(GlobalPosition::new({head}))`, and have the new one begin there, with \
            `StartFrom::After(GlobalPosition::new({head}))` in the `Delivery` of its subscription\
            \n  - settle these instances by hand: start with `refuse_changed_sagas` set to false in the `Config`, and say for \
            each what was done about it, with `app.sagas::<S>().tenant(tenant).resolve(key, note)`"
        )
    }
}

impl ChangedSaga {
    fn fmt_list(&self, f: &mut fmt::Formatter<'_>, is_whole: bool) -> fmt::Result {
        let at_least = if is_whole { "" } else { "at least " };
        let are = if self.total == 1 {
            "instance"
        } else {
            "instances"
        };
        write!(
            f,
            "\n  saga `{}`, {at_least}{} {are}:",
            self.saga, self.total
        )?;
        for instance in &self.instances {
            let ChangedInstance { tenant, key, .. } = instance;
            write!(f, "\n    - `{key}`")?;
            if *tenant != TenantId::default() {
                write!(f, " of tenant `{tenant}`")?;
            }
            for (n, change) in instance.changes.iter().enumerate() {
                write!(f, "{} {change}", if n == 0 { ":" } else { ";" })?;
            }
        }
        match self.total - self.instances.len() as u64 {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }
}

impl std::error::Error for ChangedSagas {}

/// All of them, in one line.
pub(super) fn told(changes: &[StepChange]) -> String {
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    told.join("; ")
}
