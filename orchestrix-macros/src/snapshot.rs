//! Expansions, compared with checked-in files. `SNAPSHOT=overwrite` writes them; read the difference.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// Compares an expansion with `snapshots/{name}.rs`.
pub(crate) fn check(name: &str, expansion: &TokenStream) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(format!("{name}.rs"));
    let actual = pretty(expansion);
    if std::env::var_os("SNAPSHOT").is_some_and(|mode| mode == "overwrite") {
        let folder = path.parent().expect("a snapshot has a folder");
        std::fs::create_dir_all(folder).expect("the folder can be made");
        std::fs::write(&path, &actual).expect("the snapshot can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        actual, expected,
        "{name}: run with SNAPSHOT=overwrite, and read the difference"
    );
}

/// Whether a name occurs anywhere in an expansion.
pub(crate) fn mentions(expansion: TokenStream, name: &str) -> bool {
    expansion.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// As Rust where it is, else as tokens: half-typed items are emitted as they came.
fn pretty(expansion: &TokenStream) -> String {
    match syn::parse2(expansion.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => format!("{expansion}\n"),
    }
}
