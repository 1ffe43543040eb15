//! Nothing that is generated depends on the prelude, on the name of the runtime crate, or on names at hand.

#![no_implicit_prelude]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, private_interfaces)]

use ::serde::{Deserialize, Serialize};
use renamed::{Command, Event, aggregate, module, projection};

mod renamed {
    pub(crate) use ::orchestrix::*;
    pub(crate) mod __private {
        pub(crate) use ::orchestrix::__private::*;
    }
}

mod orchestrix {}

#[allow(dead_code)]
mod shadows {
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct String;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct Ok;
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) trait Clone {}
    pub(crate) trait Default {}
    pub(crate) trait Send {}
}
#[allow(unused_imports)]
use shadows::*;

#[derive(Event, Serialize, Deserialize)]
#[event(crate = renamed)]
struct Begun {
    light: u8,
}
#[derive(Event, Serialize, Deserialize)]
#[event(crate = renamed)]
struct Dimmed {
    light: u8,
}

#[derive(Command)]
#[command(crate = renamed)]
struct Begin {
    #[id]
    light: u8,
}
#[derive(Command)]
#[command(crate = renamed)]
struct Dim {
    #[id]
    light: u8,
}
#[derive(Command)]
#[command(crate = renamed, no_id)]
struct DimAll;

struct Light;

#[aggregate(crate = renamed)]
impl Light {
    #[handle]
    fn begin(cmd: Begin) -> Begun {
        Begun { light: cmd.light }
    }
    #[handle]
    fn dim(&self, cmd: &Dim) -> ::std::option::Option<Dimmed> {
        ::std::option::Option::Some(Dimmed { light: cmd.light })
    }
    #[apply]
    fn begun(_: &Begun) -> Self {
        Light
    }
    #[apply]
    fn dimmed(&mut self, _: &Dimmed) {}
}

#[derive(::std::default::Default, Serialize, Deserialize)]
struct Count {
    events: u8,
}

#[projection(key = light, crate = renamed)]
impl Count {
    #[apply]
    fn begun(&mut self, _: &Begun) {
        self.events += 1;
    }
    #[apply(keys = Self::everywhere)]
    fn dimmed(self, _: &Dimmed) -> ::std::option::Option<Self> {
        ::std::option::Option::None
    }
    fn everywhere(event: &Dimmed) -> [u8; 2] {
        [event.light, 0]
    }
}

#[module(aggregates(Light), projections(Count), crate = renamed)]
struct Lights;

struct Switches;

#[module(crate = renamed)]
impl Switches {
    #[on]
    async fn note(&self, _: &Dimmed) {}
    #[handle]
    async fn dim_all(&self, _: DimAll) -> ::std::result::Result<(), ::std::convert::Infallible> {
        ::std::result::Result::Ok(())
    }
}

fn main() {
    use renamed::aggregate::Aggregate as _;
    use renamed::module::Module as _;
    ::std::assert_eq!(Light::CATEGORY, "light");
    ::std::assert_eq!((Lights.name(), Switches.name()), ("lights", "switches"));
    let _ = (Begin { light: 1 }, Dim { light: 1 }, DimAll);
}
