//! Somebody who looks at the table of leases all the time.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::fencing::Taken;
use super::leases::{LeaseSeen, Ledger};
use crate::torture::work::within;

/// Between two looks: the table tells nobody, and what is to be seen is each holder of a lease.
const PAUSE: Duration = Duration::from_millis(5);
/// The time is that of the statement's beginning: what the statement sees is not older.
const LOOK: &str = "select name, node, token, node is not null and expires_at > statement_timestamp() as lasts \
                    from orchestrix.leases order by name";

/// All that was seen, and nothing that must not be.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) ledger: Ledger,
    /// Which leases were taken when.
    pub(super) taken: Vec<Taken>,
}

pub(super) struct Watch {
    seen: watch::Receiver<Vec<LeaseSeen>>,
    stop: watch::Sender<bool>,
    looking: JoinHandle<Result<Watched, BoxError>>,
}

impl Watch {
    /// From now on. The table must be there, and the file of moves.
    pub(super) async fn start(url: &str, moves: PathBuf) -> Result<Self, BoxError> {
        let connection = PgConnection::connect(url).await?;
        let (sender, seen) = watch::channel(Vec::new());
        let (stop, stopped) = watch::channel(false);
        let looking = tokio::spawn(look(connection, moves, sender, stopped));
        Ok(Self {
            seen,
            stop,
            looking,
        })
    }

    /// As last seen.
    pub(super) fn now(&self) -> Vec<LeaseSeen> {
        self.seen.borrow().clone()
    }

    /// Waits until this was seen; tells how long it took since then.
    pub(super) async fn until(
        &self,
        since: Instant,
        limit: Duration,
        what: &str,
        is_so: impl Fn(&[LeaseSeen]) -> bool,
    ) -> Result<Duration, BoxError> {
        let mut seen = self.seen.clone();
        let coming = seen.wait_for(|leases| is_so(leases));
        match within(limit, what, coming).await {
            Ok(Ok(_)) => Ok(since.elapsed()),
            Ok(Err(_)) => {
                Err(format!("nobody looks any more, and it was not seen that {what}").into())
            }
            Err(late) => Err(format!("{late}: {:?}", self.now()).into()),
        }
    }

    /// Whether nothing was seen that must not be.
    pub(super) async fn end(self) -> Result<Watched, BoxError> {
        self.stop.send_replace(true);
        self.looking.await?
    }
}

async fn look(
    mut connection: PgConnection,
    moves: PathBuf,
    seen: watch::Sender<Vec<LeaseSeen>>,
    stop: watch::Receiver<bool>,
) -> Result<Watched, BoxError> {
    let mut watched = Watched::default();
    while !*stop.borrow() {
        let rows: Vec<(String, Option<String>, i64, bool)> =
            sqlx::query_as(LOOK).fetch_all(&mut connection).await?;
        let rows = rows.into_iter();
        let leases: Vec<_> = rows
            .map(|(name, node, token, lasts)| LeaseSeen {
                name,
                node,
                token,
                lasts,
            })
            .collect();
        let taken = watched.ledger.look(&leases)?;
        // What is written down behind this comes after the look.
        let at = moves.metadata()?.len();
        for lease in taken {
            watched.taken.push(Taken {
                token: u64::try_from(lease.token)?,
                lease: lease.name,
                at,
            });
        }
        seen.send_replace(leases);
        tokio::time::sleep(PAUSE).await;
    }
    connection.close().await?;
    Ok(watched)
}
