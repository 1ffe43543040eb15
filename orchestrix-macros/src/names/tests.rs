use proc_macro2::Span;

use super::*;

#[test]
fn types_become_snake_case() {
    for (rust, snake) in [
        ("Account", "account"),
        ("OnlineOrder", "online_order"),
        ("HTTPServer", "http_server"),
        ("OrderV2", "order_v2"),
        ("Order_Line", "order_line"),
        ("V2Order", "v2_order"),
        ("already_snake", "already_snake"),
        ("ABC", "abc"),
    ] {
        assert_eq!(snake_case(&Ident::new(rust, Span::call_site())), snake);
    }
    assert_eq!(
        snake_case(&Ident::new_raw("Type", Span::call_site())),
        "type"
    );
}

#[test]
fn lists_read_well() {
    assert_eq!(list([]), "");
    assert_eq!(list(["a"]), "`a`");
    assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
}

#[test]
fn names_have_bounds() {
    assert_eq!(problem("Stored"), None);
    assert_eq!(problem(&"x".repeat(128)), None);
    assert!(problem(&"x".repeat(129)).is_some());
    assert!(problem("").is_some());
    assert!(problem("a\nb").is_some());
}
