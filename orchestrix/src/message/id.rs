//! Identities of messages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! message_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a UUID of any version.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

message_id! {
    /// The identity of one command or event.
    MessageId
}
message_id! {
    /// The identity of a whole chain of messages: constant from the first command to the last reaction.
    CorrelationId
}
message_id! {
    /// The identity of the message that directly caused this one.
    CausationId
}

impl MessageId {
    /// A fresh id, a UUID of version 7: ids made later sort later.
    #[allow(clippy::new_without_default, reason = "every call gives another value")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl From<MessageId> for CausationId {
    fn from(cause: MessageId) -> Self {
        Self(cause.0)
    }
}

/// A chain that begins with this message.
impl From<MessageId> for CorrelationId {
    fn from(first: MessageId) -> Self {
        Self(first.0)
    }
}
