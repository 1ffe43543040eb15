//! The tenant that work is done for.
//!
//! A call says its tenant with `.tenant(..)`. Where it does not, the tenant of the scope counts that it is awaited in, and
//! outside of all scopes the default one; with [`Config::require_tenant`](crate::app::Config::require_tenant) it is an error
//! instead. Event handlers run in the scope of their event's tenant.
//!
//! ```
//! use orchestrix::store::TenantId;
//! use orchestrix::tenant;
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let acme = TenantId::new("acme")?;
//! tenant::scope(acme.clone(), async {
//!     assert_eq!(tenant::current(), Some(acme.clone()));
//!     // A task of its own has no scope, unless it is given this one.
//!     let task = tokio::spawn(tenant::inherit(async { tenant::current() }));
//!     assert_eq!(task.await.ok().flatten(), Some(acme.clone()));
//! })
//! .await;
//! assert_eq!(tenant::current(), None);
//! # Ok(()) }
//! ```

use crate::store::TenantId;

tokio::task_local! {
    /// `None` where a scope was left on purpose.
    static SCOPE: Option<TenantId>;
}

/// Runs a future for a tenant. Scopes nest; the one around it counts again when this one ends, however it does.
pub async fn scope<F: Future>(tenant: TenantId, future: F) -> F::Output {
    SCOPE.scope(Some(tenant), future).await
}

/// Runs a function for a tenant.
pub fn scope_of<T>(tenant: TenantId, call: impl FnOnce() -> T) -> T {
    SCOPE.sync_scope(Some(tenant), call)
}

/// Runs a future for no tenant, as outside of all scopes.
pub async fn unscoped<F: Future>(future: F) -> F::Output {
    SCOPE.scope(None, future).await
}

/// A future that runs in the scope that this is called in: for tasks, which begin without one.
pub fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    SCOPE.scope(current(), future)
}

/// The tenant of the scope that this is called in.
pub fn current() -> Option<TenantId> {
    SCOPE.try_with(Clone::clone).ok().flatten()
}

/// Neither the call nor the scope it is awaited in says a tenant, and the app needs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no tenant is given, and this app needs one: say `.tenant(..)`, or call it inside of `tenant::scope`"
)]
#[non_exhaustive]
pub struct TenantRequired;

/// What a call says about its tenant.
#[derive(Debug, Clone)]
pub(crate) struct ChosenTenant(Option<TenantId>);

impl ChosenTenant {
    /// Nothing: the scope counts that it is awaited in.
    pub(crate) fn ambient() -> Self {
        Self(None)
    }

    pub(crate) fn named(tenant: TenantId) -> Self {
        Self(Some(tenant))
    }

    pub(crate) fn resolve(self, required: bool) -> Result<TenantId, TenantRequired> {
        match self.0.or_else(current) {
            Some(tenant) => Ok(tenant),
            None if required => Err(TenantRequired),
            None => Ok(TenantId::default()),
        }
    }
}
