//! What a store says of itself.

use std::time::Duration;

use super::opened::Opened;
use super::samples::{some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};

/// A round trip that takes longer is none.
const ROUND_TRIP: Duration = Duration::from_secs(10);

/// An open store answers, by its name, and tells each setting by name and value.
pub async fn an_open_store_answers(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store.append(some(&stream("1")?, 1)?).await?;
    for _ in 0..2 {
        let health = store.backend.health().await;
        ensure_eq("the backend's name", health.backend, store.backend.name())?;
        let in_time = matches!(&health.round_trip, Ok(time) if *time <= ROUND_TRIP);
        ensure(in_time, "a round trip", &health.round_trip)?;
        for setting in &health.settings {
            let told = [setting.name, &setting.value, setting.promise];
            let complete = told.iter().all(|text| !text.is_empty());
            ensure(complete, "a setting with name, value and promise", setting)?;
        }
        ensure(health.head_stall.is_none(), "no stall", &health.head_stall)?;
    }
    Ok(())
}

/// A store that was closed is not well, and says so without an endless wait.
pub async fn a_closed_store_is_not_well(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store.append(some(&stream("1")?, 1)?).await?;
    store.clone().close().await?;
    let health = store.backend.health().await;
    ensure(
        health.round_trip.is_err(),
        "no round trip",
        &health.round_trip,
    )?;
    ensure(!health.is_well(), "a store that is not well", &health)
}
