//! An app that does what is scheduled: `crash_schedules <sqlite|postgres> <place> <noted> <before|after|nowhere> <round>`. One
//! that is to stand still [there](tests::crash_schedules::Stand) schedules the bells of the round itself; the others tell
//! once that they have started.
//!
//! It notes each bell, tells of it with a byte on its standard output, and ends by itself when its standard input ends, that
//! is with the test that started it.

use std::path::Path;

use orchestrix::error::BoxError;
use tests::crash_bank::BankPlace;
use tests::crash_schedules::{Stand, schedule, start};
use tests::{Notes, end_with_standard_input};

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, place, noted, stand, round] = &arguments[..] else {
        return Err(
            "usage: crash_schedules <sqlite|postgres> <place> <noted> <before|after|nowhere> <round>"
                .into(),
        );
    };
    let Some(place) = BankPlace::of_arguments(kind, place) else {
        return Err(format!("there is no store `{kind}`").into());
    };
    let Some(stand) = Stand::of_argument(stand) else {
        return Err(format!("nobody stands still `{stand}`").into());
    };
    let noted = Path::new(noted);
    let round = round.parse()?;
    end_with_standard_input();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let app = start(&place, noted, stand).await?;
        match stand {
            Stand::Nowhere => Notes::told(noted)?.note(b"started\n")?,
            Stand::Before | Stand::After => schedule(&app, round).await?,
        }
        std::future::pending().await
    })
}
