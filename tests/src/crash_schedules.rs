//! Bells that are rung at a time, by processes of which one is killed while it is at them.

use std::path::Path;
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::middleware::{CommandCall, CommandError, CommandReply, Middleware, Next, around};
use orchestrix::prelude::*;
use orchestrix::store::ScheduleId;
use orchestrix_postgres::PostgresStore;
use orchestrix_sqlite::SqliteStore;

use crate::Notes;
use crate::crash_bank::BankPlace;

/// How long a claim lasts that nobody extends.
pub const LEASE: Duration = Duration::from_secs(1);
/// So many bells are rung in a round; one process is at all of them at once.
pub const BELLS: usize = 5;

/// A bell was rung.
#[derive(Debug, Event, Serialize, Deserialize)]
pub struct Rung {}

/// Rings a bell.
#[derive(Debug, Command, Serialize, Deserialize)]
pub struct Ring {
    #[id]
    bell: String,
}

/// A bell.
#[derive(Debug, Default)]
pub struct Bell;

#[aggregate]
impl Bell {
    #[handle]
    fn ring(&self, _: Ring) -> Rung {
        Rung {}
    }

    #[apply]
    fn rung(&mut self, _: &Rung) {}
}

/// The module.
#[derive(Debug)]
pub struct Bells;

#[module(name = "bells", aggregates(Bell))]
impl Bells {}

/// Where a process stands still that is at a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It has claimed the command, and done nothing.
    Before,
    /// The bell is rung, and the store of what is scheduled does not know.
    After,
    /// It stands still nowhere.
    Nowhere,
}

impl Stand {
    const NAMED: [(Self, &str); 3] = [
        (Self::Before, "before"),
        (Self::After, "after"),
        (Self::Nowhere, "nowhere"),
    ];

    /// As an argument of a command line.
    pub fn argument(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(stand, _)| *stand == self);
        named.map_or("", |(_, name)| name)
    }

    /// From this argument, if it names one.
    pub fn of_argument(argument: &str) -> Option<Self> {
        let mut named = Self::NAMED.iter();
        named
            .find(|(_, name)| *name == argument)
            .map(|(stand, _)| *stand)
    }
}

/// The name of a bell, and the id of what rings it.
pub fn bell(round: usize, number: usize) -> String {
    format!("r{round}-{number}")
}

/// Starts an app whose commands are noted where they stand still, or once they had their effect.
///
/// # Errors
/// When a file or the store cannot be opened, or the app not be started.
pub async fn start(place: &BankPlace, noted: &Path, stand: Stand) -> Result<App, BoxError> {
    let mut config = Config::new();
    config.lease_duration = LEASE;
    let noted = Notes::told(noted)?;
    let builder = Orchestrix::builder().isolated().config(config);
    let builder = builder.dispatch_layer(around(Standing { stand, noted }));
    let builder = match place {
        BankPlace::Sqlite(file) => builder.store(SqliteStore::open(file).await?),
        BankPlace::Postgres(url) => builder.store(PostgresStore::connect(url).await?),
    };
    Ok(builder.module(Bells).start().await?)
}

/// Has the bells of a round rung at once.
///
/// # Errors
/// When one cannot be scheduled.
pub async fn schedule(app: &App, round: usize) -> Result<(), BoxError> {
    for number in 0..BELLS {
        let bell = bell(round, number);
        let id = ScheduleId::new(bell.clone())?;
        app.schedule(Ring { bell }, Duration::ZERO).id(id).await?;
    }
    Ok(())
}

#[derive(Debug)]
struct Standing {
    stand: Stand,
    noted: Notes,
}

impl Standing {
    fn note(&self, call: &str) -> Result<(), CommandError> {
        let noted = self.noted.note(format!("{call}\n").as_bytes());
        noted.map_err(|error| DispatchError::Middleware {
            source: error.into(),
        })
    }
}

impl Middleware<CommandCall> for Standing {
    async fn handle(
        &self,
        call: CommandCall,
        next: Next<CommandCall>,
    ) -> Result<CommandReply, CommandError> {
        let key = call.idempotency_key().map(|key| key.as_str().to_owned());
        let key = key.unwrap_or_default();
        if self.stand == Stand::Before {
            self.note(&key)?;
            std::future::pending::<()>().await;
        }
        let reply = next.run(call).await?;
        self.note(&key)?;
        if self.stand == Stand::After {
            std::future::pending::<()>().await;
        }
        Ok(reply)
    }
}
