//! One key in two tenants: two instances that know nothing of each other.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaOutcome, SagaRecord, SagaStatus};
use orchestrix::store::{Append, EventData, ExpectedVersion, Payload, StreamId, TenantId};

use super::marks::Marks;
use super::stays_open::StaysOpen;
use super::trip::{Travel, Trip, TripBooked};
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::PATIENCE;

on_stores! {
    one_key_in_two_tenants_is_two_sagas_in_memory: in_memory(two);
    one_key_in_two_tenants_is_two_sagas_on_sqlite: on_sqlite(two);
    one_key_in_two_tenants_is_two_sagas_on_postgres: on_postgres(two);
}

const KEY: &str = "1";

/// What each tenant's trip does: all goes well, or the payment fails.
const TENANTS: [(&str, Option<&str>); 2] = [("acme", None), ("other", Some("pay"))];

async fn two(stores: Stores) -> Result<(), BoxError> {
    let events = stores[0].ports().events;
    for (tenant, fails) in TENANTS {
        let booked = TripBooked {
            trip: KEY.to_owned(),
            fails: fails.map(str::to_owned),
            stumbles: None,
            is_busy: None,
        };
        let event = EventData::new("TripBooked", 1, Payload::of(&booked)?);
        let stream = StreamId::new("desk", KEY)?.with_tenant(TenantId::new(tenant)?);
        let append = Append::new(stream, ExpectedVersion::NoStream, vec![event]);
        for appended in events.append(vec![append]).await {
            appended?;
        }
    }
    let builder = Orchestrix::builder().isolated().module(Travel);
    let app = builder.store(StaysOpen(stores[0].clone())).start().await?;
    let head = events.head().await?;
    app.caught_up(head, PATIENCE).await?;
    for (name, fails) in TENANTS {
        let tenant = TenantId::new(name)?;
        let outcome = match fails {
            None => SagaOutcome::Completed,
            Some(_) => SagaOutcome::Compensated,
        };
        let sagas = app.sagas::<Trip>().tenant(tenant.clone());
        let history = sagas.history(KEY).await?.ok_or("it began")?;
        assert_eq!(history.status, SagaStatus::Ended(outcome), "{name}");
        assert_eq!(history.stream.tenant(), &tenant);
        let records = app.query::<SagaRecord>().tenant(tenant.clone());
        let records = records.at_least(events.head().await?).fetch().await?;
        let records = records.documents.iter();
        let records: Vec<_> = records
            .map(|(_, record)| (record.key.as_str(), record.status.clone()))
            .collect();
        assert_eq!(records, [(KEY, outcome.to_string())], "{name}");
        for (part, count) in [
            ("flight", 1),
            ("pay", u32::from(fails.is_none())),
            ("cancel_flight", u32::from(fails.is_some())),
        ] {
            let marks = app.load::<Marks>(&format!("{KEY}.{part}"));
            let marks = marks.tenant(tenant.clone()).await?.state;
            assert_eq!(marks.map_or(0, |marks| marks.0), count, "{part} of {name}");
        }
    }
    // The default tenant has none of both.
    assert_eq!(app.sagas::<Trip>().history(KEY).await?, None);
    Ok(app.shutdown().await?)
}
