//! `#[cfg]` on methods is carried along.

#![deny(warnings)]

use orchestrix::prelude::*;
use orchestrix::saga::Saga;

#[derive(Event, Serialize, Deserialize)]
struct On {
    light: u8,
}

#[derive(Clone, Serialize, Deserialize)]
struct Light;

#[saga(key = light)]
impl Light {
    #[start]
    fn on(_: &On) -> Self {
        Light
    }
    #[cfg(any())]
    #[start]
    fn begun(_: &Nonsense) -> Self {
        nonsense
    }
    #[step(compensate = darken)]
    #[cfg(any())]
    async fn glow(&self) -> Nonsense {
        nonsense
    }
    #[step]
    #[cfg(all())]
    async fn dim(&mut self) {}
    #[cfg(any())]
    #[step(name = "dim")]
    async fn dim_otherwise(&mut self) -> Nonsense {
        nonsense
    }
    #[compensation]
    #[cfg(any())]
    async fn darken(&self, glow: &Nonsense) {}
}

fn main() {
    let names: Vec<_> = Light::STEPS.iter().map(|step| step.name).collect();
    assert_eq!(names, ["dim"]);
    assert_eq!(<Light as Saga>::Start::types().len(), 1);
}
