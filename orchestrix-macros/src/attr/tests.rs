use quote::quote;

use super::*;

const KEYS: &[Key] = &[
    Key::value("name", "text", "name = \"..\""),
    Key::value("version", "a whole number", "version = 1"),
    Key::flag("no_id"),
    Key::list("upcast", "functions", "upcast(a, b)"),
    CRATE,
];

/// The messages for some arguments, one line each.
fn messages(tokens: TokenStream) -> Vec<String> {
    let cx = Ctxt::new();
    let args = of_macro(&cx, "event", KEYS, tokens);
    args.name(&cx, "name");
    args.number(&cx, "version");
    args.list::<syn::Path>(&cx, "upcast");
    runtime(&cx, &args);
    cx.finish()
        .err()
        .map(|mistakes| mistakes.messages())
        .unwrap_or_default()
}

#[test]
fn right_arguments_are_read() {
    let cx = Ctxt::new();
    let tokens = quote!(
        name = "Stored",
        version = 2,
        no_id,
        upcast(one, a::two),
        crate = ::other
    );
    let args = of_macro(&cx, "event", KEYS, tokens);
    assert_eq!(
        args.name(&cx, "name").map(|name| name.value()).as_deref(),
        Some("Stored")
    );
    assert_eq!(
        args.number(&cx, "version").map(|(number, _)| number),
        Some(2)
    );
    assert!(args.key("no_id").is_some());
    assert_eq!(args.list::<syn::Path>(&cx, "upcast").len(), 2);
    let runtime = runtime(&cx, &args);
    assert_eq!(
        quote!(#runtime).to_string(),
        quote!(::other::__private).to_string()
    );
    assert!(cx.finish().is_ok());
}

#[test]
fn each_mistake_is_told() {
    let check = |tokens: TokenStream, expected: &[&str]| assert_eq!(messages(tokens), expected);
    check(
        quote!(nam = "x"),
        &[
            "unknown key `nam`: `#[event(..)]` accepts `name`, `version`, `no_id`, `upcast` and `crate`",
        ],
    );
    check(
        quote!(no_id, no_id),
        &["`no_id` is given twice: remove one"],
    );
    check(quote!(name), &["`name` takes text: write `name = \"..\"`"]);
    check(
        quote!(name = ),
        &["`name` takes text: write `name = \"..\"`"],
    );
    check(
        quote!(name = 5),
        &["`name` takes text: write `name = \"..\"`"],
    );
    check(quote!(name = ""), &["a name cannot be empty"]);
    check(
        quote!(no_id = true),
        &["`no_id` takes no value: write `no_id`"],
    );
    check(
        quote!(upcast = a),
        &["`upcast` takes functions: write `upcast(a, b)`"],
    );
    check(
        quote!(upcast(1)),
        &["`upcast` takes functions: write `upcast(a, b)`"],
    );
    check(
        quote!(version = 0),
        &["`version` is a whole number from 1 to 4294967295"],
    );
    check(
        quote!(name = "x" version = 1),
        &["expected a comma after the value of `name`"],
    );
    check(
        quote!(name "x"),
        &["expected `=`, `(..)` or a comma after `name`"],
    );
    check(
        quote!("x", no_id),
        &[
            "expected a key: `#[event(..)]` accepts `name`, `version`, `no_id`, `upcast` and `crate`",
        ],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = messages(quote!(name = 1, version = 0, other, no_id(x), upcast(a, 2)));
    assert_eq!(told.len(), 5, "{told:#?}");
}
