//! `ordering saga`: the history of one order's fulfilment.

use std::fmt::Write as _;

use orchestrix::prelude::*;
use orchestrix::saga::SagaError;

use super::Fulfilment;

/// A line for each thing that happened, with its time, and what it came to.
///
/// # Errors
///
/// [`HistoryError`]; [`HistoryError::Unknown`] where the order's fulfilment has not begun.
pub async fn history(app: &App, order: &str) -> Result<String, HistoryError> {
    let found = app.sagas::<Fulfilment>().history(order).await?;
    let found = found.ok_or_else(|| HistoryError::Unknown {
        order: order.to_owned(),
    })?;
    let mut text = format!("{} is {}\n\n", found.stream.name(), found.status);
    text += "version  occurred                 what\n";
    for entry in &found.entries {
        let time = entry.at.strftime("%Y-%m-%d %H:%M:%S%.3f");
        let _ = writeln!(text, "{:>7}  {time}  {}", entry.version.get(), entry.what);
    }
    Ok(text)
}

/// Why there is no history to show.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Nothing was decided for the order.
    #[error("the fulfilment of order {order} has not begun: there is no such saga in this store")]
    Unknown {
        /// Which.
        order: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Saga(#[from] SagaError),
}
