//! The shop's domain: what customers ordered and returned. Nothing here knows where it is stored.

mod customer;
mod import;
mod order;
mod order_line;
mod values;

pub use customer::{
    Customer, Decided, ItemsReturned, PurchaseRecorded, PurchaseTakenBack, RecordPurchase,
    RefusedReturn, ReturnItems, ReturnRefused, TakeBackPurchase,
};
pub use import::{ImportedInvoice, InvoiceImported, RecordInvoice};
pub use order::{
    CancelOrder, CancelReason, CompleteOrder, ConfirmOrder, OpenOrder, Order, OrderCancelled,
    OrderCompleted, OrderError, OrderPlaced,
};
pub use order_line::OrderLine;
pub use values::{CustomerId, Item, Millipounds, OrderId, ReturnId, StockCode};
