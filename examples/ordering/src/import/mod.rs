//! Sending a log's invoices to the shop.
//!
//! Each invoice is noted when all of its rows have been dealt with, and every command says what it is about, so an
//! import that was cut off is completed by doing it again.

mod lanes;
mod rejects;

use std::collections::BTreeMap;
use std::convert::Infallible;

use futures_util::{StreamExt, TryStreamExt, stream};
use orchestrix::aggregate::LoadError;
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;

use crate::domain::{
    CustomerId, ImportedInvoice, Millipounds, OrderId, OrderLine, RecordInvoice, ReturnId,
    ReturnItems, StockCode,
};
use crate::log::rules::{GoodReturn, Judgement, RefusalReason, judge};
use crate::log::{Invoice, Log, Row};
use crate::progress::Sending;
use crate::shop::{PlaceOrder, PlaceOrderError};

use lanes::lanes;
pub use rejects::{RejectsError, RejectsFile};

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Invoices that were dealt with now.
    pub invoices: u64,
    /// Invoices that had been dealt with before, and were left alone.
    pub known: u64,
    /// Of those, invoices whose number of rows was another then: they are not what was imported.
    pub different: u64,
    /// Where the log of the store stood after the last command.
    pub position: GlobalPosition,
}

impl Imported {
    fn and(self, other: Self) -> Self {
        Self {
            invoices: self.invoices + other.invoices,
            known: self.known + other.known,
            different: self.different + other.different,
            position: self.position.max(other.position),
        }
    }
}

/// Sends every invoice, those of one customer in the log's order, `concurrency` customers at once.
///
/// # Errors
///
/// The first [`ImportError`]; what was sent before stays, and doing it again goes on from there.
pub async fn import(
    app: &App,
    log: &Log,
    concurrency: usize,
    sending: &Sending,
) -> Result<Imported, ImportError> {
    stream::iter(lanes(&log.invoices))
        .map(|lane| send_lane(app, lane, sending))
        .buffer_unordered(concurrency.max(1))
        .try_fold(
            Imported::default(),
            |all, lane| async move { Ok(all.and(lane)) },
        )
        .await
}

async fn send_lane(
    app: &App,
    lane: Vec<&Invoice>,
    sending: &Sending,
) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    for invoice in lane {
        match look_up(app, invoice).await? {
            Some(known) => imported = imported.and(known),
            None => imported = imported.and(send(app, invoice).await?),
        }
        sending.advance(1);
    }
    Ok(imported)
}

/// What is known of an invoice that was imported before.
async fn look_up(app: &App, invoice: &Invoice) -> Result<Option<Imported>, ImportError> {
    let before = app
        .load::<ImportedInvoice>(&*invoice.number)
        .await
        .map_err(|source| ImportError::Lookup {
            invoice: invoice.number.to_string(),
            source,
        })?;
    let position = before.position;
    Ok(before.state.map(|known| Imported {
        known: 1,
        different: u64::from(known.rows != invoice.rows.len() as u64),
        position,
        ..Imported::default()
    }))
}

async fn send(app: &App, invoice: &Invoice) -> Result<Imported, ImportError> {
    let Judgement {
        order,
        returns,
        refused,
    } = judge(invoice);
    if let Some(order) = order {
        app.dispatch(PlaceOrder {
            order: OrderId::from(invoice.number.to_string()),
            customer: CustomerId::from(order.customer.to_string()),
            lines: order.lines.into_iter().map(line).collect(),
        })
        .await?;
    }
    for good in &returns {
        app.dispatch(ReturnItems {
            customer: CustomerId::from(good.customer.to_string()),
            return_id: return_id(invoice, good),
            stock_code: StockCode::from(good.row.stock_code.to_string()),
            quantity: good.quantity,
            unit_price: Millipounds(good.row.unit_price_millipounds),
        })
        .await
        .map_err(|source| ImportError::Return { source })?;
    }
    let mut reasons: BTreeMap<RefusalReason, u64> = BTreeMap::new();
    for refusal in refused {
        *reasons.entry(refusal.reason).or_default() += 1;
    }
    let recorded = app
        .dispatch(RecordInvoice {
            invoice: invoice.number.to_string(),
            rows: invoice.rows.len() as u64,
            refused: reasons,
        })
        .await;
    match recorded {
        Ok(receipt) => Ok(Imported {
            invoices: 1,
            position: receipt.position,
            ..Imported::default()
        }),
        // Another import of the same invoice was faster.
        Err(DispatchError::AlreadyExists { .. }) => {
            Ok(look_up(app, invoice).await?.unwrap_or_default())
        }
        Err(source) => Err(ImportError::Note { source }),
    }
}

fn line(row: &Row) -> OrderLine {
    OrderLine {
        stock_code: StockCode::from(row.stock_code.to_string()),
        quantity: row.quantity,
        unit_price: Millipounds(row.unit_price_millipounds),
        invoiced_at: row.date,
        country: row.country.to_string(),
    }
}

/// The same row of the same invoice is the same return, in whichever file it stands.
fn return_id(invoice: &Invoice, good: &GoodReturn<'_>) -> ReturnId {
    let place = invoice
        .rows
        .iter()
        .position(|row| std::ptr::eq(row, good.row));
    ReturnId::from(format!(
        "{}/{}",
        invoice.number,
        place.map_or(0, |place| place + 1)
    ))
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Whether an invoice was imported before could not be found out.
    #[error("invoice {invoice} could not be looked up")]
    Lookup {
        /// Which.
        invoice: String,
        /// Why.
        source: LoadError,
    },
    /// An order came to nothing.
    #[error(transparent)]
    Order(#[from] DispatchError<PlaceOrderError>),
    /// A return.
    #[error("a return could not be sent")]
    Return {
        /// Why.
        source: DispatchError<Infallible>,
    },
    /// The note that an invoice is done.
    #[error("a finished invoice could not be noted")]
    Note {
        /// Why.
        source: DispatchError<Infallible>,
    },
}
