use quote::quote;

use super::*;

const HELPERS: &[&str] = &["handle", "apply"];

#[test]
fn helpers_go_and_all_else_stays() {
    let item = quote! {
        #[doc = "kept"]
        impl Account {
            #[handle] #[inline] fn a(&self) { #[apply] let x = 1; }
            #[apply(key = a.b)] #[cfg(test)] fn b() {}
            #[handle::of_somebody] #[other(apply)] fn c() {}
        }
    };
    let expected = quote! {
        #[doc = "kept"]
        impl Account {
            #[inline] fn a(&self) { #[apply] let x = 1; }
            #[cfg(test)] fn b() {}
            #[handle::of_somebody] #[other(apply)] fn c() {}
        }
    };
    assert_eq!(
        without_helpers(item, HELPERS).to_string(),
        expected.to_string()
    );
}

#[test]
fn half_typed_items_survive() {
    let item = quote! { impl Account { #[handle] fn a(&self, cmd: ) -> } };
    let expected = quote! { impl Account { fn a(&self, cmd: ) -> } };
    assert_eq!(
        without_helpers(item, HELPERS).to_string(),
        expected.to_string()
    );
}
