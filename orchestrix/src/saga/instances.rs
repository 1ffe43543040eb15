//! Which instances a person asks about: of one saga, of one tenant.

use std::sync::Arc;

use super::{SagaError, event};
use crate::app::Core;
use crate::message::Key;
use crate::store::{StreamId, TenantId};
use crate::tenant::ChosenTenant;

/// How often what a person asks for is tried again, while the instance goes on by itself.
pub(super) const ATTEMPTS: usize = 10;

/// The instances of a saga.
pub(super) struct Instances {
    pub(super) core: Arc<Core>,
    saga: &'static str,
    tenant: ChosenTenant,
}

impl Instances {
    pub(super) fn of(core: Arc<Core>, saga: &'static str) -> Self {
        Self {
            core,
            saga,
            tenant: ChosenTenant::ambient(),
        }
    }

    pub(super) fn of_tenant(self, tenant: TenantId) -> Self {
        let tenant = ChosenTenant::named(tenant);
        Self { tenant, ..self }
    }

    /// The stream of the one with this key.
    pub(super) fn stream(&self, key: &(impl Key + ?Sized)) -> Result<StreamId, SagaError> {
        let saga = self.saga;
        if !self.core.registry.has_saga(saga) {
            return Err(SagaError::NotRegistered { saga });
        }
        let tenant = self.tenant.clone();
        let tenant = tenant.resolve(self.core.config.require_tenant)?;
        let stream = event::stream_of(saga, &key.to_key(), &tenant);
        stream.map_err(|source| SagaError::InvalidKey { saga, source })
    }
}
