//! Which documents an event concerns.

use syn::ExprPath;

use crate::fields::Fields;

/// Where the keys come from.
pub(super) enum Keys {
    /// `key = order.customer`
    Fields(Fields),
    /// `keys = Self::countries`
    Function(ExprPath),
}
