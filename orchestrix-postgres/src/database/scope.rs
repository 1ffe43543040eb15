//! Whose rows a statement may see and write, where row-level security is on.

use orchestrix::store::TenantId;

/// What separates tenants in the setting that the policies read; alone it stands for all. No name holds it.
const SEPARATOR: &str = "\u{1f}";

/// The tenants that a connection is leased for. Without row-level security it means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// No rows of tenants at all.
    NoTenant,
    /// Those of all tenants: the log is one for all of them.
    Everything,
    /// Those of these tenants.
    Tenants(Vec<TenantId>),
}

impl Scope {
    pub(crate) fn of(tenant: &TenantId) -> Self {
        Self::Tenants(vec![tenant.clone()])
    }

    /// Each once, however often it is given.
    pub(crate) fn of_all<'a>(tenants: impl IntoIterator<Item = &'a TenantId>) -> Self {
        let mut found: Vec<_> = tenants.into_iter().cloned().collect();
        found.sort_unstable();
        found.dedup();
        Self::Tenants(found)
    }

    /// The statements that begin a transaction in this scope, in one text: each round trip counts.
    pub(super) fn opening(&self) -> Option<String> {
        Some(format!("begin; {}", self.setting()?))
    }

    /// The statement that puts the rest of a transaction in this scope. Names come in hex, which ends no literal.
    pub(crate) fn setting(&self) -> Option<String> {
        let tenants = match self {
            Self::NoTenant => return None,
            Self::Everything => SEPARATOR.to_owned(),
            Self::Tenants(tenants) => {
                let names: Vec<_> = tenants.iter().map(TenantId::as_str).collect();
                names.join(SEPARATOR)
            }
        };
        let hex: String = tenants.bytes().map(|byte| format!("{byte:02x}")).collect();
        Some(format!(
            "select set_config('orchestrix.tenants', convert_from(decode('{hex}', 'hex'), 'UTF8'), true)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use orchestrix::store::TenantId;

    use super::Scope;

    #[test]
    fn names_cannot_leave_the_literal() {
        let tenant = TenantId::new("a'; drop table x; --").unwrap();
        let opening = Scope::of(&tenant).opening().unwrap();
        assert_eq!(
            opening,
            "begin; select set_config('orchestrix.tenants', \
             convert_from(decode('61273b2064726f70207461626c6520783b202d2d', 'hex'), 'UTF8'), true)"
        );
    }

    #[test]
    fn tenants_are_named_once_each() {
        let [a, b] = ["a", "b"].map(|name| TenantId::new(name).unwrap());
        let scope = Scope::of_all([&b, &a, &b]);
        assert_eq!(scope, Scope::Tenants(vec![a, b]));
        assert!(scope.opening().unwrap().contains("'611f62'"));
    }

    #[test]
    fn all_tenants_are_the_separator_alone_and_none_need_no_transaction() {
        assert!(Scope::Everything.opening().unwrap().contains("'1f'"));
        assert_eq!(Scope::NoTenant.opening(), None);
    }
}
