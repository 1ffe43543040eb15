//! `ordering fulfil` and `ordering saga`.

use orchestrix::prelude::*;
use orchestrix::saga::SagaError;

use super::Failure;
use crate::cli::{Fulfil, ReportFormat, SagaCommand, StoreChoice};
use crate::fulfilment::{self, Decided, FulfilError, HistoryError};
use crate::interrupt::unless_interrupted;
use crate::output::note;

pub(super) async fn fulfil(app: &App, options: &Fulfil) -> Result<String, Failure> {
    let work = async {
        let decided = fulfilment::fulfil(app, options.stock).await?;
        note(&told_decided(decided));
        fulfilment::ended(app).await?;
        fulfilment::summarize(app).await
    };
    let report = match unless_interrupted(work).await {
        Ok(report) => report,
        Err(stopped) => {
            let so_far = match options.store.choice {
                StoreChoice::Memory => "; memory keeps nothing",
                _ => "; what was done is kept, and the same command goes on from there",
            };
            return Err(Failure::stopped(&stopped, so_far));
        }
    };
    let report = report.map_err(|error| match &error {
        FulfilError::Open { source } if source.rejection().is_some() => Failure::input(&error),
        _ => Failure::store(&error),
    })?;
    match options.report.format {
        ReportFormat::Text => Ok(report.to_text()),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            Ok(json.map_err(|error| Failure::store(&error))? + "\n")
        }
    }
}

fn told_decided(decided: Decided) -> String {
    match (decided.now, decided.before) {
        (0, 0) => "nothing to fulfil: no order is open".to_owned(),
        (0, before) => format!("nothing new: all {before} open orders had been decided before"),
        (now, 0) => format!("{now} orders decided"),
        (now, before) => format!("{now} orders decided, {before} open ones had been before"),
    }
}

pub(super) async fn history(app: &App, what: &SagaCommand) -> Result<String, Failure> {
    let history = fulfilment::history(app, &what.id).await;
    history.map_err(|error| match error {
        HistoryError::Unknown { .. } | HistoryError::Saga(SagaError::InvalidKey { .. }) => {
            Failure::input(&error)
        }
        error => Failure::store(&error),
    })
}
