//! What is stored in the end, and what each reader got of it.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use sqlx::{Connection, PgConnection};
use url::Url;

use super::reader::{Feed, Place};
use super::writer::Written;

/// The whole log as it is when nobody writes any more, by position.
pub(super) struct Stored(Vec<Place>);

/// What is wrong with a feed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Events that are stored behind its start and not in it.
    pub(super) missed: usize,
    /// Events in it that are not stored there, or stand in it twice.
    pub(super) surplus: usize,
    /// Events that do not stand behind the one before them.
    pub(super) inversions: usize,
    /// Events that are not the next of their stream.
    pub(super) out_of_stream_order: usize,
}

/// How long after the end of their transactions events came.
pub(super) struct Lag {
    pub(super) longest: Duration,
    pub(super) median: Duration,
}

impl Faults {
    pub(super) fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Stored {
    pub(super) async fn read(url: &Url) -> Result<Self, BoxError> {
        let mut session = PgConnection::connect(url.as_str()).await?;
        let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
            "select position, event_id::text, stream, version from orchestrix.events order by position",
        )
        .fetch_all(&mut session)
        .await?;
        session.close().await?;
        let place = |(position, event_id, stream, version): (i64, String, String, i64)| {
            Ok(Place {
                position: position.try_into()?,
                event_id: event_id.parse()?,
                stream,
                version: version.try_into()?,
            })
        };
        Ok(Self(
            rows.into_iter()
                .map(place)
                .collect::<Result<_, BoxError>>()?,
        ))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn last_position(&self) -> u64 {
        self.0.last().map_or(0, |place| place.position)
    }

    /// Fails unless it holds what was committed, nothing that was rolled back, and each stream dense and in the order
    /// of positions.
    pub(super) fn assert_is(&self, written: &Written) {
        let ids: HashSet<MessageId> = self.0.iter().map(|place| place.event_id).collect();
        let committed: HashSet<MessageId> = written.committed.keys().copied().collect();
        assert_eq!(ids.len(), self.0.len(), "events are stored twice");
        assert_eq!(
            committed.difference(&ids).count(),
            0,
            "committed events are lost"
        );
        assert_eq!(
            ids.difference(&committed).count(),
            0,
            "events are stored that nobody committed"
        );
        assert!(!written.rolled_back.iter().any(|id| ids.contains(id)));
        let faults = self.faults(0, &self.0);
        assert!(faults.are_none(), "the log itself: {faults:?}");
    }

    pub(super) fn faults_of(&self, feed: &Feed) -> Faults {
        self.faults(feed.from.get(), &feed.places)
    }

    /// Whether a feed is just what is stored behind its start.
    pub(super) fn is_read_by(&self, feed: &Feed) -> bool {
        self.behind(feed.from.get()).eq(&feed.places)
    }

    /// How many events stand at none of these positions.
    pub(super) fn missing_from(&self, positions: &[u64]) -> usize {
        let seen: HashSet<u64> = positions.iter().copied().collect();
        let missing = self
            .0
            .iter()
            .filter(|place| !seen.contains(&place.position));
        missing.count()
    }

    fn behind(&self, from: u64) -> impl Iterator<Item = &Place> {
        self.0.iter().filter(move |place| place.position > from)
    }

    fn faults(&self, from: u64, feed: &[Place]) -> Faults {
        let expected: HashSet<MessageId> = self.behind(from).map(|place| place.event_id).collect();
        let mut versions: HashMap<&str, u64> = HashMap::new();
        for place in self.0.iter().filter(|place| place.position <= from) {
            versions.insert(&place.stream, place.version);
        }
        let mut faults = Faults::default();
        let mut seen = HashSet::new();
        let mut before = from;
        for place in feed {
            faults.surplus +=
                usize::from(!expected.contains(&place.event_id) || !seen.insert(place.event_id));
            faults.inversions += usize::from(place.position <= before);
            before = place.position;
            let version = versions.entry(&place.stream).or_default();
            faults.out_of_stream_order += usize::from(place.version != *version + 1);
            *version = place.version;
        }
        faults.missed = expected.difference(&seen).count();
        faults
    }
}

impl Lag {
    pub(super) fn of(feed: &Feed, committed: &HashMap<MessageId, Instant>) -> Self {
        let mut lags: Vec<Duration> = feed
            .arrivals()
            .filter_map(|(place, came)| {
                // Readers may be quicker than the answer to the commit.
                Some(came.saturating_duration_since(*committed.get(&place.event_id)?))
            })
            .collect();
        lags.sort_unstable();
        Self {
            longest: lags.last().copied().unwrap_or_default(),
            median: lags.get(lags.len() / 2).copied().unwrap_or_default(),
        }
    }
}

/// The judge is judged: each way of spoiling a feed is seen for what it is.
#[test]
fn spoiled_feeds_are_found_out() {
    let place = |position, stream: &str, version| Place {
        position,
        event_id: MessageId::new(),
        stream: stream.to_owned(),
        version,
    };
    let stored = Stored(vec![
        place(1, "a", 1),
        place(3, "b", 1),
        place(4, "a", 2),
        place(7, "a", 3),
        place(8, "b", 2),
    ]);
    let spoiled = |from, order: &[usize]| {
        let feed: Vec<_> = order.iter().map(|n| stored.0[*n].clone()).collect();
        let Faults {
            missed,
            surplus,
            inversions,
            out_of_stream_order,
        } = stored.faults(from, &feed);
        [missed, surplus, inversions, out_of_stream_order]
    };
    assert_eq!(spoiled(0, &[0, 1, 2, 3, 4]), [0, 0, 0, 0]);
    assert_eq!(spoiled(3, &[2, 3, 4]), [0, 0, 0, 0]);
    assert_eq!(spoiled(0, &[0, 1, 2, 3]), [1, 0, 0, 0]);
    assert_eq!(spoiled(0, &[0, 1, 3, 4]), [1, 0, 0, 1]);
    assert_eq!(spoiled(0, &[0, 2, 1, 3, 4]), [0, 0, 1, 0]);
    assert_eq!(spoiled(0, &[0, 1, 3, 2, 4]), [0, 0, 1, 2]);
    assert_eq!(spoiled(0, &[0, 1, 1, 2, 3, 4]), [0, 1, 1, 1]);
    assert_eq!(spoiled(3, &[1, 2, 3, 4]), [0, 1, 1, 1]);
    assert_eq!(stored.missing_from(&[1, 4, 8]), 2);
}
