//! Reading the whole store: order, filters and paging.

use super::opened::Opened;
use super::samples::{
    event_of_type, events, exact, ids, ids_of, some, stream, stream_of, versions,
};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{
    Append, ExpectedVersion, Filter, GlobalPosition, MAX_PAGE, ReadAll, RecordedEvent, StreamId,
    TenantId,
};

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

/// A filter by event types takes those of any of them, and no others.
pub async fn a_filter_takes_its_event_types(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    for types in [
        vec!["Placed"],
        vec!["Placed", "Paid"],
        vec!["placed"],
        vec!["Place", "Placed2"],
    ] {
        filters(&store, &log, Filter::all().event_types(types)).await?;
    }
    Ok(())
}

/// A filter by categories takes the streams of any of them, by the whole category.
pub async fn a_filter_takes_its_categories(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    for categories in [
        vec!["order"],
        vec!["order", "orders"],
        vec!["Order"],
        vec!["ord", "order-1"],
    ] {
        filters(&store, &log, Filter::all().categories(categories)).await?;
    }
    Ok(())
}

/// A filter by tenant takes that tenant's events only.
pub async fn a_filter_takes_its_tenant(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    for tenant in [TenantId::DEFAULT, "acme", "Acme", "nobody"] {
        filters(&store, &log, Filter::all().tenant(TenantId::new(tenant)?)).await?;
    }
    Ok(())
}

/// A filter by types, categories and tenant takes what all three want.
pub async fn filters_combine(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    let base = || Filter::all().event_types(["Placed", "Paid"]);
    filters(&store, &log, base().categories(["order"])).await?;
    filters(&store, &log, base().tenant(TenantId::new("acme")?)).await?;
    filters(
        &store,
        &log,
        Filter::all()
            .categories(["orders"])
            .tenant(TenantId::new("acme")?),
    )
    .await?;
    let all_three = base()
        .categories(["orders", "order"])
        .tenant(TenantId::new("acme")?);
    filters(&store, &log, all_three).await
}

/// Streams of equal names under two tenants are two streams.
pub async fn tenants_with_equal_stream_names_are_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream_of("a", "1")?, stream_of("b", "1")?];
    let mut written = vec![Vec::new(); streams.len()];
    for (n, stream) in streams.iter().enumerate() {
        for count in 1..=n + 1 {
            let append = Append::new(stream.clone(), exact((count - 1) as u64), events(1)?);
            written[n].extend(ids_of(&append));
            store.append(append).await?;
        }
    }
    for (stream, written) in streams.iter().zip(written) {
        let stored = store.stream(stream).await?;
        ensure_eq(
            format_args!("the events of {stream}"),
            ids(&stored),
            written.clone(),
        )?;
        let filter = Filter::all().tenant(stream.tenant().clone());
        let filtered = store.log_of(filter, MAX_PAGE).await?;
        ensure_eq(
            format_args!("the events of tenant {}", stream.tenant()),
            ids(&filtered),
            written,
        )?;
        ensure_eq(
            "their streams",
            filtered.iter().all(|event| event.stream == *stream),
            true,
        )?;
    }
    Ok(())
}

/// Where nothing matches, the page is scanned to the head, so that a reader moves on.
pub async fn scanned_to_passes_what_does_not_match(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, log) = with_mixed_events(subject).await?;
    let last = present(log.last(), "a last event")?.position;
    for filter in [
        Filter::all().event_types(["Never"]),
        Filter::all().categories(["never"]),
        Filter::all().tenant(TenantId::new("never")?),
    ] {
        let page = store
            .page(ReadAll::after(GlobalPosition::START).filter(filter))
            .await?;
        ensure(page.events.is_empty(), "no events", &page.events)?;
        ensure(
            page.scanned_to >= last,
            format_args!("a page scanned to {last}"),
            page.scanned_to,
        )?;
        ensure(page.at_head, "a page at the head", &page)?;
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

/// Events of several types, categories and tenants, mixed, with rare ones among them.
async fn with_mixed_events(
    subject: &dyn StoreUnderTest,
) -> Result<(Opened, Vec<RecordedEvent>), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [
        StreamId::new("order", "1")?,
        StreamId::new("orders", "1")?,
        StreamId::new("Order", "1")?,
        StreamId::new("customer", "order-1")?,
        StreamId::new("order", "1")?.with_tenant(TenantId::new("acme")?),
        StreamId::new("orders", "2")?.with_tenant(TenantId::new("acme")?),
        StreamId::new("order", "2")?.with_tenant(TenantId::new("Acme")?),
    ];
    let types = ["Placed", "Paid", "placed", "Shipped", "Placed2"];
    for n in 0..70 {
        let event = event_of_type(types[n % types.len()])?;
        let stream = streams[n % streams.len()].clone();
        store
            .append(Append::new(stream, ExpectedVersion::Any, vec![event]))
            .await?;
    }
    let log = store.log().await?;
    ensure_eq("the number of events in the log", log.len(), 70)?;
    Ok((store, log))
}

/// Checks that a filter gives what it matches of the log.
async fn filters(store: &Opened, log: &[RecordedEvent], filter: Filter) -> Result<(), Violation> {
    let expected: Vec<_> = log
        .iter()
        .filter(|event| filter.matches(event))
        .cloned()
        .collect();
    let what = format!("the events of {filter:?}");
    let found = store.log_of(filter, MAX_PAGE).await?;
    ensure_eq(what, ids(&found), ids(&expected))
}
