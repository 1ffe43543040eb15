//! Batches of every kind, in one order, have the outcomes that the store in memory gives, and are read as it reads them.

use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventQuery, EventStore, ExpectedVersion, Filter,
    GlobalPosition, IdempotencyKey, MemoryStore, Payload, QueryItem, ReadAll, ReadStream,
    RecordedEvent, StreamId, StreamVersion, Tag, TenantId,
};

use crate::fixture::in_database;

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) >> 16) % bound
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn tags(&mut self) -> Vec<Tag> {
        let count = self.below(4);
        let tag = |n| Tag::of("about", &format!("\u{fc}'\"{n}")).unwrap();
        (0..count).map(|_| tag(self.below(4))).collect()
    }

    fn stream(&mut self) -> StreamId {
        let category = ["order", "account"][self.below(2) as usize];
        let stream = StreamId::new(category, &self.below(4).to_string()).unwrap();
        match self.below(3) {
            0 => stream.with_tenant(TenantId::new("other").unwrap()),
            _ => stream,
        }
    }

    fn event_type(&mut self) -> String {
        format!("Type{}", self.below(3))
    }

    fn event(&mut self) -> EventData {
        let payload = match self.below(3) {
            0 => Payload::binary(vec![0, 255, self.below(256) as u8]),
            _ => Payload::from_json_text(r#"{"a": "\u0000", "n":1e400}"#).unwrap(),
        };
        let time = jiff::Timestamp::from_nanosecond(i128::from(self.below(10_000))).unwrap();
        EventData::new(self.event_type(), 1, payload)
            .with_occurred_at(time)
            .with_tags(self.tags())
    }

    fn query(&mut self) -> EventQuery {
        let items = self.below(4);
        (0..items).fold(EventQuery::all(), |query, _| {
            let types: Vec<_> = (0..self.below(3)).map(|_| self.event_type()).collect();
            query.or(QueryItem::tagged(self.tags()).event_types(types))
        })
    }

    fn expected(&mut self) -> ExpectedVersion {
        match self.below(8) {
            0 => ExpectedVersion::NoStream,
            1 => ExpectedVersion::StreamExists,
            2 => ExpectedVersion::Exact(StreamVersion::new(self.below(6))),
            _ => ExpectedVersion::Any,
        }
    }

    fn events(&mut self) -> Vec<EventData> {
        (0..=self.below(3)).map(|_| self.event()).collect()
    }

    fn append(&mut self, earlier: &[Append], head: u64) -> Append {
        let mut append = if !earlier.is_empty() && self.one_in(5) {
            let mut writes = earlier[self.below(earlier.len() as u64) as usize]
                .writes()
                .to_vec();
            let any = Append::new(self.stream(), ExpectedVersion::Any, Vec::new());
            if self.one_in(3) {
                writes[0].events.push(self.event());
            }
            writes[0].expected = self.expected();
            any.with_writes(writes)
        } else {
            let append = Append::new(self.stream(), self.expected(), self.events());
            match self.one_in(4) {
                true => append.and(self.stream(), self.expected(), self.events()),
                false => append,
            }
        };
        if self.one_in(3) {
            let after = GlobalPosition::new(self.below(head + 5));
            append = append.unless(self.query(), after);
        }
        if self.one_in(4) {
            let key = IdempotencyKey::new(format!("key{}", self.below(40))).unwrap();
            append = append.with_idempotency_key(key);
        }
        append
    }

    fn filter(&mut self) -> Filter {
        let mut filter = Filter::all().query(self.query());
        if self.one_in(3) {
            filter = filter.event_types([self.event_type()]);
        }
        if self.one_in(3) {
            filter = filter.categories(["order"]);
        }
        if self.one_in(2) {
            filter = filter.tenant(self.stream().tenant().clone());
        }
        let time = |dice: &mut Self| {
            jiff::Timestamp::from_nanosecond(i128::from(dice.below(10_000))).unwrap()
        };
        match self.below(8) {
            0 => filter.since(time(self)),
            1 => filter.until(time(self)),
            2 => filter.since(jiff::Timestamp::MIN),
            3 => filter.until(jiff::Timestamp::MIN),
            _ => filter,
        }
    }
}

/// What callers can tell apart. Of an event id that is taken, which of several is named is left open.
fn told(outcome: &Result<Appended, AppendError>) -> String {
    match outcome {
        Err(AppendError::DuplicateEvent { .. }) => "duplicate".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn all_pages(store: &dyn EventStore, filter: &Filter, limit: usize) -> Vec<RecordedEvent> {
    let mut after = GlobalPosition::START;
    let mut events = Vec::new();
    loop {
        let read = ReadAll::after(after).filter(filter.clone()).limit(limit);
        let page = store.read_all(read).await.unwrap();
        assert!(page.events.len() <= limit && page.scanned_to >= after);
        events.extend(page.events);
        if page.at_head {
            return events;
        }
        after = page.scanned_to;
    }
}

#[tokio::test]
async fn outcomes_and_reads_are_those_of_the_store_in_memory() {
    const BATCHES: usize = 60;
    in_database("outcomes_and_reads_are_those", |database| async move {
        let (store, memory) = (database.store().await, MemoryStore::new());
        let mut dice = Dice(7);
        let mut earlier: Vec<Append> = Vec::new();
        for batch in 0..BATCHES {
            let head = memory.head().await.unwrap();
            assert_eq!(store.head().await.unwrap(), head);
            let appends: Vec<_> = (0..=dice.below(25))
                .map(|_| {
                    let append = dice.append(&earlier, head.get());
                    earlier.push(append.clone());
                    append
                })
                .collect();
            let of_memory = memory.append(appends.clone()).await;
            let outcomes = store.append(appends.clone()).await;
            for ((append, outcome), expected) in appends.iter().zip(&outcomes).zip(&of_memory) {
                assert_eq!(
                    told(outcome),
                    told(expected),
                    "in batch {batch}: {append:?}"
                );
            }
            if batch % 20 == 19 {
                let (stream, expected) = (dice.stream(), dice.expected());
                let archived = store.archive_stream(&stream, expected).await;
                let of_memory = memory.archive_stream(&stream, expected).await;
                assert_eq!(format!("{archived:?}"), format!("{of_memory:?}"));
            }
        }
        let everything = all_pages(&memory, &Filter::all(), 1_000).await;
        assert!(everything.len() > 300, "{}", everything.len());
        for _ in 0..150 {
            let (filter, limit) = (dice.filter(), 1 + dice.below(60) as usize);
            let read = all_pages(&store, &filter, limit).await;
            assert_eq!(read, all_pages(&memory, &filter, limit).await, "{filter:?}");
        }
        for _ in 0..50 {
            let mut read =
                ReadStream::forward(dice.stream()).from(StreamVersion::new(dice.below(4)));
            read.with_archived = dice.one_in(2);
            if dice.one_in(2) {
                read.direction = orchestrix::store::Direction::Backward;
            }
            let events = store.read_stream(read.clone()).await.unwrap();
            assert_eq!(events, memory.read_stream(read).await.unwrap());
            let event = &everything[dice.below(everything.len() as u64) as usize];
            let found = store
                .find_event(event.stream.tenant(), event.event_id())
                .await;
            assert_eq!(found.unwrap().as_ref(), Some(event));
        }
    })
    .await;
}
