//! The rules that look at more than one attribute.

use syn::{Data, DeriveInput};

use super::model::{Event, Shape, Variant};
use super::serde_attrs;
use super::tag::Tagged;
use crate::ctxt::Ctxt;
use crate::generics;

/// What would make serde write an enum in another way than `{"Variant": content}`.
const OTHER_FORMS: &[&str] = &[
    "tag",
    "content",
    "untagged",
    "from",
    "try_from",
    "into",
    "variant_identifier",
    "field_identifier",
];
/// What would take a variant out of serde's hands.
const SKIPS: &[&str] = &["skip", "skip_serializing", "skip_deserializing"];

pub(super) fn check(cx: &Ctxt, input: &DeriveInput, event: &Event) {
    generics::refuse(
        cx,
        &input.generics,
        "events cannot be generic: a stored name stands for one type, so write one event for each",
    );
    event.tagged().for_each(|tagged| check_tag(cx, tagged));
    if let Shape::Enum(variants) = &event.shape {
        check_serde(cx, input);
        check_names(cx, variants);
        variants
            .iter()
            .for_each(|variant| check_upcasters(cx, variant));
        if variants.is_empty() {
            cx.error(
                &event.ident,
                "an event enum needs a variant: write one for each type that is stored",
            );
        }
    }
}

fn check_tag(cx: &Ctxt, tagged: &Tagged) {
    for again in &tagged.again {
        cx.error(
            again,
            "the field is marked with `#[tag]` already: remove one",
        );
    }
}

fn check_serde(cx: &Ctxt, input: &DeriveInput) {
    let Data::Enum(data) = &input.data else {
        return;
    };
    for key in serde_attrs::keys(&input.attrs) {
        if OTHER_FORMS.iter().any(|form| key == form) {
            cx.error(
                &key,
                format!(
                    "each variant is stored under its own name, as its own type: remove `{key}`"
                ),
            );
        }
    }
    for variant in &data.variants {
        for key in serde_attrs::keys(&variant.attrs) {
            if key == "untagged" || SKIPS.iter().any(|skip| key == skip) {
                cx.error(
                    &key,
                    format!("every variant of an event enum is stored and read: remove `{key}`"),
                );
            }
        }
    }
}

fn check_names(cx: &Ctxt, variants: &[Variant]) {
    for (n, second) in variants.iter().enumerate() {
        let name = &second.stored.name;
        if let Some(first) = variants
            .iter()
            .take(n)
            .find(|first| first.stored.name == *name)
        {
            cx.error_at(
                second.stored.name_span,
                format!(
                    "the variant `{}` is stored as `{name}` already: give one of them another name with \
                     `#[event(name = \"..\")]`",
                    first.ident
                ),
            );
        }
    }
}

fn check_upcasters(cx: &Ctxt, variant: &Variant) {
    let stored = &variant.stored;
    let Some(upcasters) = &variant.upcasters else {
        return;
    };
    let given = u32::try_from(upcasters.len()).unwrap_or(u32::MAX);
    if given == stored.version - 1 {
        return;
    }
    let needed = match stored.version - 1 {
        0 => "schema version 1 has no older ones, so no upcasters: remove `upcast`, or raise \
              `schema_version`"
            .to_owned(),
        1 => format!(
            "schema version 2 needs the upcaster from 1, not {given}: write `upcast(from_1)`"
        ),
        needed => format!(
            "schema version {} needs {needed} upcasters, one from each older version, not {given}: \
             write `upcast(from_1, .., from_{needed})`",
            stored.version
        ),
    };
    match &variant.upcast_key {
        Some(key) => cx.error(key, needed),
        None => cx.error_at(stored.version_span, needed),
    }
}
