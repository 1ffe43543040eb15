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

/// Asks the read models, once they have seen everything up to `position` and all else that is in the log now.
///
/// What others append meanwhile is not waited for, since that may never end; some figures may count it already.
///
/// # Errors
///
/// [`ViewError`].
pub async fn summarize(app: &App, position: GlobalPosition) -> Result<Report, ViewError> {
    let head = app.store().head().await;
    let seen = position.max(head.map_err(|source| ViewError::Log { source })?);
    let totals = app.view::<Totals>(Totals::KEY);
    let totals = totals.at_least(seen).within(PATIENCE).await?;
    let totals = totals.unwrap_or_default();
    let customers = documents::<TopCustomers>(app, seen).await?;
    let months = documents::<RevenueByMonth>(app, seen).await?;
    let countries = documents::<RevenueByCountry>(app, seen).await?;
    Ok(Report {
        rows: totals.rows,
        orders: totals.orders,
        returns: totals.returns,
        rejected_rows: totals.rejected_rows,
        customers: customers.len() as u64,
        skus: documents::<SoldStock>(app, seen).await?.len() as u64,
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

async fn documents<P: Projection>(
    app: &App,
    seen: GlobalPosition,
) -> Result<Vec<(String, P)>, ViewError> {
    app.views::<P>().at_least(seen).within(PATIENCE).await
}
