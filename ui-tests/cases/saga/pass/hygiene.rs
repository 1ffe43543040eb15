//! Nothing that is generated depends on the prelude, on the name of the runtime crate, or on names at hand.

#![no_implicit_prelude]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    private_interfaces
)]

use ::serde::{Deserialize, Serialize};
use renamed::saga::{Saga, SagaContext, StepError};
use renamed::{Event, saga};

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
    pub(crate) struct Some;
    pub(crate) struct Box;
    pub(crate) struct Step;
    pub(crate) struct Compensation;
    pub(crate) struct StepRetry;
}
#[allow(unused_imports)]
use shadows::*;

#[derive(Event, Serialize, Deserialize)]
#[event(crate = renamed)]
struct Begun {
    light: u8,
}

/// Documented.
#[derive(::std::clone::Clone, Serialize, Deserialize)]
struct Light;

#[saga(key = light, crate = renamed)]
impl Light {
    #[start]
    fn begun(_: &Begun) -> Self {
        Light
    }
    #[step(compensate = dim, retry(1, wait = "1s"), timeout = "1s")]
    async fn glow(&mut self, _: &SagaContext) -> ::std::result::Result<u8, StepError> {
        ::std::result::Result::Ok(1)
    }
    #[step(after(glow))]
    async fn look(&self, cx: &SagaContext, glow: &u8) -> ::std::result::Result<u8, StepError> {
        let _ = cx;
        ::std::result::Result::Ok(*glow)
    }
    #[compensation]
    async fn dim(&self, done: &u8, _: &SagaContext) {
        let _ = done;
    }
}

fn main() {
    ::std::assert_eq!(Light::NAME, "light");
    ::std::assert_eq!(Light::STEPS.len(), 2);
}
