//! Generated public items are documented, and satisfy the lints of a careful crate.

#![warn(missing_docs, missing_debug_implementations, rust_2018_idioms)]

/// A public domain.
pub mod domain {
    use orchestrix::prelude::*;

    /// An event.
    #[derive(Debug, Event, Serialize, Deserialize)]
    pub struct Begun;

    /// An event that others need not know.
    #[derive(Event, Serialize, Deserialize)]
    struct Hidden;

    /// A command.
    #[derive(Debug, Command)]
    pub struct Begin {
        /// Which.
        #[id]
        pub light: u8,
    }

    /// An aggregate.
    #[derive(Debug)]
    pub struct Light;

    #[aggregate]
    impl Light {
        /// Begins.
        #[handle]
        pub fn begin(_: Begin) -> (Begun, Option<LightEvent>) {
            (Begun, Some(Hidden.into_event()))
        }
        #[apply]
        fn begun(_: &Begun) -> Light {
            Light
        }
        #[apply]
        fn hidden(&mut self, _: &Hidden) {}
    }

    impl Hidden {
        fn into_event(self) -> LightEvent {
            LightEvent::Hidden(self)
        }
    }

    /// A read model.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub struct Lights {
        /// How many.
        pub count: u32,
    }

    #[projection]
    impl Lights {
        #[apply(keys = all)]
        fn begun(&mut self, _: &Begun) {
            self.count += 1;
        }
    }

    fn all(_: &Begun) -> Option<&'static str> {
        Some("all")
    }

    /// A module.
    #[module(aggregates(Light), projections(Lights))]
    #[derive(Debug)]
    pub struct House;
}

fn main() {
    use orchestrix::prelude::*;
    assert_eq!(domain::LightEvent::types().len(), 2);
    assert_eq!(domain::House.name(), "house");
}
