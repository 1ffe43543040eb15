//! What is found after a kill: the log, what was acknowledged and handled, the read models.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::projection::Projection;
use orchestrix::store::{
    Backend, GlobalPosition, MAX_PAGE, Ports, ReadAll, ReadModelStore, RecordedEvent,
};
use serde_json::Value;
use tests::crash_bank::{
    Acknowledged, Balance, BankPlace, HANDLER, Handled, Held, LineError, Sizes, TENANTS, Whole,
    whole_lines,
};

/// An event as the log has it.
#[derive(Debug, Clone)]
pub(in crate::torture) struct Logged {
    pub(in crate::torture) stream: String,
    pub(in crate::torture) version: u64,
    pub(in crate::torture) position: u64,
    pub(in crate::torture) event_id: String,
    pub(in crate::torture) tenant: String,
    /// The stored name of its type.
    pub(in crate::torture) event_type: String,
    pub(in crate::torture) account: String,
    pub(in crate::torture) pence: i64,
}

/// What each document of the bank says: how many events it saw, and what they came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::torture) struct Sums {
    pub(in crate::torture) events: u64,
    pub(in crate::torture) pence: i64,
}

/// Documents by tenant and key.
pub(in crate::torture) type Documents = BTreeMap<(String, String), Sums>;

/// A read model and how far it says it is.
#[derive(Debug, Clone)]
pub(in crate::torture) struct ViewFound {
    pub(in crate::torture) name: &'static str,
    pub(in crate::torture) checkpoint: u64,
    pub(in crate::torture) documents: Documents,
}

/// All that is found.
#[derive(Debug, Clone)]
pub(in crate::torture) struct Evidence {
    /// By position.
    pub(in crate::torture) log: Vec<Logged>,
    /// In no particular order.
    pub(in crate::torture) acknowledged: Vec<Acknowledged>,
    /// What the handler was given, by process, in order.
    pub(in crate::torture) runs: Vec<Vec<Handled>>,
    pub(in crate::torture) handler_checkpoint: u64,
    pub(in crate::torture) views: Vec<ViewFound>,
}

impl Evidence {
    /// Looks at a store on which nobody works, and takes what the processes wrote down.
    pub(in crate::torture) async fn of(
        place: &BankPlace,
        acknowledged: &[Acknowledged],
        runs: &[Vec<Handled>],
    ) -> Result<Self, BoxError> {
        let store = place.open().await?;
        let found = Self::found(&*store, acknowledged, runs).await;
        store.close().await?;
        found
    }

    async fn found(
        store: &dyn Backend,
        acknowledged: &[Acknowledged],
        runs: &[Vec<Handled>],
    ) -> Result<Self, BoxError> {
        let ports = store.ports();
        let handler = ports.checkpoints.load_checkpoint(HANDLER).await?;
        let models = &*ports.read_models;
        let log = log(&ports).await?;
        let mut held = view_of(models, Held::NAME, Held::SUBSCRIPTION).await?;
        // Whatever its subscription has come to: it is written with the events.
        held.checkpoint = log.last().map_or(0, |event| event.position);
        Ok(Self {
            log,
            acknowledged: acknowledged.to_vec(),
            runs: runs.to_vec(),
            handler_checkpoint: handler.get(),
            views: vec![
                view::<Balance>(models).await?,
                view::<Sizes>(models).await?,
                view::<Whole>(models).await?,
                held,
            ],
        })
    }
}

/// What a process wrote down; nothing when it did not come to that.
pub(in crate::torture) fn noted<L: FromStr<Err = LineError>>(
    file: &Path,
) -> Result<Vec<L>, BoxError> {
    match file.exists() {
        true => Ok(whole_lines(&fs::read_to_string(file)?)?),
        false => Ok(Vec::new()),
    }
}

async fn log(ports: &Ports) -> Result<Vec<Logged>, BoxError> {
    let mut log = Vec::new();
    let mut after = GlobalPosition::START;
    loop {
        let page = ports.events.read_all(ReadAll::after(after)).await?;
        for event in &page.events {
            log.push(logged(event)?);
        }
        if page.at_head {
            return Ok(log);
        }
        after = page.scanned_to;
    }
}

/// The payload is read here as plain JSON, so that a mistake in decoding events does not hide itself.
fn logged(event: &RecordedEvent) -> Result<Logged, BoxError> {
    let payload: Value = event.data.payload.read()?;
    let strange = || format!("the log holds what no writer wrote: {payload}");
    let account = payload["account"].as_str().ok_or_else(strange)?;
    Ok(Logged {
        stream: event.stream.to_string(),
        version: event.version.get(),
        position: event.position.get(),
        event_id: event.event_id().to_string(),
        tenant: event.stream.tenant().to_string(),
        event_type: event.event_type().to_owned(),
        account: account.to_owned(),
        pence: payload["pence"].as_i64().ok_or_else(strange)?,
    })
}

async fn view<P: Projection>(models: &dyn ReadModelStore) -> Result<ViewFound, BoxError> {
    view_of(models, P::NAME, &format!("{}@{}", P::NAME, P::VERSION)).await
}

async fn view_of(
    models: &dyn ReadModelStore,
    name: &'static str,
    collection: &str,
) -> Result<ViewFound, BoxError> {
    let mut documents = Documents::new();
    for tenant in TENANTS {
        let of = TenantId::new(tenant)?;
        // There are fewer documents than a page holds.
        let found = models.scan(collection, &of, None, MAX_PAGE).await?;
        for document in found {
            let sums = document.body.read()?;
            documents.insert((tenant.to_owned(), document.key), sums);
        }
    }
    Ok(ViewFound {
        name,
        checkpoint: models.read_model_checkpoint(collection).await?.get(),
        documents,
    })
}
