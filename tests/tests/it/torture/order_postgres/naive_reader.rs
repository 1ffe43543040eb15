//! The control: the reader that everybody writes first.

use orchestrix::error::BoxError;
use orchestrix::store::Changes;
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;
use url::Url;

use super::reader::POLL;

/// Reads what is visible after the last position it has seen, until it has come to the position that it is told is the
/// last; the positions that it got.
pub(super) async fn follow(
    url: Url,
    mut changes: Changes,
    ended: watch::Receiver<Option<u64>>,
) -> Result<Vec<u64>, BoxError> {
    let mut session = PgConnection::connect(url.as_str()).await?;
    let mut seen: Vec<u64> = Vec::new();
    loop {
        let last = seen.last().map_or(0, |last| *last as i64);
        let positions: Vec<i64> = sqlx::query_scalar(
            "select position from orchestrix.events where position > $1 order by position limit 1000",
        )
        .bind(last)
        .fetch_all(&mut session)
        .await?;
        seen.extend(positions.iter().map(|position| *position as u64));
        if ended.borrow().is_some_and(|end| seen.last() >= Some(&end)) {
            return Ok(seen);
        }
        if positions.is_empty() {
            changes.changed(POLL).await;
        }
    }
}
