//! Reading the log.

mod selection;

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Appended, Direction, GlobalPosition, IdempotencyKey, Page, ReadAll, ReadError, ReadStream,
    RecordedEvent, TenantId,
};

use sqlx::Row;

use crate::PostgresError;
use crate::append::FirstOutcome;
use crate::database::{Database, Purpose, Scope};
use crate::error::Fault;
use crate::head::Head;
use crate::row::{self, signed};
use crate::schema::{Schema, Statement};
use selection::{Path, Selection};

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
    archived_forward: Statement,
    archived_backward: Statement,
    all: Statement,
    tagged: Statement,
    event: Statement,
    outcome: Statement,
}

impl Reader {
    pub(crate) fn new(database: Arc<Database>, head: Arc<Head>, schema: &Schema) -> Self {
        Self {
            database,
            head,
            stream_forward: schema.statement(include_str!("read/stream_forward.sql")),
            stream_backward: schema.statement(include_str!("read/stream_backward.sql")),
            archived_forward: schema.statement(include_str!("read/archived_forward.sql")),
            archived_backward: schema.statement(include_str!("read/archived_backward.sql")),
            all: schema.statement(include_str!("read/all.sql")),
            tagged: schema.statement(include_str!("read/tagged.sql")),
            event: schema.statement(include_str!("read/event.sql")),
            outcome: schema.statement(include_str!("read/outcome.sql")),
        }
    }

    pub(crate) async fn stream(&self, read: &ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        let (statement, archived) = match read.direction {
            Direction::Forward => (&self.stream_forward, &self.archived_forward),
            Direction::Backward => (&self.stream_backward, &self.archived_backward),
        };
        let events = self.stream_by(statement, read).await?;
        // A stream is archived as a whole, so one that had something to read here was not when it was read.
        if events.is_empty() && read.with_archived {
            return self.stream_by(archived, read).await;
        }
        Ok(events)
    }

    async fn stream_by(
        &self,
        statement: &Statement,
        read: &ReadStream,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let query = statement
            .query()
            .bind(read.stream.tenant().as_str())
            .bind(read.stream.name())
            .bind(signed(read.from.get()))
            .bind(signed(read.to.get()))
            .bind(signed(read.limit as u64));
        let mut connection = self
            .database
            .lease_for(Purpose::Command, Scope::of(read.stream.tenant()))
            .await
            .map_err(unavailable)?;
        let rows = connection.fetch_all(query).await.map_err(failed)?;
        rows.iter().map(row::event).collect()
    }

    pub(crate) async fn event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let query = self.event.query();
        let query = query.bind(tenant.as_str()).bind(event_id.as_uuid());
        let mut connection = self
            .database
            .lease_for(Purpose::Command, Scope::of(tenant))
            .await
            .map_err(unavailable)?;
        let row = connection.fetch_optional(query).await.map_err(failed)?;
        row.as_ref().map(row::event).transpose()
    }

    pub(crate) async fn outcome(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        let query = self.outcome.query();
        let query = query.bind(tenant.as_str()).bind(key.as_str());
        let mut connection = self
            .database
            .lease_for(Purpose::Command, Scope::of(tenant))
            .await
            .map_err(unavailable)?;
        let row = connection.fetch_optional(query).await.map_err(failed)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let position = row.try_get(0).map_err(failed)?;
        let outcome = FirstOutcome::new(position, row.try_get(1).map_err(failed)?);
        let outcome = outcome
            .read()
            .map_err(|source| ReadError::Failed { source })?;
        Ok(Some(outcome))
    }

    pub(crate) async fn all(&self, read: &ReadAll) -> Result<Page, ReadError> {
        let mut scan = Scan {
            read,
            selection: Selection::of(&read.filter),
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
        let selection = &scan.selection;
        let (statement, to) = match selection.path {
            Path::Log => (
                &self.all,
                head.get()
                    .min(scan.scanned_to.get().saturating_add(MAX_SCAN)),
            ),
            Path::Tags => (&self.tagged, head.get()),
        };
        let room = scan.read.limit - scan.events.len();
        let query = statement
            .query()
            .bind(signed(scan.scanned_to.get()))
            .bind(signed(to))
            .bind(&selection.event_types)
            .bind(&selection.categories)
            .bind(selection.tenant)
            .bind(selection.since)
            .bind(selection.until)
            .bind(&selection.items)
            .bind(signed(room as u64));
        let tenant = scan.read.filter.tenant.as_ref();
        let scope = tenant.map_or(Scope::Everything, Scope::of);
        let mut connection = self
            .database
            .lease_for(Purpose::Subscription, scope)
            .await
            .map_err(unavailable)?;
        let rows = connection.fetch_all(query).await.map_err(failed)?;
        scan.events.reserve(rows.len());
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
    selection: Selection<'a>,
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
