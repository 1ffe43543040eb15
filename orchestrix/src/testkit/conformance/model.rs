//! Random appends against a model of what they must do.

use std::collections::HashMap;

use super::expectations::ensure_conflict;
use super::opened::Opened;
use super::polling::at_full_length;
use super::repeats::ensure_repeats;
use super::samples::{events, exact, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::message::MessageId;
use crate::store::{Append, Appended, ExpectedVersion, StreamId, StreamVersion};

/// Random appends, repeats and stale expectations over a few streams: outcomes, streams and log agree with a model.
pub async fn random_appends_agree_with_a_model(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut model = Model::default();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut streams = Vec::new();
    for n in 0..4 {
        streams.push(stream(&n.to_string())?);
        streams.push(stream_of("elsewhere", &n.to_string())?);
    }
    let mut acknowledged: Vec<(Append, Appended)> = Vec::new();
    for _ in 0..at_full_length(400) {
        if !acknowledged.is_empty() && dice.roll(5) == 0 {
            let (append, first) = &acknowledged[dice.roll(acknowledged.len())];
            ensure_repeats(store.append(append.clone()).await?, first)?;
            continue;
        }
        let append = model.draw(&mut dice, &streams)?;
        let unmet = append
            .writes()
            .iter()
            .find(|write| !write.expected.is_met_by(model.version(&write.stream)));
        match unmet {
            Some(unmet) => {
                let actual = model.version(&unmet.stream).get();
                let error = store.refused(append.clone()).await?;
                ensure_conflict(&error, &unmet.stream, unmet.expected, actual)?;
            }
            None => {
                let appended = store.append(append.clone()).await?;
                for (write, told) in append.writes().iter().zip(&appended.streams) {
                    let first = model.version(&write.stream).next();
                    ensure_eq("the first version", told.first_version, first)?;
                }
                model.store(&append);
                acknowledged.push((append, appended));
            }
        }
    }
    let log: Vec<_> = store
        .log()
        .await?
        .into_iter()
        .map(|e| (e.stream.clone(), e.version, e.event_id()))
        .collect();
    ensure_eq("the log", &log, &model.log)?;
    for stream in streams {
        let expected: Vec<_> = log
            .iter()
            .filter(|(of, ..)| *of == stream)
            .cloned()
            .collect();
        let stored = store.stream(&stream).await?.into_iter();
        let stored: Vec<_> = stored
            .map(|e| (e.stream.clone(), e.version, e.event_id()))
            .collect();
        ensure_eq(format_args!("stream {stream}"), stored, expected)?;
    }
    Ok(())
}

/// What a store must hold.
#[derive(Default)]
struct Model {
    versions: HashMap<StreamId, StreamVersion>,
    log: Vec<(StreamId, StreamVersion, MessageId)>,
}

impl Model {
    fn version(&self, stream: &StreamId) -> StreamVersion {
        self.versions.get(stream).copied().unwrap_or_default()
    }

    /// An append to one stream or two, with expectations of which most are met.
    fn draw(&self, dice: &mut Dice, streams: &[StreamId]) -> Result<Append, Violation> {
        let first = dice.roll(streams.len());
        let stream = &streams[first];
        let append = Append::new(
            stream.clone(),
            self.expectation(dice, stream),
            events(1 + dice.roll(5))?,
        );
        if dice.roll(4) > 0 {
            return Ok(append);
        }
        let other = &streams[(first + 1 + dice.roll(streams.len() - 1)) % streams.len()];
        Ok(append.and(
            other.clone(),
            self.expectation(dice, other),
            events(1 + dice.roll(2))?,
        ))
    }

    fn expectation(&self, dice: &mut Dice, stream: &StreamId) -> ExpectedVersion {
        let actual = self.version(stream).get();
        match dice.roll(10) {
            0 => ExpectedVersion::NoStream,
            1 => ExpectedVersion::StreamExists,
            2 => exact(dice.roll(actual as usize + 2) as u64),
            3..6 => ExpectedVersion::Any,
            _ => exact(actual),
        }
    }

    fn store(&mut self, append: &Append) {
        for write in append.writes() {
            for event in &write.events {
                let version = self.versions.entry(write.stream.clone()).or_default();
                *version = version.next();
                self.log
                    .push((write.stream.clone(), *version, event.event_id));
            }
        }
    }
}

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    /// A number below `sides`, which must not be 0.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}
