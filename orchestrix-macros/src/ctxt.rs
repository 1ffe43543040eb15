//! The error collector: a macro reports every mistake of one invocation at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Collects the mistakes of one invocation.
///
/// It cannot be dropped unchecked: whoever makes one ends it with [`Ctxt::finish`].
pub(crate) struct Ctxt {
    /// `None` once it was checked.
    errors: RefCell<Option<Vec<syn::Error>>>,
}

/// The mistakes of one invocation; at least one.
pub(crate) struct Mistakes(Vec<syn::Error>);

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self {
            errors: RefCell::new(Some(Vec::new())),
        }
    }

    /// A mistake at the user's tokens.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at a span, for when there are no tokens at hand.
    pub(crate) fn error_at(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// What `syn` said when it could not read something.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(errors) = self.errors.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// A value, or its mistake collected.
    pub(crate) fn take<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Ends the collecting.
    ///
    /// # Errors
    /// The mistakes, if there are any.
    pub(crate) fn finish(self) -> Result<(), Mistakes> {
        match self.errors.borrow_mut().take() {
            Some(errors) if !errors.is_empty() => Err(Mistakes(errors)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
impl Mistakes {
    /// The texts, in order.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(syn::Error::to_string).collect()
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        // A bug of the macro crate, not of the user: a `Ctxt` whose mistakes nobody looked at.
        if !std::thread::panicking() && self.errors.borrow().is_some() {
            panic!("a macro dropped its error collector without looking at it");
        }
    }
}

impl ToTokens for Mistakes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(syn::Error::to_compile_error));
    }
}
