//! From the model to `impl Projection`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ExprPath;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::key::Keys;
use super::model::{Apply, Extra, Projection, Shape};
use crate::event_set::{Compiled, EventSet, Member};
use crate::fields::Fields;
use crate::place::{generated_at, located, variable};
use crate::runtime::Runtime;

pub(super) fn projection(model: &Projection) -> TokenStream {
    let Projection {
        self_ty,
        name,
        version,
        runtime,
        ..
    } = model;
    // Another name than any that the user's events may have, which it would hide.
    let events = format_ident!("__Events");
    let members = model.applies.iter().map(|apply| Member {
        event: &apply.event,
        cfgs: &apply.cfgs,
    });
    let set = EventSet {
        name: &events,
        owner: crate::names::plain(&model.type_name),
        runtime,
        members: members.collect(),
    };
    let set = set.expand();
    let begins = model
        .applies
        .iter()
        .filter(|apply| apply.shape == Shape::Begins);
    let begun = Compiled::any(begins.map(|apply| &apply.cfgs[..]));
    let arms = |act: &dyn Fn(&Apply) -> TokenStream| -> TokenStream {
        let arm = |apply: &Apply| {
            let (cfgs, variant) = (&apply.cfgs, &apply.event.name);
            let action = act(apply);
            quote!(#(#cfgs)* #events::#variant(ref __event) => { #action })
        };
        model.applies.iter().map(arm).collect()
    };
    let keys = arms(&|apply| keys(model, apply));
    let folds = arms(&|apply| folds(model, apply, &begun));
    let (indexes, inline) = (indexes(model), inline(model));
    quote! {
        const _: () = {
            #set

            #[automatically_derived]
            impl #runtime::Projection for #self_ty {
                const NAME: &'static #runtime::std::primitive::str = #name;
                const VERSION: #runtime::std::primitive::u32 = #version;
                #indexes
                #inline
                type Event = #events;
                fn keys(
                    __event: &#events,
                    __recorded: &#runtime::RecordedEvent,
                    __keys: &mut #runtime::Keys,
                ) {
                    match *__event { #keys }
                }
                fn apply(
                    __event: &#events,
                    __recorded: &#runtime::RecordedEvent,
                    __documents: &mut #runtime::Documents<'_, Self>,
                ) -> #runtime::std::result::Result<(), #runtime::FoldError> {
                    match *__event { #folds }
                }
            }
        };
    }
}

/// The indexes over fields, if there are any. All that can be wrong with one is told at its field.
fn indexes(model: &Projection) -> TokenStream {
    let Projection {
        runtime, indexes, ..
    } = model;
    if indexes.is_empty() {
        return TokenStream::new();
    }
    let each = indexes.iter().map(|field| {
        let place = generated_at(field.span());
        let name = field.unraw().to_string();
        let runtime = located(runtime, place);
        quote_spanned!(place=> &#runtime::Index::new(#name, |__document: &Self| &__document.#field))
    });
    quote!(const INDEXES: #runtime::Indexes<Self> = &[#(#each),*];)
}

/// The category of the streams whose appends write the documents. That it is none of an aggregate is told at its name.
fn inline(model: &Projection) -> TokenStream {
    let runtime = &model.runtime;
    let category = model.inline.iter().map(|aggregate| {
        let place = generated_at(aggregate.span());
        let shown = located(runtime, place);
        let category = quote_spanned!(place=> <#aggregate as #shown::Aggregate>::CATEGORY);
        quote! {
            const INLINE: #runtime::std::option::Option<&'static #runtime::std::primitive::str> =
                #runtime::std::option::Option::Some(#category);
        }
    });
    category.collect()
}

/// Whichever says it: the method, else the block.
enum Source<'a> {
    Fields(&'a Fields),
    Function(&'a ExprPath),
    /// Refused by the check.
    Nothing,
}

fn source<'a>(model: &'a Projection, apply: &'a Apply) -> Source<'a> {
    match (&apply.keys, &model.key) {
        (Some(Keys::Function(function)), _) => Source::Function(function),
        (Some(Keys::Fields(fields)), _) | (None, Some(fields)) => Source::Fields(fields),
        (None, None) => Source::Nothing,
    }
}

fn keys(model: &Projection, apply: &Apply) -> TokenStream {
    let runtime = &model.runtime;
    match source(model, apply) {
        Source::Fields(fields) => {
            let key = fields.of_event(runtime);
            quote!(__keys.push(&#key))
        }
        Source::Function(function) => {
            let several = several(runtime, function);
            quote!(#several.push(__keys))
        }
        Source::Nothing => TokenStream::new(),
    }
}

fn folds(model: &Projection, apply: &Apply, begun: &Compiled) -> TokenStream {
    let runtime = &model.runtime;
    match source(model, apply) {
        Source::Fields(fields) => {
            let key = fields.of_event(runtime);
            fold(model, apply, begun, &quote!(&#key))
        }
        Source::Function(function) => {
            let several = several(runtime, function);
            let fold = fold(model, apply, begun, &quote!(__name));
            quote!(#several.try_for_each(|__name, __key| #fold))
        }
        Source::Nothing => TokenStream::new(),
    }
}

/// The keys that a function gives for `__event`.
fn several(runtime: &Runtime, function: &ExprPath) -> TokenStream {
    let place = generated_at(function.span());
    let runtime = located(runtime, place);
    quote_spanned!(place=> #runtime::SeveralKeys::of(#function(__event)))
}

/// Folds `__event` into the document with the key `key`.
fn fold(model: &Projection, apply: &Apply, begun: &Compiled, key: &TokenStream) -> TokenStream {
    let Projection {
        self_ty, runtime, ..
    } = model;
    let method = &apply.method;
    let extras = apply.extras.iter().map(|extra| match extra {
        Extra::Key(place) => variable("__key", Span::call_site(), *place),
        Extra::Recorded(place) => variable("__recorded", Span::call_site(), *place),
    });
    let extras = quote!(#(#extras),*);
    let change = quote!(|__document| <#self_ty>::#method(__document, __event, #extras));
    let by_default = |function: TokenStream| {
        let documents = variable("__documents", Span::call_site(), self_ty.span());
        quote_spanned!(self_ty.span()=> #runtime::#function(#documents, #key, #change))
    };
    match apply.shape {
        Shape::Begins => quote!(__documents.begin(#key, <#self_ty>::#method(__event, #extras))),
        Shape::Changes => begun.choose(
            quote!(__documents.change_existing(#key, #change)),
            by_default(quote!(change_document)),
        ),
        Shape::ChangesOrEnds => begun.choose(
            quote!(__documents.change_or_end_existing(#key, #change)),
            by_default(quote!(change_or_end_document)),
        ),
    }
}
