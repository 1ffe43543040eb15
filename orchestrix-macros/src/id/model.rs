//! What the user wrote.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, Type};

use crate::attr;
use crate::ctxt::Ctxt;
use crate::runtime::Runtime;

/// An id.
pub(super) struct Id {
    pub(super) ident: Ident,
    pub(super) runtime: Runtime,
    /// The type inside; `None` where the item is not a newtype, which is reported already.
    pub(super) inner: Option<Type>,
}

pub(super) fn read(cx: &Ctxt, input: &DeriveInput) -> Id {
    let inner = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                fields.unnamed.first().map(|field| {
                    attr::refuse(cx, &["orchestrix"], &field.attrs, "write it on the struct");
                    field.ty.clone()
                })
            }
            Fields::Unit => not_a_newtype(cx, &input.ident),
            fields => not_a_newtype(cx, fields),
        },
        Data::Enum(data) => not_a_newtype(cx, data.enum_token),
        Data::Union(data) => not_a_newtype(cx, data.union_token),
    };
    Id {
        ident: input.ident.clone(),
        runtime: attr::runtime_of_derive(cx, None, &input.attrs),
        inner,
    }
}

fn not_a_newtype(cx: &Ctxt, tokens: impl quote::ToTokens) -> Option<Type> {
    cx.error(
        tokens,
        "an id is a tuple struct around one value: write `struct OrderId(Uuid);`, or around a `String` or an integer",
    );
    None
}
