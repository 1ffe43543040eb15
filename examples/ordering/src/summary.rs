//! The report, from the read models.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestrix::app::ViewError;
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;

use crate::read_models::{RevenueByCountry, RevenueByMonth, SoldStock, TopCustomers, Totals};
use crate::report::{Report, TopCustomer};

/// How long the read models may take to see everything that was imported.
const PATIENCE: Duration = Duration::from_secs(600);

/// Asks the read models, once they have seen everything up to `position`.
///
/// # Errors
///
/// [`ViewError`].
pub async fn summarize(app: &App, position: GlobalPosition) -> Result<Report, ViewError> {
    app.caught_up(position, PATIENCE).await?;
    let totals = app.view::<Totals>(Totals::KEY).await?.unwrap_or_default();
    let customers = app.views::<TopCustomers>().await?;
    let months = app.views::<RevenueByMonth>().await?;
    let countries = app.views::<RevenueByCountry>().await?;
    Ok(Report {
        rows: totals.rows,
        orders: totals.orders,
        returns: totals.returns,
        rejected_rows: totals.rejected_rows,
        customers: customers.len() as u64,
        skus: app.views::<SoldStock>().await?.len() as u64,
        revenue_by_month: months
            .into_iter()
            .map(|(month, doc)| (month, doc.revenue.0))
            .collect(),
        revenue_by_country: countries
            .into_iter()
            .map(|(country, doc)| (country, doc.revenue.0))
            .collect::<BTreeMap<_, _>>(),
        top_customers: TopCustomer::best(customers.into_iter().map(|(customer, doc)| {
            TopCustomer {
                customer,
                revenue_millipounds: doc.revenue.0,
                orders: doc.orders,
            }
        })),
    })
}
