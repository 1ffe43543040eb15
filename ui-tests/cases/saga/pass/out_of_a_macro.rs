//! The attribute works on blocks that another macro writes.

#![deny(warnings)]

use orchestrix::prelude::*;
use orchestrix::saga::Saga;

#[derive(Event, Serialize, Deserialize)]
struct Begun {
    light: u8,
}

macro_rules! light {
    ($name:ident, $result:ty, $step:ident, $argument:ident, $cx:ty) => {
        /// Documented.
        #[derive(Clone, Serialize, Deserialize)]
        struct $name;

        #[saga(key = light)]
        impl $name {
            #[start]
            fn begun(_: &Begun) -> Self {
                $name
            }
            #[step(compensate = dim, retry(1, wait = "1s"), timeout = "1s")]
            async fn $step(&mut self, _: &$cx) -> $result {
                Result::Ok(1)
            }
            #[step(after($step))]
            async fn look(&self, cx: &$cx, $argument: &u8) -> $result {
                let _ = cx;
                Result::Ok(*$argument)
            }
            #[compensation]
            async fn dim(&self, done: &u8, _: &SagaContext) {
                let _ = done;
            }
        }
    };
}

light!(Light, Result<u8, StepError>, glow, glow, SagaContext);

fn main() {
    assert_eq!(Light::NAME, "light");
    assert_eq!(Light::STEPS.len(), 2);
}
