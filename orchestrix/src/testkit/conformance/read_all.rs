//! Reading the whole store: order and paging.

use super::filters::with_mixed_events;
use super::opened::Opened;
use super::samples::{ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{Filter, GlobalPosition, MAX_PAGE, ReadAll};

/// An empty store has no events, and its head is the start.
pub async fn an_empty_store_has_no_events_and_no_head(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    ensure_eq(
        "the head",
        store.events.head().await?,
        GlobalPosition::START,
    )?;
    let page = store.page(ReadAll::after(GlobalPosition::START)).await?;
    ensure(page.events.is_empty(), "no events", &page)?;
    ensure_eq(
        "how far it was scanned",
        page.scanned_to,
        GlobalPosition::START,
    )?;
    ensure(page.at_head, "a page at the head", &page)
}

/// Events come in the order of their positions, which is that of the appends.
pub async fn events_come_in_the_order_of_their_positions(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut written = Vec::new();
    for n in 0..30 {
        // Names fall while positions rise, so that no index gives the right order by chance.
        let append = some(&stream(&format!("{:02}", 99 - n))?, 1 + n % 3)?;
        written.extend(ids_of(&append));
        store.append(append).await?;
    }
    // Whether positions increase is checked wherever a page is read.
    ensure_eq("the log's events", ids(&store.log().await?), written)
}

/// The versions of each stream come in their order.
pub async fn versions_of_a_stream_come_in_their_order(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream("2")?, stream_of("elsewhere", "1")?];
    for n in 0..30 {
        store.append(some(&streams[n % 3], 1 + n % 2)?).await?;
    }
    let log = store.log().await?;
    for stream in streams {
        let of_stream: Vec<_> = log
            .iter()
            .filter(|event| event.stream == stream)
            .cloned()
            .collect();
        let dense: Vec<u64> = (1..=15).collect();
        ensure_eq(
            format_args!("the versions of {stream}"),
            versions(&of_stream),
            dense,
        )?;
    }
    Ok(())
}

/// Only events behind the position are read, not the one at it.
pub async fn after_is_exclusive(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream("2")?);
    for (stream, count) in [(&one, 2), (&two, 1), (&one, 2)] {
        store.append(some(stream, count)?).await?;
    }
    let log = store.log().await?;
    ensure_eq("the number of events in the log", log.len(), 5)?;
    for (n, event) in log.iter().enumerate() {
        let page = store.page(ReadAll::after(event.position)).await?;
        let what = format_args!("the events behind {}", event.position);
        ensure_eq(what, ids(&page.events), ids(&log[n + 1..]))?;
    }
    Ok(())
}

/// A limit takes the events next behind the position.
pub async fn a_limit_takes_the_first_events_behind(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for n in 0..6 {
        store.append(some(&stream(&n.to_string())?, 1)?).await?;
    }
    let log = store.log().await?;
    for (n, event) in log.iter().enumerate() {
        for limit in 1..=log.len() {
            let page = store
                .page(ReadAll::after(event.position).limit(limit))
                .await?;
            let expected: Vec<_> = log[n + 1..].iter().take(limit).cloned().collect();
            let what = format_args!("the first {limit} events behind {}", event.position);
            ensure_eq(what, ids(&page.events), ids(&expected))?;
        }
    }
    Ok(())
}

/// A position behind the head, however far, is no error, and the page is not scanned back.
pub async fn a_position_behind_the_head_is_no_error(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for filled in [false, true] {
        if filled {
            store.append(some(&stream("1")?, 3)?).await?;
        }
        let head = store.events.head().await?.get();
        for far in [head, head + 1, head + 1_000, i64::MAX as u64, u64::MAX] {
            // That it is never scanned below the position asked for is checked wherever a page is read.
            let page = store.page(ReadAll::after(GlobalPosition::new(far))).await?;
            ensure(page.events.is_empty(), "no events", &page)?;
        }
    }
    Ok(())
}

/// A page that leaves events unread is not at the head; the one that reads to the end is.
pub async fn at_head_tells_whether_more_can_be_read(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store.append(some(&stream("1")?, 5)?).await?;
    for limit in 1..5 {
        let page = store
            .page(ReadAll::after(GlobalPosition::START).limit(limit))
            .await?;
        ensure(
            !page.at_head,
            format_args!("a page of {limit} of 5 events not at the head"),
            &page,
        )?;
    }
    let page = store
        .page(ReadAll::after(GlobalPosition::START).limit(6))
        .await?;
    ensure(page.at_head, "a page with room left at the head", &page)?;
    // A full page may end at the head without knowing it; the next one knows.
    let page = store.page(ReadAll::after(page.scanned_to).limit(5)).await?;
    ensure(
        page.at_head && page.events.is_empty(),
        "an empty page at the head",
        &page,
    )
}

/// Pages of any size, filtered or not, give together what one read gives.
pub async fn pages_together_give_the_whole_log(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    for size in [1, 2, 7, log.len() - 1, log.len(), log.len() + 1] {
        let paged = store.log_of(Filter::all(), size).await?;
        ensure_eq(
            format_args!("the events in pages of {size}"),
            ids(&paged),
            ids(&log),
        )?;
        let filter = Filter::all().event_types(["Paid"]).categories(["order"]);
        let expected: Vec<_> = log
            .iter()
            .filter(|event| filter.matches(event))
            .cloned()
            .collect();
        let paged = store.log_of(filter, size).await?;
        ensure_eq(
            format_args!("the filtered events in pages of {size}"),
            ids(&paged),
            ids(&expected),
        )?;
    }
    Ok(())
}

/// A log longer than the longest page is read to its end.
pub async fn a_long_log_is_read_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut written = Vec::new();
    for n in 0..5 {
        let append = some(&stream(&n.to_string())?, 500)?;
        written.extend(ids_of(&append));
        store.append(append).await?;
    }
    let first = store.page(ReadAll::after(GlobalPosition::START)).await?;
    ensure_eq(
        "the events of the longest page",
        ids(&first.events),
        &written[..MAX_PAGE],
    )?;
    ensure_eq("the log's events", ids(&store.log().await?), written)
}

/// The head is where the log ends.
pub async fn the_head_is_behind_every_acknowledged_event(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for n in 0..10 {
        let appended = store
            .append(some(&stream(&(n % 2).to_string())?, 1 + n % 3)?)
            .await?;
        let head = store.events.head().await?;
        ensure(
            head >= appended.position,
            format_args!("a head from {}", appended.position),
            head,
        )?;
        let behind = store.page(ReadAll::after(head)).await?;
        ensure(
            behind.events.is_empty(),
            "no events behind the head",
            &behind,
        )?;
    }
    Ok(())
}
