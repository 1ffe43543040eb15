//! Reading the log.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::{
    Direction, Filter, GlobalPosition, Page, ReadAll, ReadError, ReadStream, RecordedEvent,
};

use crate::PostgresError;
use crate::database::Database;
use crate::error::Fault;
use crate::head::Head;
use crate::row::{self, signed};
use crate::schema::{Schema, Statement};

/// At most so many positions are looked through for one page, so that a filter which wants little does not keep the
/// server at one statement until its time is over.
const MAX_SCAN: u64 = 1_000_000;

/// The reading side.
#[derive(Debug)]
pub(crate) struct Reader {
    database: Arc<Database>,
    head: Arc<Head>,
    stream_forward: Statement,
    stream_backward: Statement,
    all: Statement,
}

impl Reader {
    pub(crate) fn new(database: Arc<Database>, head: Arc<Head>, schema: &Schema) -> Self {
        Self {
            database,
            head,
            stream_forward: schema.statement(include_str!("read/stream_forward.sql")),
            stream_backward: schema.statement(include_str!("read/stream_backward.sql")),
            all: schema.statement(include_str!("read/all.sql")),
        }
    }

    pub(crate) async fn stream(&self, read: &ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        let statement = match read.direction {
            Direction::Forward => &self.stream_forward,
            Direction::Backward => &self.stream_backward,
        };
        let query = statement
            .query()
            .bind(read.stream.tenant().as_str())
            .bind(read.stream.name())
            .bind(signed(read.from.get()))
            .bind(signed(read.to.get()))
            .bind(signed(read.limit as u64));
        let mut connection = self.database.acquire().await.map_err(unavailable)?;
        let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
        rows.iter().map(row::event).collect()
    }

    pub(crate) async fn all(&self, read: &ReadAll) -> Result<Page, ReadError> {
        let mut scan = Scan {
            read,
            events: Vec::new(),
            scanned_to: read.after,
        };
        // What is known to be safe is read without looking for the head.
        let known = self.head.known();
        if known > read.after {
            self.scan(&mut scan, known).await?;
            if scan.is_full() && scan.scanned_to < known {
                return Ok(scan.page(known));
            }
        }
        let head = self.head.advance().await?;
        if head > scan.scanned_to && !scan.is_full() {
            self.scan(&mut scan, head).await?;
        }
        Ok(scan.page(head))
    }

    /// Goes on with a scan, to `head` at most.
    async fn scan(&self, scan: &mut Scan<'_>, head: GlobalPosition) -> Result<(), ReadError> {
        let Filter {
            event_types,
            categories,
            tenant,
            ..
        } = &scan.read.filter;
        let to = head
            .get()
            .min(scan.scanned_to.get().saturating_add(MAX_SCAN));
        let room = scan.read.limit - scan.events.len();
        let query = self
            .all
            .query()
            .bind(signed(scan.scanned_to.get()))
            .bind(signed(to))
            .bind(any_of(event_types))
            .bind(any_of(categories))
            .bind(tenant.as_ref().map(|tenant| tenant.as_str()))
            .bind(signed(room as u64));
        let mut connection = self.database.acquire().await.map_err(unavailable)?;
        let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
        for row in &rows {
            scan.events.push(row::event(row)?);
        }
        scan.scanned_to = match scan.events.last() {
            Some(last) if scan.is_full() => last.position,
            _ => GlobalPosition::new(to),
        };
        Ok(())
    }
}

/// A page that is being gathered.
struct Scan<'a> {
    read: &'a ReadAll,
    events: Vec<RecordedEvent>,
    scanned_to: GlobalPosition,
}

impl Scan<'_> {
    fn is_full(&self) -> bool {
        self.events.len() >= self.read.limit
    }

    fn page(self, head: GlobalPosition) -> Page {
        Page {
            at_head: self.scanned_to >= head,
            scanned_to: self.scanned_to,
            events: self.events,
        }
    }
}

fn any_of(names: &[Arc<str>]) -> Option<Vec<&str>> {
    (!names.is_empty()).then(|| names.iter().map(|name| &**name).collect())
}

/// No connection.
pub(crate) fn unavailable(error: PostgresError) -> ReadError {
    ReadError::Unavailable {
        source: error.into(),
    }
}

/// The driver failed.
pub(crate) fn failed(error: sqlx::Error) -> ReadError {
    let fault = Fault::of(&error);
    let source: BoxError = error.into();
    match fault {
        Fault::Refused => ReadError::Failed { source },
        // A read that was lost on the way has done no harm.
        Fault::Contention | Fault::Unavailable | Fault::Lost => ReadError::Unavailable { source },
    }
}
