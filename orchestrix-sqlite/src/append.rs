//! Appends: what is refused, what was stored before, and what is stored.

use orchestrix::store::{
    Append, AppendCondition, AppendError, Appended, AppendedStream, IdempotencyKey, InlineWrite,
    Limits, StreamWrite, TenantId,
};
use rusqlite::{Connection, ErrorCode};

use crate::failure::Failure;
use crate::insert::EventTexts;
use crate::job::Work;
use crate::repeat::first_outcome;
use crate::stream_state::StreamState;
use crate::transaction::{PartOutcome, all_or_nothing, one_statement};
use crate::{condition, idempotency, inline, insert};

/// The appends of one call.
#[derive(Debug)]
pub(crate) struct AppendBatch {
    appends: Vec<PreparedAppend>,
    rows: usize,
}

/// One append, checked, with its JSON written: what the caller's thread can do for the writer's.
#[derive(Debug)]
pub(crate) struct PreparedAppend {
    condition: Option<AppendCondition>,
    /// With the tenant whose key it is.
    key: Option<(IdempotencyKey, TenantId)>,
    writes: Vec<StreamWrite>,
    /// One for each event, over all writes.
    texts: Vec<EventTexts>,
    inline: Vec<InlineWrite>,
    /// How many rows it inserts.
    rows: usize,
}

/// What comes of an append, unless the whole transaction is lost.
type Outcome = Result<Appended, AppendError>;

impl AppendBatch {
    pub(crate) fn new(appends: Vec<PreparedAppend>) -> Self {
        Self {
            rows: appends.iter().map(|append| append.rows).sum(),
            appends,
        }
    }
}

impl Work for AppendBatch {
    type Outcome = Vec<Outcome>;

    fn weight(&self) -> usize {
        self.rows
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        self.appends
            .iter()
            .map(|append| append.run(connection))
            .collect()
    }

    fn appends(outcome: &Self::Outcome) -> bool {
        outcome.iter().flatten().any(|appended| !appended.repeated)
    }
}

impl PreparedAppend {
    /// # Errors
    /// What [`Append::check`] refuses.
    pub(crate) fn new(append: Append, limits: &Limits) -> Result<Self, AppendError> {
        append.check(limits)?;
        let mut texts = Vec::with_capacity(append.event_count());
        let mut rows = 0;
        for event in append.writes().iter().flat_map(|write| &write.events) {
            texts.push(EventTexts::of(event)?);
            rows += 1 + event.tags().len();
        }
        // `check` refuses an append without a write.
        let tenant = append.writes().first().map(|write| write.stream.tenant());
        let key = append.idempotency_key().cloned().zip(tenant.cloned());
        Ok(Self {
            condition: append.condition().cloned(),
            rows: rows + usize::from(key.is_some()) + 2 * append.inline().len(),
            key,
            inline: append.inline().to_vec(),
            writes: append.into_writes(),
            texts,
        })
    }

    /// Stores it or says why not. `Err` when the whole transaction is lost.
    ///
    /// That its events are stored already is looked for only where something refuses it: nearly no append is a repeat,
    /// and a repeat always meets a refusal, by its expectation, its condition or the index of ids.
    fn run(&self, connection: &Connection) -> rusqlite::Result<Outcome> {
        if let Some((key, tenant)) = &self.key {
            let known = || idempotency::first_outcome(connection, key, tenant);
            match one_statement(connection, known)? {
                Ok(Some(first_outcome)) => return Ok(Ok(first_outcome)),
                Ok(None) => {}
                Err(error) => return Ok(Err(Failure::from(error).into())),
            }
        }
        let streams = match one_statement(connection, || self.place(connection))? {
            Ok(Ok(streams)) => streams,
            Ok(Err(refusal)) => return self.repeated_or(connection, refusal),
            Err(error) => return Ok(Err(Failure::from(error).into())),
        };
        match self.insert(connection, streams)? {
            Ok(outcome) => Ok(outcome),
            // The versions are free, or the expectation would not be met: it is the ids that are taken.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.repeated_or(connection, Failure::from(error).into())
            }
            Err(error) => Ok(Err(Failure::from(error).into())),
        }
    }

    /// Where the events would be stored, or what keeps them from it.
    fn place(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<Vec<AppendedStream>, AppendError>> {
        let mut streams = Vec::with_capacity(self.writes.len());
        for write in &self.writes {
            let actual = match StreamState::of(connection, &write.stream)? {
                StreamState::InUse(actual) => actual,
                StreamState::Archived(version) => {
                    return Ok(Err(AppendError::Archived {
                        stream: write.stream.clone(),
                        version,
                    }));
                }
            };
            if !write.expected.is_met_by(actual) {
                return Ok(Err(AppendError::Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                }));
            }
            streams.push(AppendedStream {
                stream: write.stream.clone(),
                first_version: actual.next(),
                last_version: actual.plus(write.events.len() as u64),
            });
        }
        if let (Some(condition), Some(first)) = (&self.condition, streams.first()) {
            let tenant = first.stream.tenant().as_str();
            if let Some(conflict) = condition::conflict(connection, condition, tenant)? {
                return Ok(Err(conflict));
            }
        }
        Ok(Ok(streams))
    }

    fn insert(
        &self,
        connection: &Connection,
        streams: Vec<AppendedStream>,
    ) -> PartOutcome<Outcome> {
        let insert = || {
            let position = insert::events(connection, &self.writes, &self.texts, &streams)?;
            if let Some((key, tenant)) = &self.key {
                idempotency::keep(connection, key, tenant, position, &streams)?;
            }
            Ok(position)
        };
        // A lone row needs no savepoint, and is what most appends are.
        let position = if self.rows == 1 {
            one_statement(connection, || insert().map(Ok))?
        } else {
            all_or_nothing(connection, || {
                let position = insert()?;
                let written = inline::write(connection, &self.inline, &self.writes)?;
                Ok(written.map(|()| position))
            })?
        };
        let appended = |position| Appended {
            streams,
            position,
            repeated: false,
        };
        Ok(position.map(|accepted| accepted.map(appended)))
    }

    /// The outcome of the append that stored these very events before; `refusal` if none of them is stored.
    fn repeated_or(
        &self,
        connection: &Connection,
        refusal: AppendError,
    ) -> rusqlite::Result<Outcome> {
        Ok(
            match one_statement(connection, || first_outcome(connection, &self.writes))? {
                Ok(Ok(Some(first_outcome))) => Ok(first_outcome),
                Ok(Ok(None)) => Err(refusal),
                Ok(Err(taken)) => Err(taken),
                Err(error) => Err(Failure::from(error).into()),
            },
        )
    }
}
