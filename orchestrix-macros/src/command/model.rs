//! What the user wrote.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, Member, Meta, Type};

use crate::attr::{self, CRATE, Key};
use crate::ctxt::Ctxt;
use crate::names;
use crate::runtime::Runtime;

const KEYS: &[Key] = &[
    Key::value(
        "name",
        "the command's name as text",
        "name = \"PlaceOrder\"",
    ),
    Key::flag("no_id"),
    CRATE,
    Key::elsewhere("id", "mark the field that names the stream with `#[id]`"),
];

/// A command.
pub(super) struct Command {
    pub(super) ident: Ident,
    pub(super) runtime: Runtime,
    pub(super) name: String,
    pub(super) no_id: bool,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    Struct(Vec<Field>),
    /// Reported already.
    Other,
}

pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
    /// Its `#[id]` attributes.
    pub(super) ids: Vec<Meta>,
}

pub(super) fn read(cx: &Ctxt, input: &DeriveInput) -> Command {
    let args = attr::of_item(cx, "command", KEYS, &input.attrs);
    attr::refuse(
        cx,
        &["id"],
        &input.attrs,
        "mark the field that names the stream",
    );
    let shape = match &input.data {
        Data::Struct(data) => Shape::Struct(fields(cx, &data.fields)),
        Data::Enum(data) => {
            cx.error(
                data.enum_token,
                "an enum cannot be a command: each command has its own handler, so write one struct for each",
            );
            Shape::Other
        }
        Data::Union(data) => {
            cx.error(
                data.union_token,
                "a union cannot be a command: write a struct",
            );
            Shape::Other
        }
    };
    let name = args.name(cx, "name");
    Command {
        ident: input.ident.clone(),
        runtime: attr::runtime_of_derive(cx, Some(&args), &input.attrs),
        name: name.map_or_else(|| names::plain(&input.ident), |name| name.value()),
        no_id: args.key("no_id").is_some(),
        shape,
    }
}

fn fields(cx: &Ctxt, fields: &Fields) -> Vec<Field> {
    let field = |(member, field): (Member, &syn::Field)| {
        attr::refuse(
            cx,
            &["command", "orchestrix"],
            &field.attrs,
            "write it on the struct",
        );
        let ids = field.attrs.iter().filter(|attr| attr.path().is_ident("id"));
        Field {
            member,
            ty: field.ty.clone(),
            ids: ids
                .inspect(|attr| attr::bare(cx, "id", attr))
                .map(|attr| attr.meta.clone())
                .collect(),
        }
    };
    fields.members().zip(fields).map(field).collect()
}
