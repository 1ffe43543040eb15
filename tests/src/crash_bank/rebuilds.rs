//! Read models that are built anew, one after the other, for as long as the process lives.

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::projection::Projection;

use super::{Balance, Held, Sizes, Whole};

/// Longer than any build of the bank takes, on a busy machine, too.
const LIMIT: Duration = Duration::from_secs(60);

/// The subscriptions of the bank's read models.
pub fn read_models() -> [String; 4] {
    fn name<P: Projection>() -> String {
        format!("{}@{}", P::NAME, P::VERSION)
    }
    let held = Held::SUBSCRIPTION.to_owned();
    [name::<Balance>(), held, name::<Sizes>(), name::<Whole>()]
}

/// Builds the bank's read models anew, again and again.
///
/// # Errors
/// When one of them cannot be built, or takes too long.
pub async fn rebuild(app: &App) -> Result<(), BoxError> {
    loop {
        for name in read_models() {
            app.rebuild(&name).await?.switched(LIMIT).await?;
        }
    }
}
