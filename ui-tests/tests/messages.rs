//! Each message that the macro crate can give must be seen in a case.

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Texts of three words and more that no user reads.
const NOT_MESSAGES: &[&str] = &[
    // A bug of the macro crate itself.
    "a macro dropped its error collector without looking at it",
    // Where a value cannot be read, its key says what it takes.
    "not a path of fields",
];

#[test]
fn each_message_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut said = String::new();
    for file in files(&root.join("cases"), "stderr") {
        said.push_str(&read(&file));
    }
    let mut messages = 0;
    let mut unseen = Vec::new();
    for file in files(&root.join("../orchestrix-macros/src"), "rs") {
        if file.ends_with("tests.rs") || file.ends_with("snapshot.rs") {
            continue;
        }
        let source = read(&file);
        let tokens: TokenStream = source
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for text in texts(tokens) {
            if text.split_whitespace().count() < 3 || NOT_MESSAGES.contains(&text.as_str()) {
                continue;
            }
            messages += 1;
            if !said.lines().any(|line| line_holds(line, &text)) {
                unseen.push(format!("{}: {text}", file.display()));
            }
        }
    }
    assert!(
        messages > 20,
        "only {messages} messages were found: are they written in another way now?"
    );
    assert!(
        unseen.is_empty(),
        "no case under `cases` shows:\n{}",
        unseen.join("\n")
    );
}

/// Whether the line holds the stable parts of a format string, in order.
fn line_holds(line: &str, format: &str) -> bool {
    let mut rest = line;
    stable_parts(format)
        .iter()
        .all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
}

/// What stands between the placeholders.
fn stable_parts(format: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = format.chars().peekable();
    let mut inside = false;
    while let Some(letter) = letters.next() {
        let doubled = letters.peek() == Some(&letter);
        match letter {
            '{' | '}' if doubled && !inside => {
                letters.next();
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
            '{' => {
                inside = true;
                parts.push(String::new());
            }
            '}' => inside = false,
            _ if inside => {}
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
    }
    parts
}

/// All string literals, those of attributes and docs excepted.
fn texts(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let inner =
                    |next: &TokenTree| matches!(next, TokenTree::Punct(p) if p.as_char() == '!');
                tokens.next_if(inner);
                tokens.next_if(|next| matches!(next, TokenTree::Group(_)));
            }
            TokenTree::Group(group) => found.extend(texts(group.stream())),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                found.extend(text.map(|text| text.value()));
            }
            _ => {}
        }
    }
    found
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
