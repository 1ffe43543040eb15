//! Structs of every kind; parts by path.

#![deny(warnings)]

use orchestrix::prelude::*;

mod lights {
    use orchestrix::prelude::*;

    #[derive(Event, Serialize, Deserialize)]
    pub struct On {
        light: u8,
    }
    #[derive(Default)]
    pub struct Light;
    #[aggregate]
    impl Light {
        #[apply]
        fn on(&mut self, _: &On) {}
    }
    #[derive(Default, Serialize, Deserialize)]
    pub struct View;
    #[projection(key = light)]
    impl View {
        #[apply]
        fn on(&mut self, _: &On) {}
    }
}

#[module(aggregates(lights::Light,), projections(lights::View))]
struct HouseLights;

#[module]
pub(crate) struct WithFields {
    pub(crate) name: String,
}

#[module(name = "tuple")]
#[derive(Debug, Clone)]
struct Tuple(u8, u8);

fn main() {
    assert_eq!(HouseLights.name(), "house_lights");
    assert_eq!(WithFields { name: "x".into() }.name, "x");
    let tuple = Tuple(1, 2);
    assert_eq!((tuple.name(), tuple.0, tuple.1), ("tuple", 1, 2));
}
