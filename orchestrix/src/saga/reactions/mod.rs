//! Sagas of reactions: events in, commands and timers out.

mod asked;
mod erased;
mod instance;
mod log;
mod outputs;
mod reacting_sagas;
mod record;
mod rejection;
mod serve;
mod timers;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Event;

pub use asked::Reactions;
pub(crate) use erased::ErasedReacting;
pub use reacting_sagas::ReactingSagas;
pub use rejection::Rejection;
pub(crate) use timers::{TIMER, fire};

pub(super) use record::{KeptCommand, KeptTimers, Place};

/// Work that is led by events: each changes the state of the instance that it belongs to, and may ask for commands and timers.
///
/// - An instance begins with an event for which [`begin`](Self::begin) gives a state. Events before that, and those after it
///   has [completed](Reactions::complete), are ignored.
/// - It reacts to each event once, in the order of the log, one after the other. What a reaction asked for is kept with the
///   new state in one event of the instance's stream, and done after that: also after a crash, and each command with its
///   effect once.
/// - Failures that may pass are tried again for as long as they last. What the domain refuses is kept, and comes back as
///   [`rejected`](Self::rejected).
/// - A timer fires once, at its time by the app's clock or as soon as possible after it. One that was cancelled or set anew
///   does not, however late that was.
///
/// Reactions are pure: they do no more than change the state and ask. So they are tested without an app.
///
/// `#[saga]` on an impl block writes this, from `#[start]`, `#[on]`, `#[timer]` and `#[rejected]` methods. By hand it is:
///
/// ```
/// use std::time::Duration;
/// use orchestrix::prelude::*;
/// use orchestrix::saga::{Reacting, Reactions, Rejection};
///
/// #[derive(Event, Serialize, Deserialize)]
/// enum Order { Placed { order: String }, Paid { order: String } }
///
/// #[derive(Command, Serialize, Deserialize)]
/// struct Cancel { #[id] order: String }
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Deadline {}
///
/// impl Reacting for Deadline {
///     const NAME: &'static str = "deadline";
///     const TIMERS: &'static [&'static str] = &["overdue"];
///     type Event = Order;
///     fn key(event: &Order) -> String {
///         match event { Order::Placed { order } | Order::Paid { order } => order.clone() }
///     }
///     fn begin(event: &Order, cx: &mut Reactions) -> Option<Self> {
///         let Order::Placed { .. } = event else { return None };
///         cx.set_timer("overdue", Duration::from_secs(3600));
///         Some(Deadline {})
///     }
///     fn react(&mut self, event: &Order, cx: &mut Reactions) {
///         if let Order::Paid { .. } = event { cx.complete() }
///     }
///     fn fire(&mut self, _: usize, cx: &mut Reactions) {
///         cx.dispatch(Cancel { order: cx.key().to_owned() });
///         cx.complete();
///     }
///     fn rejected(&mut self, _: &Rejection, _: &mut Reactions) -> bool { false }
/// }
///
/// let mut cx = Reactions::at("2024-02-29T12:00:00Z".parse()?).of("7");
/// let mut deadline = Deadline::begin(&Order::Placed { order: "7".into() }, &mut cx).ok_or("it begins")?;
/// let mut cx = Reactions::at("2024-02-29T13:00:00Z".parse()?).of("7");
/// deadline.fire(0, &mut cx);
/// assert_eq!(cx.dispatched::<Cancel>()[0].order, "7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga of reactions",
    label = "not a saga of reactions",
    note = "put `#[saga(key = ..)]` on an `impl {Self}` block with `#[start]` and `#[on]` methods; \
            `{Self}` must be `Clone + Serialize + Deserialize`"
)]
pub trait Reacting: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its durable name, unique among the sagas of an app; holds no hyphen.
    const NAME: &'static str;

    /// The durable names of its timers. One that is set and not among them is a failure.
    const TIMERS: &'static [&'static str];

    /// All events that it begins with or reacts to.
    type Event: Event;

    /// The key of the instance that an event belongs to: unique among those of its tenant.
    fn key(event: &Self::Event) -> String;

    /// The state that an event begins an instance with; none where it begins none. Asked while there is no instance.
    fn begin(event: &Self::Event, cx: &mut Reactions) -> Option<Self>;

    /// Reacts to an event.
    fn react(&mut self, event: &Self::Event, cx: &mut Reactions);

    /// Reacts to the timer at this place of [`TIMERS`](Self::TIMERS). It is set no more.
    fn fire(&mut self, timer: usize, cx: &mut Reactions);

    /// Reacts to the domain's refusal of a command, also in an instance that has completed; says whether it has an answer to
    /// it. Without, the instance is [`Stuck`](super::SagaStatus::Stuck) until a person [has
    /// seen](ReactingSagas::resolve) to it; it goes on all the same.
    fn rejected(&mut self, rejection: &Rejection, cx: &mut Reactions) -> bool;
}
