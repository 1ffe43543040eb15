//! Commands that are sent twice: by one app, by another node, after a restart, by many at once.

use std::future::IntoFuture;

use futures_util::future::try_join_all;
use orchestrix::app::DispatchError;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{EventStore, Filter, IdempotencyKey, ReadAll, ReadStream, StreamId};

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};

/// So many send one request at once.
const SENDERS: usize = 100;

on_stores! {
    a_repeat_from_anywhere_gets_the_first_receipt_in_memory: in_memory(from_anywhere);
    a_repeat_from_anywhere_gets_the_first_receipt_on_sqlite: on_sqlite(from_anywhere);
    a_repeat_from_anywhere_gets_the_first_receipt_on_postgres: on_postgres(from_anywhere);
    what_would_be_refused_now_gets_the_first_receipt_in_memory: in_memory(refused_now);
    what_would_be_refused_now_gets_the_first_receipt_on_sqlite: on_sqlite(refused_now);
    what_would_be_refused_now_gets_the_first_receipt_on_postgres: on_postgres(refused_now);
    many_repeats_at_once_have_one_effect_in_memory: in_memory(many_at_once);
    many_repeats_at_once_have_one_effect_on_sqlite: on_sqlite(many_at_once);
    many_repeats_at_once_have_one_effect_on_postgres: on_postgres(many_at_once);
}

#[derive(Event, Serialize, Deserialize)]
struct PurseOpened {}

#[derive(Event, Serialize, Deserialize)]
struct Moved {
    pence: i64,
}

#[derive(Command)]
struct Open {
    #[id]
    purse: String,
}

#[derive(Command)]
struct Move {
    #[id]
    purse: String,
    pence: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("{balance} pence are too few")]
struct TooFew {
    balance: i64,
}

#[derive(Debug)]
struct Purse {
    balance: i64,
}

#[aggregate]
impl Purse {
    #[handle]
    fn open(_: Open) -> PurseOpened {
        PurseOpened {}
    }

    #[handle]
    fn change(&self, cmd: Move) -> Result<Option<Moved>, TooFew> {
        match self.balance + cmd.pence {
            below if below < 0 => Err(TooFew {
                balance: self.balance,
            }),
            _ => Ok((cmd.pence != 0).then_some(Moved { pence: cmd.pence })),
        }
    }

    #[apply]
    fn opened(_: &PurseOpened) -> Self {
        Self { balance: 0 }
    }

    #[apply]
    fn moved(&mut self, event: &Moved) {
        self.balance += event.pence;
    }
}

#[module(aggregates(Purse))]
struct Purses;

fn open(purse: &str) -> Open {
    Open {
        purse: purse.to_owned(),
    }
}

fn change(purse: &str, pence: i64) -> Move {
    Move {
        purse: purse.to_owned(),
        pence,
    }
}

async fn apps(stores: Stores) -> Result<Vec<App>, BoxError> {
    let mut apps = Vec::new();
    for store in stores {
        let app = Orchestrix::builder().isolated().store(Opened(store));
        apps.push(app.module(Purses).start().await?);
    }
    Ok(apps)
}

async fn length(store: &dyn EventStore, purse: &str) -> Result<usize, BoxError> {
    let stream = StreamId::new("purse", purse)?;
    let events = store.read_stream(ReadStream::forward(stream)).await?;
    Ok(events.len())
}

