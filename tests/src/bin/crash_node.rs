//! A node of a bank that several share, to be killed and stopped: `crash_node <url> <effects> <moves> <name>
//! <lease>`, the lease in milliseconds.
//!
//! It tells of each effect with a byte on its standard output, and ends by itself when its standard input ends, that is with the test that started it.

use std::time::Duration;

use orchestrix::error::BoxError;
use tests::crash_bank::{NodeNotes, start_node};
use tests::end_with_standard_input;

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, effects, moves, name, lease] = &arguments[..] else {
        return Err("usage: crash_node <url> <effects> <moves> <name> <lease>".into());
    };
    let lease = Duration::from_millis(lease.parse()?);
    let notes = NodeNotes {
        effects: effects.into(),
        moves: moves.into(),
        tells: true,
    };
    end_with_standard_input();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let _app = start_node(url, &notes, name, lease).await?;
        std::future::pending().await
    })
}
