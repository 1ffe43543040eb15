//! Fulfilment: orders are reserved in the log's order, and each is paid and sent, or cancelled.
//!
//! | from … to | where |
//! |---|---|
//! | what was imported to what orders need | [`fulfil`] |
//! | what an order needs to what is put aside for it | [`Warehouse`] |
//! | what is put aside to the one outcome | [`Fulfilment`] |
//! | payments and parcels | [`Payments`] and [`Shipping`], for which [`SimulatedProvider`] stands in |

mod desk;
mod history;
mod ports;
mod provider;
mod report;
mod saga;
mod stock;
mod wanted;
mod warehouse;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use orchestrix::aggregate::LoadError;
use orchestrix::app::ViewError;
use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::store::{GlobalPosition, ReadError};

use crate::domain::{Order, OrderId, StockCode};
use crate::read_models::SoldStock;

pub use desk::{Charge, FulfilmentDesk, Recall, Refund, Ship};
pub use history::{HistoryError, history};
pub use ports::{
    Answer, PaymentId, Payments, ProviderError, ReservationId, Shipping, TrackingNumber,
};
pub use provider::{Misbehaviour, Request, SimulatedProvider};
pub use report::{FulfilmentReport, summarize};
pub use saga::Fulfilment;
pub use stock::{
    AllocateStock, InsufficientStock, OpenStock, OtherStock, ReleaseStock, StockOpened,
    StockRefused, StockReleased, StockReserved, Wanted,
};
pub use warehouse::{WAREHOUSE, Warehouse};

/// Orders that are decided, and kept, at once.
const ORDERS_AT_ONCE: usize = 500;

/// How long what was imported before may take to be seen.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long everything that was decided may take to come to its end: some providers take their time.
const END: Duration = Duration::from_secs(24 * 3_600);

/// What was decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// Orders that were decided now.
    pub now: usize,
    /// Orders that had been decided before.
    pub before: usize,
}

/// Takes in `units` of everything that was sold, and decides for all orders of which no row was refused, in the log's
/// order: by the time of their first rows, then by their numbers, however the log was split and imported. Sagas do the
/// rest; [`ended`] waits for them.
///
/// What was taken in and decided before stays so: doing it again goes on where it was cut off.
///
/// # Errors
///
/// [`FulfilError`]; [`FulfilError::Open`] where other numbers were taken in before.
pub async fn fulfil(app: &App, units: u32) -> Result<Decided, FulfilError> {
    let head = app.store().head().await?;
    let sold = app.views::<SoldStock>().at_least(head).within(PATIENCE);
    let sold = sold.await?.into_iter();
    open_stock(app, sold.map(|(code, _)| StockCode::from(code)), units).await?;
    let all = wanted::of_whole_orders(app, head).await?;
    let mut decided = Decided::default();
    for orders in all.chunks(ORDERS_AT_ONCE) {
        let now = allocate(app, orders.to_vec()).await?;
        decided.now += now;
        decided.before += orders.len() - now;
    }
    Ok(decided)
}

/// Takes in `units` of each stock code that the warehouse does not know yet.
///
/// # Errors
///
/// [`FulfilError::Open`].
pub async fn open_stock(
    app: &App,
    stock_codes: impl IntoIterator<Item = StockCode>,
    units: u32,
) -> Result<(), FulfilError> {
    let open = OpenStock {
        warehouse: WAREHOUSE.to_owned(),
        stock_codes: stock_codes.into_iter().collect::<BTreeSet<_>>(),
        units_each: units.into(),
    };
    let opened = app.dispatch(open).await;
    opened
        .map(drop)
        .map_err(|source| FulfilError::Open { source })
}

/// Decides for one order. One that was decided before stays so.
///
/// # Errors
///
/// [`FulfilError::NotFound`] and [`FulfilError::NotReady`], and what the store says.
pub async fn fulfil_order(app: &App, order: &OrderId) -> Result<(), FulfilError> {
    let not_found = || FulfilError::NotFound {
        order: order.clone(),
    };
    let there = app.load::<Order>(order).await?;
    let there = there.state.ok_or_else(not_found)?;
    if there.cancelled || there.tracking.is_some() {
        return Err(FulfilError::NotReady {
            order: order.clone(),
            is: if there.cancelled {
                "cancelled"
            } else {
                "completed"
            },
        });
    }
    let wanted = Wanted::by(order.clone(), &there.lines);
    allocate(app, vec![wanted]).await.map(drop)
}

async fn allocate(app: &App, orders: Vec<Wanted>) -> Result<usize, FulfilError> {
    let allocate = AllocateStock {
        warehouse: WAREHOUSE.to_owned(),
        orders,
    };
    let decided = app.dispatch(allocate).await;
    let decided = decided.map_err(|source| FulfilError::Decide { source })?;
    Ok(decided.events.len())
}

/// Waits until every order that was decided has come to its end.
///
/// # Errors
///
/// [`ViewError`].
pub async fn ended(app: &App) -> Result<(), ViewError> {
    app.caught_up(GlobalPosition::START, END).await
}

/// Why orders were not fulfilled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FulfilError {
    /// There is no such order.
    #[error("there is no order {order}")]
    NotFound {
        /// Which.
        order: OrderId,
    },
    /// It has come to an end before.
    #[error("order {order} is not ready to be fulfilled: it is {is}")]
    NotReady {
        /// Which.
        order: OrderId,
        /// What it is.
        is: &'static str,
    },
    /// Nothing could be taken in.
    #[error("the warehouse could not be opened")]
    Open {
        /// Why.
        source: DispatchError<OtherStock>,
    },
    /// What is put aside could not be decided.
    #[error("what is put aside could not be decided")]
    Decide {
        /// Why.
        source: DispatchError<Infallible>,
    },
    /// It cannot be told what was sold.
    #[error(transparent)]
    View(#[from] ViewError),
    /// An order or the warehouse cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}
