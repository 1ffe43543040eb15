//! Which stream: tenant, category and key.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::name::{NameError, check_name};

/// Longest tenant id, in bytes.
pub const MAX_TENANT_BYTES: usize = 128;
/// Longest stream name (category, hyphen and key), in bytes.
///
/// Well below what a B-tree index row of PostgreSQL or a broker's routing key can hold.
pub const MAX_STREAM_NAME_BYTES: usize = 512;

/// Whose data: a part of every stream's identity.
///
/// An app that knows no tenants works in the one called [`TenantId::DEFAULT`].
///
/// ```
/// use orchestrix::store::TenantId;
/// assert_eq!(TenantId::default().as_str(), "default");
/// assert!(TenantId::new("").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(
    /// None for the default tenant, and for no other: it is made, compared and hashed with every command.
    Option<Arc<str>>,
);

impl TenantId {
    /// The name of the tenant that everything belongs to when none is named.
    pub const DEFAULT: &'static str = "default";

    /// A tenant id from its name.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, longer than [`MAX_TENANT_BYTES`] or holds a control character.
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, NameError> {
        let name = name.into();
        check_name("tenant id", &name, MAX_TENANT_BYTES)?;
        Ok(Self((*name != *Self::DEFAULT).then_some(name)))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or(Self::DEFAULT)
    }
}

/// By name.
impl Ord for TenantId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for TenantId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({:?})", self.as_str())
    }
}

impl TryFrom<String> for TenantId {
    type Error = NameError;
    fn try_from(name: String) -> Result<Self, NameError> {
        Self::new(name)
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.as_str().to_owned()
    }
}

/// The identity of a stream: the tenant, the category (the kind of stream) and the key of the instance.
///
/// Its name is `category-key`; a category holds no hyphen, so the first hyphen separates them.
///
/// ```
/// use orchestrix::store::StreamId;
/// let stream = StreamId::new("account", "7-b")?;
/// assert_eq!(stream.name(), "account-7-b");
/// assert_eq!((stream.category(), stream.key()), ("account", "7-b"));
/// assert_eq!("account-7-b".parse::<StreamId>()?, stream);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    tenant: TenantId,
    name: Arc<str>,
    category_bytes: u16,
}

impl StreamId {
    /// A stream of the default tenant.
    ///
    /// # Errors
    /// [`NameError`] when category or key is empty or holds a control character, when the category holds a hyphen,
    /// or when the name is longer than [`MAX_STREAM_NAME_BYTES`].
    pub fn new(category: &str, key: &str) -> Result<Self, NameError> {
        if category.contains('-') {
            return Err(NameError::HyphenInCategory {
                category: category.into(),
            });
        }
        Self::of(category, key, &format!("{category}-{key}"))
    }

    /// `name` is `category-key`; the category holds no hyphen.
    fn of(category: &str, key: &str, name: &str) -> Result<Self, NameError> {
        check_name("stream category", category, MAX_STREAM_NAME_BYTES)?;
        check_name("stream key", key, MAX_STREAM_NAME_BYTES)?;
        check_name("stream name", name, MAX_STREAM_NAME_BYTES)?;
        Ok(Self {
            tenant: TenantId::default(),
            name: name.into(),
            category_bytes: category.len() as u16, // at most MAX_STREAM_NAME_BYTES, checked above
        })
    }

    /// The same category and key under another tenant: another stream.
    #[must_use]
    pub fn with_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    /// Whose stream it is.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// `category-key`, unique within the tenant.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of stream.
    pub fn category(&self) -> &str {
        &self.name[..usize::from(self.category_bytes)]
    }

    /// Which instance of its kind.
    pub fn key(&self) -> &str {
        &self.name[usize::from(self.category_bytes) + 1..]
    }
}

impl FromStr for StreamId {
    type Err = NameError;

    /// Reads `category-key`, for the default tenant.
    fn from_str(name: &str) -> Result<Self, NameError> {
        match name.split_once('-') {
            Some((category, key)) => Self::of(category, key, name),
            None => Err(NameError::NoCategory { name: name.into() }),
        }
    }
}

/// The name; with the tenant in front unless it is the default one.
impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tenant.as_str() != TenantId::DEFAULT {
            write!(f, "{}/", self.tenant)?;
        }
        f.write_str(&self.name)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({self})")
    }
}
