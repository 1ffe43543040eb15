//! `ordering show`: one customer or order, now or as it was.

use std::fmt::Write as _;

use orchestrix::aggregate::{Aggregate, LoadError};
use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::store::{NameError, ReadError, ReadStream, StreamId, StreamVersion};

use crate::cli::{Show, Subject};
use crate::domain::{Customer, CustomerId, Order, OrderId};

/// The state as JSON, then a line for each event that it is the sum of.
///
/// # Errors
///
/// [`ShowError`]; [`ShowError::Unknown`] where there is nothing under that id.
pub async fn show(app: &App, what: &Show) -> Result<String, ShowError> {
    match what.subject {
        Subject::Customer => {
            show_aggregate::<Customer>(app, &CustomerId::from(what.id.clone()), what).await
        }
        Subject::Order => show_aggregate::<Order>(app, &OrderId::from(what.id.clone()), what).await,
    }
}

async fn show_aggregate<A: Aggregate + Serialize>(
    app: &App,
    key: &impl Key,
    what: &Show,
) -> Result<String, ShowError> {
    let stream = StreamId::new(A::CATEGORY, &key.to_key());
    let stream = stream.map_err(|source| ShowError::BadId {
        category: A::CATEGORY,
        source,
    })?;
    let newest = app.load::<A>(key).await?;
    if newest.version == StreamVersion::NONE {
        return Err(ShowError::Unknown {
            category: A::CATEGORY,
            id: what.id.clone(),
        });
    }
    let shown = match what.at.map(StreamVersion::new) {
        None => newest,
        Some(at) if at > newest.version => {
            return Err(ShowError::NotYet {
                category: A::CATEGORY,
                id: what.id.clone(),
                at,
                newest: newest.version,
            });
        }
        Some(at) => app.load::<A>(key).at(at).await?,
    };
    let mut text = format!("{} {} at version {}\n", A::CATEGORY, what.id, shown.version);
    text += &serde_json::to_string_pretty(&shown.state)?;
    text += "\n\nversion  position  occurred              event\n";
    let mut next = StreamVersion::FIRST;
    while next <= shown.version {
        let read = ReadStream::forward(stream.clone())
            .from(next)
            .to(shown.version);
        let events = app.store().read_stream(read).await?;
        let Some(last) = events.last() else { break };
        next = last.version.next();
        for event in &events {
            let body = app.registry().current_json(event)?;
            let time = event.data.occurred_at.strftime("%Y-%m-%d %H:%M:%S");
            let _ = writeln!(
                text,
                "{:>7}  {:>8}  {time}   {} {}",
                event.version.get(),
                event.position.get(),
                event.event_type(),
                shortened(&body.to_string()),
            );
        }
    }
    Ok(text)
}

/// Orders of a hundred lines would hide everything else.
fn shortened(json: &str) -> String {
    const MOST: usize = 160;
    match json.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &json[..cut]),
        None => json.to_owned(),
    }
}

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShowError {
    /// Nothing can have that id.
    #[error("no {category} can have that id")]
    BadId {
        /// What was looked for.
        category: &'static str,
        /// What is wrong with the id.
        source: NameError,
    },
    /// There is nothing under that id.
    #[error("there is no {category} {id} in this store")]
    Unknown {
        /// What was looked for.
        category: &'static str,
        /// Its id.
        id: String,
    },
    /// The version is beyond the end.
    #[error("{category} {id} has no version {at} yet: the newest is {newest}")]
    NotYet {
        /// What was looked for.
        category: &'static str,
        /// Its id.
        id: String,
        /// The version asked for.
        at: StreamVersion,
        /// The last one there is.
        newest: StreamVersion,
    },
    /// It cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its events cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The state cannot be written as JSON.
    #[error("the state cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}
