//! Reading a part of the whole store: by tags, queries and times.

use jiff::{SignedDuration, Timestamp};

use super::filters::filters;
use super::opened::Opened;
use super::samples::{NOON, about, event, event_of_type, some, stream, stream_of, tag, tagged};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{
    Append, EventQuery, ExpectedVersion, Filter, GlobalPosition, QueryItem, ReadAll, RecordedEvent,
    TenantId,
};

/// A filter by tags takes the events that have all of them, in every tenant.
pub async fn a_filter_takes_its_tags(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_tagged_events(subject).await?;
    for tags in [
        vec!["red"],
        vec!["red", "large"],
        vec!["large", "red", "large"],
        vec!["Red"],
        vec!["re"],
        vec!["red", "never"],
        vec![],
    ] {
        let tags: Result<Vec<_>, _> = tags.into_iter().map(tag).collect();
        filters(&store, &log, Filter::all().tags(tags?)).await?;
    }
    Ok(())
}

/// A filter by a query takes what any of its items takes, each event once.
pub async fn a_filter_takes_its_query(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_tagged_events(subject).await?;
    let red = || Ok::<_, Violation>(QueryItem::tagged([tag("red")?]));
    let large = || Ok::<_, Violation>(QueryItem::tagged([tag("large")?]));
    for query in [
        EventQuery::of(red()?).or(large()?),
        EventQuery::of(red()?.event_types(["Placed"])).or(large()?.event_types(["Paid"])),
        EventQuery::of(QueryItem::default().event_types(["Placed", "Shipped"])),
        about("never")?.or(QueryItem::default().event_types(["Shipped"])),
        about("never")?,
        about("red")?.or(QueryItem::default()),
    ] {
        filters(&store, &log, Filter::all().query(query)).await?;
    }
    Ok(())
}

/// A filter by time takes what happened from `since` on, and before `until`.
pub async fn a_filter_takes_its_times(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_tagged_events(subject).await?;
    let times: Vec<_> = log.iter().map(|event| event.data.occurred_at).collect();
    let (first, last) = (
        present(times.iter().min(), "a time")?,
        present(times.iter().max(), "a time")?,
    );
    let between = times[times.len() / 2];
    let microsecond = SignedDuration::from_micros(1);
    for time in [*first, between, *last, Timestamp::MIN, Timestamp::MAX] {
        filters(&store, &log, Filter::all().since(time)).await?;
        filters(&store, &log, Filter::all().until(time)).await?;
        filters(&store, &log, Filter::all().since(time).until(*last)).await?;
        filters(&store, &log, Filter::all().since(time).until(time)).await?;
    }
    filters(&store, &log, Filter::all().since(between + microsecond)).await?;
    filters(&store, &log, Filter::all().until(between + microsecond)).await
}

/// Times of filters are instants, whatever offset they were written with, and finer than what is stored: an event of
/// this microsecond is before the next nanosecond.
pub async fn times_of_filters_are_instants(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let nanoseconds = |count| SignedDuration::from_nanos(count);
    let mut at_noon = Vec::new();
    for since_noon in [-1_000, 0, 1, 999, 1_000] {
        at_noon.push(event()?.with_occurred_at(NOON + nanoseconds(since_noon)));
    }
    store
        .append(Append::new(stream("1")?, ExpectedVersion::Any, at_noon))
        .await?;
    let log = store.log().await?;
    let elsewhere: Timestamp = "2010-12-01T17:25:00.123456+05:25".parse()?;
    ensure_eq("noon with another offset", elsewhere, NOON)?;
    let nearby = [-1_001, -1_000, -999, -1, 1, 500, 999, 1_000, 1_001];
    let nearby = nearby.into_iter().map(|count| NOON + nanoseconds(count));
    for time in nearby.chain([elsewhere]) {
        filters(&store, &log, Filter::all().since(time)).await?;
        filters(&store, &log, Filter::all().until(time)).await?;
    }
    Ok(())
}

