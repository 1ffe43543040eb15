//! What a tenant sees, as text: without positions, worlds and times, which differ from run to run.

use orchestrix::message::MessageId;
use orchestrix::store::{AppendError, Appended, DeadLetter, RecordedEvent, StreamId};

use super::side::Side;

impl Side {
    /// Whose and which stream, by the names that all worlds have.
    fn stream_told(&self, stream: &StreamId) -> String {
        let whose = match stream.tenant() == &self.tenant {
            true => "own",
            false => "another tenant's",
        };
        let world = format!("-{}", self.world.number);
        let key = stream.key().strip_suffix(&world);
        format!("{whose} {}", key.unwrap_or("stream of another world"))
    }

    fn id_told(&self, id: MessageId) -> String {
        let number = self.world.ids.iter().position(|known| *known == id);
        number.map_or_else(|| "unknown".to_owned(), |number| format!("event {number}"))
    }

    pub(super) fn events_told(&self, events: &[RecordedEvent]) -> String {
        let told = events.iter().map(|event| {
            let whose = format!("\"of {}\"", self.tenant);
            let body = event.data.payload.as_json().unwrap_or("no JSON");
            format!(
                "{} {} {} ({} tags, {})",
                self.stream_told(&event.stream),
                event.version,
                self.id_told(event.event_id()),
                event.data.tags().len(),
                if body == whose { "own" } else { body },
            )
        });
        told.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn letters_told(&self, letters: &[DeadLetter]) -> String {
        let told = letters.iter().map(|letter| {
            let whose = format!("of {}", self.tenant);
            let own = letter.error.as_deref() == Some(&*whose);
            let request = letter.request.map(|request| request.to_string());
            format!(
                "{} {} {} ({}, {})",
                letter.position,
                self.stream_told(&letter.stream),
                self.id_told(letter.event_id),
                if own { "own" } else { "another tenant's" },
                request.as_deref().unwrap_or("no request"),
            )
        });
        told.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn outcome_told(&self, outcome: &Result<Appended, AppendError>) -> String {
        match outcome {
            Ok(appended) => {
                let streams = appended.streams.iter().map(|at| {
                    let stream = self.stream_told(&at.stream);
                    format!("{stream} {} to {}", at.first_version, at.last_version)
                });
                let streams = streams.collect::<Vec<_>>().join(", ");
                format!("stored {streams}, repeated: {}\n", appended.repeated)
            }
            Err(AppendError::Conflict {
                stream,
                expected,
                actual,
            }) => format!(
                "{} is at {actual}, not {expected}\n",
                self.stream_told(stream)
            ),
            Err(AppendError::ConditionConflict { .. }) => "something matches\n".to_owned(),
            Err(AppendError::Archived { stream, version }) => {
                format!("{} is archived at {version}\n", self.stream_told(stream))
            }
            Err(AppendError::DuplicateEvent { event_id, .. }) => {
                format!("{} is taken\n", self.id_told(*event_id))
            }
            Err(error) => format!("{error}\n"),
        }
    }
}
