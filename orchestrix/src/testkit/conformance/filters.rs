//! Reading a part of the whole store: filters and tenants.

use super::opened::Opened;
use super::samples::{event_of_type, events, exact, ids, ids_of, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{
    Append, ExpectedVersion, Filter, GlobalPosition, MAX_PAGE, ReadAll, RecordedEvent, StreamId,
    TenantId,
};

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

/// Events of several types, categories and tenants, mixed, with rare ones among them.
pub(super) async fn with_mixed_events(
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
pub(super) async fn filters(
    store: &Opened,
    log: &[RecordedEvent],
    filter: Filter,
) -> Result<(), Violation> {
    let expected: Vec<_> = log
        .iter()
        .filter(|event| filter.matches(event))
        .cloned()
        .collect();
    let what = format!("the events of {filter:?}");
    let found = store.log_of(filter, MAX_PAGE).await?;
    ensure_eq(what, ids(&found), ids(&expected))
}
