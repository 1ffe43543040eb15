//! The effects of sagas: each part of one leaves a mark that can be counted.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Marked {
    part: String,
}

#[derive(Command, Serialize, Deserialize)]
pub(super) struct Mark {
    #[id]
    pub(super) part: String,
    /// Whether the domain has none of it.
    pub(super) is_refused: bool,
}

impl Mark {
    /// The mark of a part.
    pub(super) fn of(part: String) -> Self {
        Self {
            part,
            is_refused: false,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no mark is wanted")]
pub(super) struct Unwanted;

/// What a part of one saga has left behind.
#[derive(Default)]
pub(super) struct Marks(pub(super) u32);

#[aggregate]
impl Marks {
    #[handle]
    fn mark(&self, cmd: Mark) -> Result<Marked, Unwanted> {
        match cmd.is_refused {
            true => Err(Unwanted),
            false => Ok(Marked { part: cmd.part }),
        }
    }

    #[apply]
    fn marked(&mut self, _: &Marked) {
        self.0 += 1;
    }
}

/// What a part of the saga with this key is known by.
pub(super) fn part_of(key: &str, part: &str) -> String {
    format!("{key}.{part}")
}

/// How many marks a part has left.
pub(super) async fn marks(app: &App, key: &str, part: &str) -> Result<u32, BoxError> {
    let loaded = app.load::<Marks>(&part_of(key, part)).await?;
    Ok(loaded.state.map_or(0, |marks| marks.0))
}
