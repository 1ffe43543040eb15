//! A bank that is killed while it works: `crash_bank <sqlite|postgres> <place> <acknowledged> <handled> <seed>
//! [rebuilding]`, with which it also builds its read models anew.
//!
//! It writes down what was acknowledged and what was handled, and tells of each acknowledgement with a byte on its standard
//! output. It ends by itself when its standard input ends, that is with the test that started it.

use std::path::Path;

use orchestrix::error::BoxError;
use tests::crash_bank::{Bank, BankPlace, rebuild, write};
use tests::{Notes, end_with_standard_input};

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, place, acknowledged, handled, seed, more @ ..] = &arguments[..] else {
        return Err(
            "usage: crash_bank <sqlite|postgres> <place> <acknowledged> <handled> <seed> [rebuilding]".into(),
        );
    };
    let is_rebuilding = more == ["rebuilding"];
    let Some(place) = BankPlace::of_arguments(kind, place) else {
        return Err(format!("there is no store `{kind}`").into());
    };
    let bank = Bank::noting_in(Path::new(handled))?;
    let acknowledged = Notes::told(Path::new(acknowledged))?;
    let seed = seed.parse()?;
    end_with_standard_input();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let app = place.start(bank).await?;
        let writing = write(&app, acknowledged, seed);
        if !is_rebuilding {
            return writing.await;
        }
        tokio::select! {
            written = writing => written,
            rebuilt = rebuild(&app) => rebuilt,
        }
    })
}
