//! A saga of reactions: a parcel is packed and labelled at once, and who does not fetch it within an hour is reminded. A delay
//! gives another hour, and nobody is reminded of a parcel that is held.

use std::time::Duration;

use orchestrix::prelude::*;

use super::marks::{Mark, Marks, part_of};

pub(super) const HOUR: Duration = Duration::from_secs(3600);

macro_rules! events {
    ($($event:ident { $($field:ident)? })*) => {$(
        #[derive(Event, Serialize, Deserialize)]
        pub(super) struct $event {
            pub(super) parcel: String,
            $(pub(super) $field: String,)?
        }
    )*};
}

events! {
    // The part of it that the domain refuses, if there is one of this name.
    ParcelOrdered { refuses }
    ParcelDelayed {}
    ParcelHeld {}
    ParcelFetched {}
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Parcel {
    refuses: String,
}

impl Parcel {
    fn mark(&self, cx: &mut Reactions, part: &str) {
        let mark = Mark {
            part: part_of(cx.key(), part),
            is_refused: self.refuses == part,
        };
        cx.dispatch(mark);
    }
}

#[saga(key = parcel)]
impl Parcel {
    #[start]
    fn ordered(event: &ParcelOrdered, cx: &mut Reactions) -> Self {
        let refuses = event.refuses.clone();
        let parcel = Self { refuses };
        parcel.mark(cx, "pack");
        parcel.mark(cx, "label");
        cx.set_timer("overdue", HOUR);
        parcel
    }

    #[on]
    fn delayed(&mut self, _: &ParcelDelayed, cx: &mut Reactions) {
        cx.set_timer("overdue", HOUR);
    }

    #[on]
    fn held(&mut self, _: &ParcelHeld, cx: &mut Reactions) {
        cx.cancel_timer("overdue");
    }

    #[on]
    fn fetched(&mut self, _: &ParcelFetched, cx: &mut Reactions) {
        self.mark(cx, "thank");
        cx.complete();
    }

    #[timer]
    fn overdue(&mut self, cx: &mut Reactions) {
        self.mark(cx, "remind");
        cx.complete();
    }

    /// There is an answer to a label that is refused, and to nothing else.
    #[rejected]
    fn refused(&mut self, rejection: &Rejection, cx: &mut Reactions) -> bool {
        let label = part_of(cx.key(), "label");
        let is_label = rejection
            .read::<Mark>()
            .is_some_and(|mark| mark.part == label);
        if is_label {
            self.mark(cx, "sorry");
        }
        is_label
    }
}

#[module(aggregates(Marks), sagas(Parcel))]
pub(super) struct Post;
