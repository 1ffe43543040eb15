#![doc = include_str!("../docs/middleware.md")]

mod around;
mod authorise;
mod call;
mod carry_out;
mod command_call;
mod command_reply;
mod delivery_call;
mod idempotency;
mod layers;
mod logging;
mod next;
mod rate_limit;
mod rejection;
mod retry;
mod service;
mod time_limit;

pub use around::{Around, Middleware, Surrounded, around};
pub use authorise::{Authorise, AuthoriseOutput, Verdict};
pub use call::Call;
pub(crate) use carry_out::{CarryOut, through};
pub use command_call::{CommandCall, CommandTarget};
pub use command_reply::{CommandReply, ForeignReply};
pub use delivery_call::DeliveryCall;
pub(crate) use delivery_call::Handle;
pub use idempotency::{Idempotency, IdempotencyOutput, Keyed};
pub(crate) use layers::Layers;
pub use logging::Logging;
pub use next::Next;
pub use rate_limit::{RateLimit, RateLimitError, RateLimited};
pub(crate) use rejection::forget;
pub use rejection::{CommandError, Rejection};
pub use retry::Retry;
pub use service::CallService;
pub use time_limit::TimeLimit;
