//! The arguments that the user gave.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitInt, LitStr, Path, Token};

use super::key::{Form, Key, accepted};
use crate::ctxt::Ctxt;
use crate::names;

/// The arguments of one attribute, by key; each key is in it at most once.
pub(crate) struct Args {
    attribute: &'static str,
    keys: &'static [Key],
    given: Vec<Arg>,
}

/// One argument.
struct Arg {
    key: Ident,
    /// The tokens of the value or the list; `None` where it is written wrongly, which is reported already.
    tokens: Option<TokenStream>,
}

impl Args {
    /// No arguments yet, for an attribute with these keys.
    pub(super) fn none(attribute: &'static str, keys: &'static [Key]) -> Self {
        Self {
            attribute,
            keys,
            given: Vec::new(),
        }
    }

    /// Adds the arguments in these tokens.
    pub(super) fn read(&mut self, cx: &Ctxt, tokens: TokenStream) {
        let arguments = |input: ParseStream<'_>| {
            while !input.is_empty() {
                self.read_one(cx, input)?;
            }
            Ok(())
        };
        cx.take(arguments.parse2(tokens));
    }

    fn read_one(&mut self, cx: &Ctxt, input: ParseStream<'_>) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let accepted = accepted(self.attribute, self.keys);
            cx.error_at(input.span(), format!("expected a key: {accepted}"));
            until_comma(input)?;
            return Ok(());
        }
        let key = input.call(Ident::parse_any)?;
        let (form, tokens) = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            (Form::Value, until_comma(input)?)
        } else {
            let rest = until_comma(input)?;
            match only_parentheses(&rest) {
                _ if rest.is_empty() => (Form::Flag, rest),
                Some(list) => (Form::List, list),
                None => {
                    cx.error(
                        &rest,
                        format!("expected `=`, `(..)` or a comma after `{key}`"),
                    );
                    self.given.push(Arg { key, tokens: None });
                    return Ok(());
                }
            }
        };
        self.add(cx, key, form, tokens);
        Ok(())
    }

    fn add(&mut self, cx: &Ctxt, key: Ident, form: Form, tokens: TokenStream) {
        let Some(known) = self.keys.iter().find(|known| key == known.name) else {
            let accepted = accepted(self.attribute, self.keys);
            cx.error(&key, format!("unknown key `{key}`: {accepted}"));
            return;
        };
        if self.key(known.name).is_some() {
            cx.error(&key, format!("`{key}` is given twice: remove one"));
            return;
        }
        let misused = known.form != form || (form == Form::Value && tokens.is_empty());
        if misused {
            cx.error(&key, known.misuse());
        }
        let tokens = (!misused).then_some(tokens);
        self.given.push(Arg { key, tokens });
    }

    fn get(&self, name: &str) -> Option<&Arg> {
        self.given.iter().find(|arg| arg.key == name)
    }

    /// The key as the user wrote it, rightly or wrongly.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        self.get(name).map(|arg| &arg.key)
    }

    /// `key = value`
    pub(crate) fn value<T: Parse>(&self, cx: &Ctxt, name: &str) -> Option<T> {
        self.parse(cx, name, T::parse)
    }

    /// `key = "text"`
    pub(crate) fn text(&self, cx: &Ctxt, name: &str) -> Option<LitStr> {
        self.value(cx, name)
    }

    /// `key = "text"`, where the text is a name that is stored or shown.
    pub(crate) fn name(&self, cx: &Ctxt, name: &str) -> Option<LitStr> {
        let text = self.text(cx, name)?;
        match names::problem(&text.value()) {
            Some(problem) => {
                cx.error(&text, problem);
                None
            }
            None => Some(text),
        }
    }

    /// `key = 1`, a whole number from 1.
    pub(crate) fn number(&self, cx: &Ctxt, name: &str) -> Option<(u32, Span)> {
        let literal: LitInt = self.value(cx, name)?;
        match literal.base10_parse::<u32>() {
            Ok(number) if number > 0 && literal.suffix().is_empty() => {
                Some((number, literal.span()))
            }
            _ => {
                cx.error(
                    &literal,
                    format!("`{name}` is a whole number from 1 to {}", u32::MAX),
                );
                None
            }
        }
    }

    /// `key = a::path`
    pub(crate) fn path(&self, cx: &Ctxt, name: &str) -> Option<Path> {
        self.parse(cx, name, Path::parse_mod_style)
    }

    /// `key(a, b)`; empty where the key is absent or written wrongly.
    pub(crate) fn list<T: Parse>(&self, cx: &Ctxt, name: &str) -> Vec<T> {
        self.some_list(cx, name).unwrap_or_default()
    }

    /// `key(a, b)`
    pub(crate) fn some_list<T: Parse>(&self, cx: &Ctxt, name: &str) -> Option<Vec<T>> {
        let items = self.parse(cx, name, Punctuated::<T, Token![,]>::parse_terminated)?;
        Some(items.into_iter().collect())
    }

    /// The value or the list, read by a function.
    pub(crate) fn parse<T>(
        &self,
        cx: &Ctxt,
        name: &str,
        parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> Option<T> {
        let tokens = self.get(name)?.tokens.clone()?;
        let known = self.keys.iter().find(|known| known.name == name)?;
        let value = |input: ParseStream<'_>| {
            let value = match parse(input) {
                Ok(value) => Some(value),
                Err(error) => {
                    cx.error_at(error.span(), known.misuse());
                    None
                }
            };
            if value.is_some() && !input.is_empty() {
                cx.error_at(
                    input.span(),
                    format!("expected a comma after the value of `{name}`"),
                );
            }
            // What is left was reported, here or as the value's mistake.
            input.parse::<TokenStream>()?;
            Ok(value)
        };
        cx.take(value.parse2(tokens)).flatten()
    }
}

/// Takes what stands before the next comma, and the comma.
fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(tokens)
}

/// What is inside, if the tokens are one pair of parentheses.
fn only_parentheses(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => {
            Some(group.stream())
        }
        _ => None,
    }
}
