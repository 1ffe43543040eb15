//! What the user wrote.

use proc_macro2::{Ident, Span};
use syn::{Attribute, Data, DeriveInput, Fields, Path};

use super::tag::{self, Tagged};
use crate::attr::{self, Args, CRATE, Key};
use crate::ctxt::Ctxt;
use crate::names;
use crate::runtime::Runtime;

const NAME: Key = Key::value("name", "the stored name as text", "name = \"OrderPlaced\"");
const SCHEMA_VERSION: Key = Key::value(
    "schema_version",
    "a whole number from 1",
    "schema_version = 2",
);

const STRUCT_KEYS: &[Key] = &[
    NAME,
    SCHEMA_VERSION,
    CRATE,
    Key::elsewhere(
        "upcast",
        "the upcasters of a struct are functions with `#[upcast]`",
    ),
];
const ENUM_KEYS: &[Key] = &[
    CRATE,
    Key::elsewhere(
        "name",
        "each variant is stored under its own name, so write it on the variant",
    ),
    Key::elsewhere(
        "schema_version",
        "each variant has its own, so write it on the variant",
    ),
    Key::elsewhere(
        "upcast",
        "each variant has its own upcasters, so write them on the variant",
    ),
];
const VARIANT_KEYS: &[Key] = &[
    NAME,
    SCHEMA_VERSION,
    Key::list(
        "upcast",
        "functions, one from each older schema version",
        "upcast(from_1, from_2)",
    ),
    Key::elsewhere("crate", "write it on the enum"),
];

/// An event.
pub(super) struct Event {
    pub(super) ident: Ident,
    pub(super) runtime: Runtime,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    Struct(Stored, Vec<Tagged>),
    Enum(Vec<Variant>),
    /// Reported already.
    Union,
}

/// What one stored type is declared to be.
pub(super) struct Stored {
    pub(super) name: String,
    /// The token that gives the name.
    pub(super) name_span: Span,
    pub(super) version: u32,
    /// The literal, where there is one, else the type's name.
    pub(super) version_span: Span,
}

pub(super) struct Variant {
    pub(super) ident: Ident,
    pub(super) stored: Stored,
    /// The functions from schema version 1, 2, ..; `None` where they are written wrongly, which is reported already.
    pub(super) upcasters: Option<Vec<Path>>,
    /// Where `upcast` is written.
    pub(super) upcast_key: Option<Ident>,
    /// The fields with `#[tag]`.
    pub(super) tagged: Vec<Tagged>,
}

impl Event {
    /// All fields with `#[tag]`.
    pub(super) fn tagged(&self) -> impl Iterator<Item = &Tagged> {
        let (of_struct, variants): (&[_], &[_]) = match &self.shape {
            Shape::Struct(_, tagged) => (tagged, &[]),
            Shape::Enum(variants) => (&[], variants),
            Shape::Union => (&[], &[]),
        };
        let of_variants = variants
            .iter()
            .flat_map(|variant: &Variant| &variant.tagged);
        of_struct.iter().chain(of_variants)
    }
}

pub(super) fn read(cx: &Ctxt, input: &DeriveInput) -> Event {
    let ident = input.ident.clone();
    refuse_tag(cx, &input.attrs);
    let (own, shape) = match &input.data {
        Data::Struct(data) => {
            let own = attr::of_item(cx, "event", STRUCT_KEYS, &input.attrs);
            refuse_on_fields(cx, &data.fields, "write it on the struct");
            let stored = stored(cx, &own, &ident);
            let tagged = tag::read(cx, &data.fields);
            (own, Shape::Struct(stored, tagged))
        }
        Data::Enum(data) => {
            let own = attr::of_item(cx, "event", ENUM_KEYS, &input.attrs);
            let variants = data.variants.iter().map(|variant| {
                refuse_on_fields(cx, &variant.fields, "write it on the variant");
                read_variant(cx, variant)
            });
            let variants = variants.collect();
            (own, Shape::Enum(variants))
        }
        Data::Union(data) => {
            cx.error(
                data.union_token,
                "a union cannot be an event: write a struct, or an enum with one variant for each stored type",
            );
            (
                attr::of_item(cx, "event", STRUCT_KEYS, &input.attrs),
                Shape::Union,
            )
        }
    };
    let runtime = attr::runtime_of_derive(cx, Some(&own), &input.attrs);
    Event {
        ident,
        runtime,
        shape,
    }
}

fn read_variant(cx: &Ctxt, variant: &syn::Variant) -> Variant {
    let args = attr::of_item(cx, "event", VARIANT_KEYS, &variant.attrs);
    attr::refuse(cx, &["orchestrix"], &variant.attrs, "write it on the enum");
    refuse_tag(cx, &variant.attrs);
    Variant {
        ident: variant.ident.clone(),
        stored: stored(cx, &args, &variant.ident),
        upcasters: match args.key("upcast") {
            Some(_) => args.some_list(cx, "upcast"),
            None => Some(Vec::new()),
        },
        upcast_key: args.key("upcast").cloned(),
        tagged: tag::read(cx, &variant.fields),
    }
}

fn stored(cx: &Ctxt, args: &Args, ident: &Ident) -> Stored {
    let (name, name_span) = match args.name(cx, "name") {
        Some(name) => (name.value(), name.span()),
        None => (names::plain(ident), ident.span()),
    };
    let (version, version_span) = args
        .number(cx, "schema_version")
        .unwrap_or((1, ident.span()));
    Stored {
        name,
        name_span,
        version,
        version_span,
    }
}

fn refuse_on_fields(cx: &Ctxt, fields: &Fields, instead: &str) {
    for field in fields {
        attr::refuse(cx, &["event", "orchestrix"], &field.attrs, instead);
    }
}

fn refuse_tag(cx: &Ctxt, attrs: &[Attribute]) {
    attr::refuse(
        cx,
        &["tag"],
        attrs,
        "mark the fields that say what the event is about",
    );
}
