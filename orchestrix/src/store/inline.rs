//! Documents that are written in the transaction of the append that changes them.

use super::{
    AppendError, DocumentWrite, ExpectedVersion, Payload, Rebuild, StreamId, StreamVersion,
    StreamWrite,
};

/// How far the events of a stream are folded into the documents of a read model, as it moves: a compare-and-set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressMove {
    /// Whose events.
    pub stream: StreamId,
    /// The version of the last event that was folded before; [`StreamVersion::NONE`] where none was.
    pub from: StreamVersion,
    /// The version of the last event that is folded now.
    pub to: StreamVersion,
}

/// What an append changes in a read model: the progress of one of its streams there, which moves to the stream's new last
/// version, and the document that is named like the stream's key. See [`Append::with_inline`](super::Append::with_inline).
#[derive(Debug, Clone)]
pub struct InlineWrite {
    /// The read model, by its own name.
    pub read_model: String,
    /// Which of its builds: the one that is read, or the one that is under way.
    pub build: u64,
    /// One of the streams of the append, whose version the append expects.
    pub stream: StreamId,
    /// Where the progress must be.
    pub from: StreamVersion,
    /// Whether it moves. Where a stream is too far ahead it stays, and the write only says that it was there.
    pub moves: bool,
    /// The names of the read model's indexes, as in a [`ReadModelCommit`](super::ReadModelCommit).
    pub indexes: Vec<String>,
    /// The document with the stream's tenant and key, if it changes.
    pub write: Option<DocumentWrite>,
}

/// Where a stream is in one build of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlinePlace {
    /// Which build.
    pub build: u64,
    /// The version of the last event that is folded.
    pub progress: StreamVersion,
    /// The document with the stream's tenant and key, if it is there.
    pub document: Option<Payload>,
}

impl InlineWrite {
    /// The collection that it writes to.
    pub fn collection(&self) -> String {
        Rebuild::collection(&self.read_model, self.build)
    }

    /// The progress as it moves with an append of these writes; none where it stays, or the append does not say what
    /// version it expects.
    pub fn progress(&self, writes: &[StreamWrite]) -> Option<ProgressMove> {
        let of_stream = writes.iter().find(|write| write.stream == self.stream)?;
        let expected = expected_version(of_stream.expected)?;
        self.moves.then(|| ProgressMove {
            stream: self.stream.clone(),
            from: self.from,
            to: expected.plus(of_stream.events.len() as u64),
        })
    }

    /// The refusal of an append whose read model is not as it was seen.
    pub fn moved(&self) -> AppendError {
        AppendError::ReadModelMoved {
            read_model: self.read_model.clone(),
            stream: self.stream.clone(),
        }
    }

    /// What no store may accept.
    fn flaw(&self, writes: &[StreamWrite]) -> Option<String> {
        let of_stream = writes.iter().find(|write| write.stream == self.stream);
        let Some(of_stream) = of_stream else {
            return Some(format!("writes nothing to stream {}", self.stream));
        };
        match expected_version(of_stream.expected) {
            None => return Some(format!("does not say where stream {} is", self.stream)),
            Some(expected) if self.from > expected => {
                return Some(format!(
                    "expects stream {} before its progress",
                    self.stream
                ));
            }
            Some(_) => {}
        }
        if Rebuild::of_collection(&self.read_model).is_some() {
            return Some("names a build as a read model".to_owned());
        }
        let write = self.write.as_ref()?;
        let places = match &write.body {
            Some(body) if body.is_binary() => return Some("writes a binary document".to_owned()),
            Some(_) => self.indexes.len(),
            None => 0,
        };
        if !self.moves {
            return Some("writes a document and moves no progress".to_owned());
        }
        if write.tenant != *self.stream.tenant() || write.key != self.stream.key() {
            return Some(format!(
                "writes the document `{}`, which is not that of stream {}",
                write.key, self.stream
            ));
        }
        (write.index_values.len() != places).then(|| {
            format!(
                "gives document `{}` {} places in {places} indexes",
                write.key,
                write.index_values.len()
            )
        })
    }
}

/// The version that a writer expects, where it expects a single one.
pub(crate) fn expected_version(expected: ExpectedVersion) -> Option<StreamVersion> {
    match expected {
        ExpectedVersion::NoStream => Some(StreamVersion::NONE),
        ExpectedVersion::Exact(version) => Some(version),
        ExpectedVersion::Any | ExpectedVersion::StreamExists => None,
    }
}

/// Refuses what no store may accept.
pub(super) fn check(inline: &[InlineWrite], writes: &[StreamWrite]) -> Result<(), AppendError> {
    let failed = |read_model: &str, flaw: String| {
        Err(AppendError::Failed {
            source: format!("the inline write of read model `{read_model}` {flaw}").into(),
        })
    };
    for (n, one) in inline.iter().enumerate() {
        if let Some(flaw) = one.flaw(writes) {
            return failed(&one.read_model, flaw);
        }
        let is_same = |other: &InlineWrite| {
            (&other.read_model, other.build, &other.stream)
                == (&one.read_model, one.build, &one.stream)
        };
        if inline.iter().take(n).any(is_same) {
            return failed(
                &one.read_model,
                format!("stands twice for stream {}", one.stream),
            );
        }
    }
    Ok(())
}
