//! The report, from the read models.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestrix::app::{QueryError, ViewError};
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;

use crate::read_models::{RevenueByCountry, RevenueByMonth, SoldStock, TopCustomers, Totals};
use crate::report::{Report, TOP_CUSTOMERS, TopCustomer};

/// How long the read models may take to see everything that was imported.
const PATIENCE: Duration = Duration::from_secs(600);

/// Asks the read models, once they have seen everything up to `position` and all else that is in the log now.
///
/// What others append meanwhile is not waited for, since that may never end; some figures may count it already.
///
/// # Errors
///
/// [`QueryError`].
pub async fn summarize(app: &App, position: GlobalPosition) -> Result<Report, QueryError> {
    let head = app.store().head().await;
    let seen = position.max(head.map_err(|source| ViewError::Log { source })?);
    let totals = app.view::<Totals>(Totals::KEY);
    let totals = totals.at_least(seen).within(PATIENCE).await?;
    let totals = totals.unwrap_or_default();
    let customers = app.query::<TopCustomers>().at_least(seen).within(PATIENCE);
    let customers = customers.count().await?;
    let stock_codes = app.query::<SoldStock>().at_least(seen).within(PATIENCE);
    let stock_codes = stock_codes.count().await?;
    let months = documents::<RevenueByMonth>(app, seen).await?;
    let countries = documents::<RevenueByCountry>(app, seen).await?;
    Ok(Report {
        rows: totals.rows,
        orders: totals.orders,
        returns: totals.returns,
        rejected_rows: totals.rejected_rows,
        customers,
        skus: stock_codes,
        revenue_by_month: months
            .into_iter()
            .map(|(month, doc)| (month, doc.revenue.0))
            .collect(),
        revenue_by_country: countries
            .into_iter()
            .map(|(country, doc)| (country, doc.revenue.0))
            .collect::<BTreeMap<_, _>>(),
        top_customers: top_customers(app, seen).await?,
    })
}

/// The best, and all who are as good as the last of them: among those the id decides.
async fn top_customers(app: &App, seen: GlobalPosition) -> Result<Vec<TopCustomer>, QueryError> {
    let customers = || app.query::<TopCustomers>().at_least(seen).within(PATIENCE);
    let best = customers().descending("revenue").limit(TOP_CUSTOMERS);
    let Some((_, last)) = best.fetch().await?.documents.pop() else {
        return Ok(Vec::new());
    };
    let mut candidates = Vec::new();
    let mut next = None;
    loop {
        let mut query = customers().at_or_above("revenue", last.revenue);
        if let Some(cursor) = next {
            query = query.after(cursor);
        }
        let page = query.fetch().await?;
        candidates.extend(page.documents);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let candidates = candidates.into_iter().map(|(customer, doc)| TopCustomer {
        customer,
        revenue_millipounds: doc.revenue.0,
        orders: doc.orders,
    });
    Ok(TopCustomer::best(candidates))
}

async fn documents<P: Projection>(
    app: &App,
    seen: GlobalPosition,
) -> Result<Vec<(String, P)>, ViewError> {
    app.views::<P>().at_least(seen).within(PATIENCE).await
}