/// A filter by everything takes what all of its parts want.
pub async fn all_parts_of_a_filter_combine(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_tagged_events(subject).await?;
    let all = |tenant: &str| {
        let query = about("red")?.or(QueryItem::tagged([tag("large")?]));
        Ok::<_, Violation>(
            Filter::all()
                .event_types(["Placed", "Paid"])
                .categories(["thing", "order"])
                .tenant(TenantId::new(tenant)?)
                .query(query),
        )
    };
    for tenant in [TenantId::DEFAULT, "acme"] {
        filters(&store, &log, all(tenant)?).await?;
        for bound in [10, 30, 50] {
            let time = log[bound].data.occurred_at;
            filters(&store, &log, all(tenant)?.since(time)).await?;
            filters(&store, &log, all(tenant)?.until(time)).await?;
            let hour = time + SignedDuration::from_hours(1);
            filters(&store, &log, all(tenant)?.since(time).until(hour)).await?;
        }
    }
    Ok(())
}

/// In a long log, a page of rare tagged events is scanned behind the last of them, and without any to the head.
pub async fn scanned_to_passes_what_has_other_tags(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut rare = Vec::new();
    for n in 0..5 {
        let found = Append::new(stream("1")?, ExpectedVersion::Any, vec![tagged(&["rare"])?]);
        rare.push(store.append(found).await?.position);
        store.append(some(&stream(&n.to_string())?, 300)?).await?;
    }
    let last = present(store.log().await?.pop(), "a last event")?.position;
    let read = |text| {
        let filter = Filter::all().tags([tag(text)?]);
        Ok::<_, Violation>(ReadAll::after(GlobalPosition::START).filter(filter))
    };
    let page = store.page(read("rare")?).await?;
    ensure_eq("the positions", positions(&page.events), rare.clone())?;
    ensure(
        page.at_head && page.scanned_to >= last,
        "a page to the head",
        page.scanned_to,
    )?;
    let page = store.page(read("never")?).await?;
    ensure(page.events.is_empty(), "no events", &page.events)?;
    ensure(
        page.at_head && page.scanned_to >= last,
        "a page to the head",
        page.scanned_to,
    )?;
    // Two at a time: a page that is full may be scanned up to the next match, not beyond it.
    let mut read = read("rare")?.limit(2);
    for expected in rare.chunks(2) {
        let page = store.page(read.clone()).await?;
        ensure_eq("the positions", positions(&page.events), expected.to_vec())?;
        let next = rare
            .iter()
            .find(|position| **position > expected[expected.len() - 1]);
        let passed = next.is_some_and(|next| page.scanned_to >= *next);
        ensure(
            !passed,
            format_args!("a page scanned to before {next:?}"),
            page.scanned_to,
        )?;
        read.after = page.scanned_to;
    }
    Ok(())
}

fn positions(events: &[RecordedEvent]) -> Vec<GlobalPosition> {
    events.iter().map(|event| event.position).collect()
}

/// Events of several types, tags, tenants and times, mixed; the times are not in the order of the log.
async fn with_tagged_events(
    subject: &dyn StoreUnderTest,
) -> Result<(Opened, Vec<RecordedEvent>), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream("2")?, stream_of("acme", "1")?];
    let types = ["Placed", "Paid", "Shipped", "Placed2"];
    let tags = [
        vec!["red"],
        vec!["large", "red"],
        vec![],
        vec!["large"],
        vec!["Red", "redder"],
    ];
    for n in 0..60_usize {
        let wanted: Result<Vec<_>, _> = tags[n % tags.len()].iter().map(|text| tag(text)).collect();
        let minutes = SignedDuration::from_mins(((n * 37) % 60) as i64 * 5);
        let event = event_of_type(types[n % types.len()])?
            .with_tags(wanted?)
            .with_occurred_at(NOON + minutes);
        let stream = streams[n % streams.len()].clone();
        store
            .append(Append::new(stream, ExpectedVersion::Any, vec![event]))
            .await?;
    }
    let log = store.log().await?;
    ensure_eq("the number of events in the log", log.len(), 60)?;
    Ok((store, log))
}
