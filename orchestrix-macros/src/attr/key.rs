//! The keys that an attribute accepts.

use crate::names;

/// A key of an attribute, and what a user reads who writes it wrongly.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// What it takes, in words.
    pub(crate) takes: &'static str,
    /// How it is written.
    pub(crate) example: &'static str,
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `key`
    Flag,
    /// `key = value`
    Value,
    /// `key(a, b)`
    List,
    /// Not here, but a user may think so.
    Elsewhere,
}

impl Key {
    /// `key`
    pub(crate) const fn flag(name: &'static str) -> Self {
        Self {
            name,
            form: Form::Flag,
            takes: "no value",
            example: name,
        }
    }

    /// `key = value`
    pub(crate) const fn value(
        name: &'static str,
        takes: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            form: Form::Value,
            takes,
            example,
        }
    }

    /// `key(a, b)`
    pub(crate) const fn list(
        name: &'static str,
        takes: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            form: Form::List,
            takes,
            example,
        }
    }

    /// A key that belongs somewhere else; `where_to` says where.
    pub(crate) const fn elsewhere(name: &'static str, where_to: &'static str) -> Self {
        Self {
            name,
            form: Form::Elsewhere,
            takes: where_to,
            example: "",
        }
    }

    fn accepted(&self) -> bool {
        self.form != Form::Elsewhere
    }

    /// What to say where it is written wrongly.
    pub(super) fn misuse(&self) -> String {
        let Self {
            name,
            takes,
            example,
            ..
        } = self;
        match self.accepted() {
            true => format!("`{name}` takes {takes}: write `{example}`"),
            false => format!("`{name}` does not belong here: {takes}"),
        }
    }
}

/// What `#[attribute(..)]` accepts, for people.
pub(super) fn accepted(attribute: &str, keys: &[Key]) -> String {
    let names = names::list(keys.iter().filter(|key| key.accepted()).map(|key| key.name));
    format!("`#[{attribute}(..)]` accepts {names}")
}
