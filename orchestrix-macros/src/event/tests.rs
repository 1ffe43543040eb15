use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn a_struct() {
    let expansion = derive(quote! {
        /// Kept out of the expansion.
        pub struct MoneyDeposited { pence: i64 }
    });
    snapshot::check("event/struct", &expansion);
}

#[test]
fn a_newer_schema_version_demands_the_upcaster_below() {
    let expansion = derive(quote! {
        #[event(name = "OrderPlaced", schema_version = 3)]
        struct Placed(Order);
    });
    snapshot::check("event/schema_version", &expansion);
}

#[test]
fn an_enum() {
    let expansion = derive(quote! {
        enum Parcel {
            Sent { to: String },
            #[event(name = "ParcelLost", schema_version = 3, upcast(from_1, old::from_2))]
            Lost,
            r#Move(u8),
        }
    });
    snapshot::check("event/enum", &expansion);
}

#[test]
fn tags_of_a_struct() {
    let expansion = derive(quote! {
        struct Subscribed {
            #[tag]
            r#type: CourseId,
            #[tag(name = "student")]
            by: Option<u32>,
            pence: i64,
        }
    });
    snapshot::check("event/tags", &expansion);
}

#[test]
fn tags_of_an_enum() {
    let expansion = derive(quote! {
        enum Course {
            Defined { #[tag] course: String, capacity: u32 },
            Moved(#[tag(name = "room")] u8, #[tag(name = "room")] Vec<u8>),
            Ended,
        }
    });
    snapshot::check("event/tags_of_enum", &expansion);
}

#[test]
fn mistakes_leave_a_stub() {
    let expansion = derive(quote! {
        #[event(name = "", schema_version = 0, versoin = 2)]
        struct Placed;
    });
    snapshot::check("event/mistakes", &expansion);
}

#[test]
fn mistakes_on_a_generic_type_leave_a_stub() {
    let expansion = derive(quote! {
        struct Placed<'a, T: Clone = u8, const N: usize>(&'a [T; N]) where T: Copy;
    });
    snapshot::check("event/generic", &expansion);
}

#[test]
fn half_typed_attributes_leave_a_stub() {
    let expansion = derive(quote! {
        #[event(name = , schema_ver)]
        struct Placed;
    });
    snapshot::check("event/half_typed", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    for input in [
        quote!(
            #[event(crate = other::path)]
            struct Placed;
        ),
        quote!(
            #[orchestrix(crate = other::path)]
            struct Placed;
        ),
        quote!(
            #[event(crate = other::path)]
            enum Placed {
                #[event(schema_version = 2, upcast(f))]
                A {
                    #[tag]
                    course: u8,
                },
            }
        ),
        quote!(
            #[event(crate = other::path, name = 1)]
            struct Placed;
        ),
    ] {
        assert!(!snapshot::mentions(derive(input), "orchestrix"));
    }
}
