use proc_macro2::TokenStream;
use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn documents_that_begin_as_default() {
    let expansion = attribute(
        quote!(key = order.customer, name = "spent", version = 2),
        quote! {
            impl TopCustomer {
                #[apply]
                fn placed(&mut self, event: &OrderPlaced) { self.pence += event.pence }
                #[apply(key = 0)]
                fn returned(&mut self, event: &ItemsReturned, recorded: &RecordedEvent) {}
                #[apply(keys = Self::products)]
                fn counted(&mut self, event: &Counted, product: &Product, recorded: &RecordedEvent) {}
                #[apply]
                fn closed(self, _: &Closed) -> Option<Self> { None }
                fn products(event: &Counted) -> Vec<Product> { body!() }
            }
        },
    );
    snapshot::check("projection/default", &expansion);
}

#[test]
fn documents_that_events_begin() {
    let expansion = attribute(
        quote!(key = order),
        quote! {
            impl CurrentOrder {
                #[apply]
                fn placed(event: &OrderPlaced) -> Self { CurrentOrder }
                #[apply]
                fn changed(&mut self, event: &OrderChanged) {}
                #[apply]
                fn ended(self, _: &OrderEnded) -> Option<CurrentOrder> { None }
            }
        },
    );
    snapshot::check("projection/begun", &expansion);
}

#[test]
fn documents_with_indexes() {
    let expansion = attribute(
        quote!(key = customer, index(country, r#type)),
        quote! {
            impl CustomerTotals {
                #[apply]
                fn sold(&mut self, event: &Sold) {}
            }
        },
    );
    snapshot::check("projection/indexes", &expansion);
}

#[test]
fn documents_of_the_appends() {
    let expansion = attribute(
        quote!(key = customer, inline = sales::Customer),
        quote! {
            impl CustomerTotals {
                #[apply]
                fn sold(&mut self, event: &Sold) {}
            }
        },
    );
    snapshot::check("projection/inline", &expansion);
}

#[test]
fn tables_of_its_own() {
    let expansion = attribute(
        quote!(store = SqliteStore, version = 3),
        quote! {
            impl Shelf {
                #[create]
                async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> { body!() }
                #[clear]
                async fn clear(tx: &mut SqliteTransaction) { body!() }
                #[apply]
                async fn sold(event: &Sold, tx: &mut SqliteTransaction) -> rusqlite::Result<()> { body!() }
                #[apply]
                #[cfg(test)]
                async fn returned(_: &Returned, recorded: &RecordedEvent, tx: &mut SqliteTransaction) {}
            }
        },
    );
    snapshot::check("projection/tables", &expansion);
}

#[test]
fn mistakes_about_tables_leave_the_block() {
    let expansion = attribute(
        quote!(store = SqliteStore, key = book),
        quote! {
            impl Shelf {
                #[create]
                fn create(&self) {}
                #[apply]
                async fn sold(event: &Sold) {}
            }
        },
    );
    snapshot::check("projection/mistaken_tables", &expansion);
}

#[test]
fn conditions_are_carried_along() {
    let expansion = attribute(
        quote!(key = order),
        quote! {
            impl CurrentOrder {
                #[apply]
                #[cfg(test)]
                fn placed(event: &OrderPlaced) -> Self { CurrentOrder }
                #[apply]
                fn changed(&mut self, event: &OrderChanged) {}
            }
        },
    );
    snapshot::check("projection/conditions", &expansion);
}

#[test]
fn mistakes_leave_the_block() {
    let expansion = attribute(
        quote!(key = order.customer(), version = 0),
        quote! {
            impl CurrentOrder {
                #[apply(kyes = f)]
                fn changed(&self, event: OrderChanged) -> u8 {}
            }
        },
    );
    snapshot::check("projection/mistakes", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    let expansion = attribute(
        quote!(
            key = order,
            index(total),
            inline = Order,
            crate = other::path
        ),
        quote! {
            impl CurrentOrder {
                #[apply]
                fn placed(event: &OrderPlaced) -> Self { CurrentOrder }
                #[apply(keys = f)]
                fn changed(&mut self, event: &OrderChanged) {}
            }
        },
    );
    assert!(!snapshot::mentions(expansion, "orchestrix"));
    let expansion = attribute(
        quote!(store = Store, crate = other::path),
        quote! {
            impl Shelf {
                #[create]
                async fn create(tx: &mut Tx) {}
                #[clear]
                async fn clear(tx: &mut Tx) {}
                #[apply]
                async fn sold(event: &Sold, recorded: &RecordedEvent, tx: &mut Tx) {}
            }
        },
    );
    assert!(!snapshot::mentions(expansion, "orchestrix"));
}

#[test]
fn half_typed_blocks_are_left() {
    let expansion = attribute(
        TokenStream::new(),
        quote!(impl CurrentOrder { #[apply] fn }),
    );
    snapshot::check("projection/half_typed", &expansion);
}
