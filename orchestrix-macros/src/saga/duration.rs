//! Durations as text, and how often to try again.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, LitStr, Token};

use crate::attr::Args;
use crate::ctxt::Ctxt;

/// A year, in milliseconds: what waits longer is not waited for.
const LONGEST: u64 = 8760 * 60 * 60 * 1000;

/// `retry(3, wait = "100ms")`
pub(super) struct Retry {
    pub(super) retries: u32,
    /// How long the first one waits, in milliseconds.
    pub(super) first: Option<u64>,
}

mod keyword {
    syn::custom_keyword!(wait);
}

/// What stands in the parentheses.
struct Written {
    retries: u32,
    first: Option<LitStr>,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let retries = input.parse::<LitInt>()?.base10_parse()?;
        let mut first = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            input.parse::<keyword::wait>()?;
            input.parse::<Token![=]>()?;
            first = Some(input.parse()?);
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(Self { retries, first })
    }
}

/// `retry(..)` among the arguments.
pub(super) fn retry(cx: &Ctxt, args: &Args) -> Option<Retry> {
    let tokens: TokenStream = args.parse(cx, "retry", TokenStream::parse)?;
    match syn::parse2(tokens.clone()) {
        Ok(Written { retries, first }) => Some(Retry {
            retries,
            first: first.and_then(|text| milliseconds(cx, &text)),
        }),
        Err(_) => {
            let message = "`retry` takes a number, and how long the first one waits if you like: write `retry(3)` or `retry(3, wait = \"100ms\")`";
            match tokens.is_empty() {
                true => cx.error(args.key("retry"), message),
                false => cx.error(tokens, message),
            }
            None
        }
    }
}

/// `key = "30s"`, in milliseconds.
pub(super) fn of_key(cx: &Ctxt, args: &Args, key: &str) -> Option<u64> {
    let text = args.text(cx, key)?;
    milliseconds(cx, &text)
}

fn milliseconds(cx: &Ctxt, text: &LitStr) -> Option<u64> {
    let read = parse(&text.value()).filter(|length| (1..=LONGEST).contains(length));
    if read.is_none() {
        cx.error(
            text,
            "a duration is a whole number with `ms`, `s`, `m` or `h` after it, from \"1ms\" to \"8760h\": write \"30s\"",
        );
    }
    read
}

fn parse(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn texts_are_whole_numbers_with_a_unit() {
        let read = ["100ms", "30s", "5m", "2h", "007s"].map(parse);
        let expected = [100, 30_000, 300_000, 7_200_000, 7000].map(Some);
        assert_eq!(read, expected);
        for wrong in [
            "",
            "30",
            "s",
            "3 s",
            " 3s",
            "-3s",
            "1.5s",
            "3S",
            "3d",
            "3ss",
            "99999999999999999h",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