async fn from_anywhere(stores: Stores) -> Result<(), BoxError> {
    let apps = apps(stores).await?;
    let key = IdempotencyKey::new("pay in")?;
    apps[0].dispatch(open("a")).await?;
    let pay_in = |app: &App| {
        app.dispatch(change("a", 10))
            .idempotency_key(key.clone())
            .into_future()
    };
    let first = pay_in(&apps[0]).await?;
    assert_eq!((first.version.get(), first.events.len()), (2, 1));
    assert_eq!(pay_in(&apps[0]).await?, first, "the same app again");
    assert_eq!(pay_in(&apps[1]).await?, first, "another node");
    for pence in 1..=3 {
        apps[1].dispatch(change("a", pence)).await?;
    }
    assert_eq!(pay_in(&apps[0]).await?, first, "after later events");
    assert_eq!(pay_in(&apps[2]).await?, first, "after a restart");
    // No app took the repeats for events of its own.
    for (n, app) in apps.iter().enumerate() {
        let receipt = app.dispatch(change("a", 100)).await?;
        assert_eq!(receipt.version.get(), 6 + n as u64);
    }
    let purse = apps[0].load::<Purse>("a").await?;
    assert_eq!(purse.state.map(|purse| purse.balance), Some(416));

    // The key of another tenant is another key.
    let red = TenantId::new("red")?;
    apps[0].dispatch(open("a")).tenant(red.clone()).await?;
    let other = pay_in_of(&apps[1], &key, &red).await?;
    assert_ne!(other.events, first.events);
    assert_eq!(pay_in_of(&apps[0], &key, &red).await?, other);

    // In another stream it is another request.
    apps[0].dispatch(open("b")).await?;
    for app in &apps[..2] {
        let reused = app.dispatch(change("b", 5)).idempotency_key(key.clone());
        match reused.await {
            Err(DispatchError::KeyReused {
                key: told,
                stream,
                used,
            }) => {
                assert_eq!(told, key);
                assert_eq!((stream.name(), used.name()), ("purse-b", "purse-a"));
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    assert_eq!(length(apps[0].store(), "b").await?, 1);
    shut_down(apps).await
}

async fn pay_in_of(
    app: &App,
    key: &IdempotencyKey,
    tenant: &TenantId,
) -> Result<Receipt, BoxError> {
    let pay_in = app.dispatch(change("a", 10)).tenant(tenant.clone());
    Ok(pay_in.idempotency_key(key.clone()).await?)
}

async fn refused_now(stores: Stores) -> Result<(), BoxError> {
    let apps = apps(stores).await?;
    let keys = ["open", "empty", "nothing"].map(IdempotencyKey::new);
    let [of_open, of_empty, of_nothing] = keys;
    let (of_open, of_empty, of_nothing) = (of_open?, of_empty?, of_nothing?);
    let opening = |app: &App| app.dispatch(open("a")).idempotency_key(of_open.clone());
    let emptying = |app: &App| {
        let all = app.dispatch(change("a", -10));
        all.idempotency_key(of_empty.clone())
    };
    let opened = opening(&apps[0]).await?;
    // What is refused keeps no key: later it may be done.
    let refused = emptying(&apps[0]).await;
    assert!(refused.is_err_and(|error| error.rejection().is_some()));
    apps[0].dispatch(change("a", 10)).await?;
    let emptied = emptying(&apps[0]).await?;
    for app in &apps {
        assert_eq!(opening(app).await?, opened, "though it exists already");
        assert_eq!(emptying(app).await?, emptied, "though it is empty");
    }
    // What gave no events keeps no key either, and what gives none now may have given some.
    let nothing = |app: &App, pence| {
        app.dispatch(change("a", pence))
            .idempotency_key(of_nothing.clone())
            .into_future()
    };
    assert!(nothing(&apps[0], 0).await?.events.is_empty());
    let something = nothing(&apps[1], 7).await?;
    assert_eq!(something.events.len(), 1);
    for app in &apps {
        assert_eq!(nothing(app, 0).await?, something);
    }
    // Nor is the receipt lost with the stream.
    let stream = StreamId::new("purse", "a")?;
    let any = orchestrix::store::ExpectedVersion::Any;
    apps[0].store().archive_stream(&stream, any).await?;
    for app in &apps {
        assert_eq!(opening(app).await?, opened, "though it is archived");
        assert_eq!(emptying(app).await?, emptied, "though it is archived");
    }
    let filter = Filter::all();
    let log = apps[0]
        .store()
        .read_all(ReadAll::after(Default::default()).filter(filter));
    assert_eq!(log.await?.events.len(), 4);
    shut_down(apps).await
}

async fn many_at_once(stores: Stores) -> Result<(), BoxError> {
    let apps = apps(stores).await?;
    apps[0].dispatch(open("a")).await?;
    let key = IdempotencyKey::new("pay in")?;
    let senders = (0..SENDERS).map(|n| {
        let sent = apps[n % 2].dispatch(change("a", 1));
        sent.idempotency_key(key.clone()).into_future()
    });
    let receipts = try_join_all(senders).await?;
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(length(apps[0].store(), "a").await?, 2);
    // Those that create: most find it there.
    let key = IdempotencyKey::new("open")?;
    let senders = (0..SENDERS).map(|n| {
        let sent = apps[n % 2].dispatch(open("b"));
        sent.idempotency_key(key.clone()).into_future()
    });
    let receipts = try_join_all(senders).await?;
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(length(apps[0].store(), "b").await?, 1);
    shut_down(apps).await
}
