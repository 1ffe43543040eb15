//! What can be asked of the shop.

mod customers;
mod fulfilled;
mod orders;
mod revenue;
mod totals;

pub use customers::{CustomerOrder, OrdersByCustomer, TopCustomers};
pub use fulfilled::FulfilledOrders;
pub use orders::CurrentOrders;
pub use revenue::{RevenueByCountry, RevenueByMonth, SoldStock};
pub use totals::Totals;
