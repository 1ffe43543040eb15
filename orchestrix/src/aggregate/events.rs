//! What a handler may return.

use std::convert::Infallible;

/// A value that becomes events of the set `E`: one event, a tuple of events, an `Option`, a `Vec`, or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of this aggregate",
    label = "no `#[apply]` method takes it",
    note = "add `#[apply] fn ..(&mut self, event: &{Self})` to the `#[aggregate]` impl block"
)]
pub trait IntoEvents<E> {
    /// Adds its events, in order.
    fn into_events(self, out: &mut Vec<E>);
}

/// What a `#[handle]` method returns: something that becomes events, or a `Result` of that and the domain's error.
#[diagnostic::on_unimplemented(
    message = "a `#[handle]` method cannot return `{Self}`",
    label = "not an event of this aggregate, and no `Result`, `Option`, `Vec` or tuple of its events",
    note = "each event returned needs a method `#[apply] fn ..(&mut self, event: &TheEvent)`"
)]
pub trait HandlerOutput<E> {
    /// The domain's error; [`Infallible`] when it cannot refuse.
    type Error;

    /// The events, or the refusal.
    ///
    /// # Errors
    /// The domain's.
    fn into_outcome(self) -> Result<Vec<E>, Self::Error>;
}

impl<E, T: IntoEvents<E>, X> HandlerOutput<E> for Result<T, X> {
    type Error = X;

    fn into_outcome(self) -> Result<Vec<E>, X> {
        self.map(collect)
    }
}

fn collect<E>(events: impl IntoEvents<E>) -> Vec<E> {
    let mut all = Vec::new();
    events.into_events(&mut all);
    all
}

impl<E> IntoEvents<E> for () {
    fn into_events(self, _: &mut Vec<E>) {}
}

impl<E> HandlerOutput<E> for () {
    type Error = Infallible;

    fn into_outcome(self) -> Result<Vec<E>, Infallible> {
        Ok(Vec::new())
    }
}

macro_rules! containers {
    ($($container:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<E, T: IntoEvents<E>> IntoEvents<E> for $container<T> {
            fn into_events(self, out: &mut Vec<E>) {
                self.into_iter().for_each(|events| events.into_events(out));
            }
        }

        #[diagnostic::do_not_recommend]
        impl<E, T: IntoEvents<E>> HandlerOutput<E> for $container<T> {
            type Error = Infallible;

            fn into_outcome(self) -> Result<Vec<E>, Infallible> {
                Ok(collect(self))
            }
        }
    )*};
}

containers!(Option, Vec);

macro_rules! tuples {
    ($(($($name:ident),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<E, $($name: IntoEvents<E>),+> IntoEvents<E> for ($($name,)+) {
            fn into_events(self, out: &mut Vec<E>) {
                #[allow(non_snake_case, reason = "the type parameters name the fields")]
                let ($($name,)+) = self;
                $($name.into_events(out);)+
            }
        }

        #[diagnostic::do_not_recommend]
        impl<E, $($name: IntoEvents<E>),+> HandlerOutput<E> for ($($name,)+) {
            type Error = Infallible;

            fn into_outcome(self) -> Result<Vec<E>, Infallible> {
                Ok(collect(self))
            }
        }
    )*};
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, F) (A, B, C, D, F, G) (A, B, C, D, F, G, H) (A, B, C, D, F, G, H, I)
}
