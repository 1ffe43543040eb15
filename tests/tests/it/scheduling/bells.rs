//! Bells that are rung at a time.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{ReadStream, RecordedEvent, StreamId};

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Rung {}

#[derive(Command, Serialize, Deserialize)]
pub(super) struct Ring {
    #[id]
    bell: String,
}

#[derive(Default)]
pub(super) struct Bell {
    rung: u32,
}

#[aggregate]
impl Bell {
    #[handle]
    fn ring(&self, _: Ring) -> Rung {
        Rung {}
    }

    #[apply]
    fn rung(&mut self, _: &Rung) {
        self.rung += 1;
    }
}

#[module(aggregates(Bell))]
pub(super) struct Bells;

pub(super) fn ringing(bell: &str) -> Ring {
    Ring {
        bell: bell.to_owned(),
    }
}

/// How a bell was rung.
pub(super) async fn rung(app: &App, bell: &str) -> Result<Vec<RecordedEvent>, BoxError> {
    let stream = StreamId::new("bell", bell)?;
    Ok(app.store().read_stream(ReadStream::forward(stream)).await?)
}
