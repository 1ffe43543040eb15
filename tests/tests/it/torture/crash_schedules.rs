//! A process is killed while it is at commands that were scheduled: another one carries them out as soon as the claims of
//! the first have ended, each once, whether the first had done them or not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::store::{ReadStream, StreamId};
use tests::crash_bank::BankPlace;
use tests::crash_schedules::{BELLS, LEASE, Stand, bell};

use super::in_database::{in_database, on_runtime};
use super::told_process::ToldProcess;
use super::work::{amount, seen};

/// At full size.
const FULL_KILLS: usize = 40;
/// The heir is at work so much later than the claims have ended, at most.
const LATE: Duration = Duration::from_secs(1);

#[test]
fn what_a_killed_process_was_at_is_done_by_another_once_in_sqlite() -> Result<(), BoxError> {
    const TEST: &str = "what_a_killed_process_was_at_is_done_by_another_once_in_sqlite";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let place = BankPlace::Sqlite(folder.path().join("bells.db"));
    on_runtime(run(place, kills))
}

#[test]
fn what_a_killed_process_was_at_is_done_by_another_once_in_postgres() -> Result<(), BoxError> {
    const TEST: &str = "what_a_killed_process_was_at_is_done_by_another_once_in_postgres";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    in_database(TEST, |url| run(BankPlace::Postgres(url.into()), kills))
}

async fn run(place: BankPlace, kills: usize) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let mut longest = Duration::ZERO;
    for round in 0..kills {
        let stand = [Stand::Before, Stand::After][round % 2];
        let took = kill_one(&place, folder.path(), stand, round).await?;
        eprintln!("killed {stand:?}: {BELLS} were carried out in {took:?}");
        longest = longest.max(took);
        judge(&place, round).await?;
    }
    assert!(
        longest <= LEASE + LATE,
        "it took {longest:?}, claims last {LEASE:?}"
    );
    Ok(())
}

/// Kills one process that is at all bells of a round; says how long it took until another had rung them.
async fn kill_one(
    place: &BankPlace,
    folder: &Path,
    stand: Stand,
    round: usize,
) -> Result<Duration, BoxError> {
    let noted = |who: &str| folder.join(format!("{who}-{round}"));
    let mut first = start(place, &noted("first"), stand, round)?;
    first.comes_on(BELLS).await?;
    let mut heir = start(place, &noted("heir"), Stand::Nowhere, round)?;
    heir.comes_on(1).await?;
    let early = lines(&noted("heir"))?;
    assert_eq!(early, ["started"], "the first one is at all of them");
    first.kill()?;
    let killed = Instant::now();
    heir.comes_on(1 + BELLS).await?;
    let took = killed.elapsed();
    // It is to have told the store of all, so that none of them comes again in the next round.
    let store = place.open().await?;
    let schedules = store.ports().schedules;
    let is_done = seen("nothing waits any more", async || {
        Ok(schedules.next_scheduled().await?.is_none())
    });
    let is_done = is_done.await;
    store.close().await?;
    is_done?;
    heir.kill()?;
    let mut rung = lines(&noted("heir"))?.split_off(1);
    rung.sort();
    let all: Vec<_> = (0..BELLS)
        .map(|number| format!("schedule/{}", bell(round, number)))
        .collect();
    assert_eq!(rung, all, "each is begun once");
    Ok(took)
}

fn start(
    place: &BankPlace,
    noted: &Path,
    stand: Stand,
    round: usize,
) -> Result<ToldProcess, BoxError> {
    ToldProcess::start(
        Command::new(env!("CARGO_BIN_EXE_crash_schedules"))
            .args(place.arguments())
            .arg(noted)
            .args([stand.argument(), &round.to_string()]),
    )
}

fn lines(file: &PathBuf) -> Result<Vec<String>, BoxError> {
    Ok(fs::read_to_string(file)?
        .lines()
        .map(str::to_owned)
        .collect())
}

/// Each bell was rung once.
async fn judge(place: &BankPlace, round: usize) -> Result<(), BoxError> {
    let store = place.open().await?;
    let ports = store.ports();
    for number in 0..BELLS {
        let stream = StreamId::new("bell", &bell(round, number))?;
        let rung = ports
            .events
            .read_stream(ReadStream::forward(stream))
            .await?;
        assert_eq!(rung.len(), 1, "bell {number} of round {round}");
    }
    store.close().await
}
