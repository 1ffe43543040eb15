//! Private throwaway servers for tests.
//!
//! Every server runs on a free port of 127.0.0.1 with its data in a temporary folder of its own, so any number of test
//! binaries can run at the same time. A server goes away with the value that represents it; a [`Guardian`] removes it
//! also when the process that started it dies in a way that runs no destructors.
//!
//! Tests that only need *a* database call [`postgres_url`] and [`require_or_skip`]:
//!
//! ```no_run
//! fn a_test() {
//!     let Some(url) = test_servers::require_or_skip("a_test", test_servers::postgres_url()) else {
//!         return;
//!     };
//!     println!("connect to {url} and create a database named after the test");
//! }
//! # a_test();
//! ```
//!
//! Tests that kill and restart the server own one: see [`Postgres`].

mod account;
mod apt;
mod availability;
mod error;
mod guardian;
mod port;
pub mod postgres;
mod scratch;
mod server_process;
mod shared_postgres;

pub use availability::{Availability, require_or_skip};
pub use error::ServerError;
pub use guardian::{Guardian, Target};
pub use postgres::{Options, Postgres};
pub use rustix::process::Signal;
pub use shared_postgres::{
    POSTGRES_URL_VARIABLE, QUICK_VARIABLE, configured_postgres_url, postgres_url,
};
