//! Whether the settings that the store's promises rest on are as they must be.

use std::time::Instant;

use orchestrix::error::BoxError;
use orchestrix::store::{StoreHealth, StoreSetting};
use rusqlite::Connection;

use crate::connection::{JOURNAL_MODE, SYNCHRONOUS};
use crate::failure::Failure;
use crate::migrate::{APPLICATION_ID, KNOWN};
use crate::readers::Readers;
use crate::writer::Writer;

/// What `PRAGMA synchronous` says for `FULL`; `EXTRA` is above it.
const SYNCHRONOUS_FULL: i64 = 2;

/// What the file tells of itself to any connection.
#[derive(Debug, Clone)]
struct Told {
    journal_mode: String,
    application_id: i64,
    user_version: i64,
}

/// Asks a reader and the writer.
pub(crate) async fn ask(
    backend: &'static str,
    readers: &Readers,
    writer: &Writer,
    is_file: bool,
) -> StoreHealth {
    let asked = Instant::now();
    let told = match readers.read(by_reader).await {
        Ok(told) => told,
        Err(failure) => return StoreHealth::new(backend, Err(cause(&failure))),
    };
    let round_trip = asked.elapsed();
    match writer.synchronous().await {
        Ok(synchronous) => {
            // A store in memory promises nothing that its end would break.
            let synchronous = is_file.then_some(synchronous);
            StoreHealth::new(backend, Ok(round_trip)).with_settings(judge(&told, synchronous))
        }
        Err(failure) => StoreHealth::new(backend, Err(cause(&failure))),
    }
}

fn cause(failure: &Failure) -> BoxError {
    failure.driver_error().clone().into()
}

fn by_reader(connection: &Connection) -> Result<Told, Failure> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0));
    Ok(Told {
        journal_mode: connection.pragma_query_value(None, JOURNAL_MODE, |row| row.get(0))?,
        application_id: number("application_id")?,
        user_version: number("user_version")?,
    })
}

/// `synchronous` is that of the writer's connection, for a file.
fn judge(told: &Told, synchronous: Option<i64>) -> Vec<StoreSetting> {
    let mut settings = vec![
        StoreSetting::new(
            "application_id",
            told.application_id.to_string(),
            told.application_id == i64::from(APPLICATION_ID),
            "nobody else takes the file for theirs",
        ),
        StoreSetting::new(
            "user_version",
            told.user_version.to_string(),
            told.user_version == i64::from(KNOWN),
            "the schema is the one that this version writes",
        ),
    ];
    if let Some(synchronous) = synchronous {
        settings.push(StoreSetting::new(
            JOURNAL_MODE,
            &*told.journal_mode,
            told.journal_mode == "wal",
            "a crash leaves an append whole or absent, and readers never wait for writers",
        ));
        settings.push(StoreSetting::new(
            SYNCHRONOUS,
            synchronous.to_string(),
            synchronous >= SYNCHRONOUS_FULL,
            "what was acknowledged survives a power failure",
        ));
    }
    settings
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{APPLICATION_ID, KNOWN, StoreHealth, Told, judge};

    fn well() -> Told {
        Told {
            journal_mode: "wal".into(),
            application_id: APPLICATION_ID.into(),
            user_version: KNOWN.into(),
        }
    }

    /// The names of the settings that do not hold.
    fn broken(told: &Told, synchronous: Option<i64>) -> Vec<&'static str> {
        let settings = judge(told, synchronous);
        let broken = settings.iter().filter(|setting| !setting.holds);
        let names: Vec<_> = broken.map(|setting| setting.name).collect();
        let health = StoreHealth::new("sqlite", Ok(Duration::ZERO)).with_settings(settings);
        assert_eq!(health.is_well(), names.is_empty());
        names
    }

    #[test]
    fn what_does_not_hold_is_named() {
        for (synchronous, wanted) in [
            (None, &[][..]),
            (Some(0), &["synchronous"]),
            (Some(1), &["synchronous"]),
            (Some(2), &[]),
            (Some(3), &[]),
        ] {
            assert_eq!(broken(&well(), synchronous), wanted, "{synchronous:?}");
        }
        let told = Told {
            journal_mode: "delete".into(),
            application_id: 0,
            user_version: i64::from(KNOWN) + 1,
        };
        let wanted = ["application_id", "user_version", "journal_mode"];
        assert_eq!(broken(&told, Some(2)), wanted);
        assert_eq!(broken(&told, None), wanted[..2]);
    }
}
