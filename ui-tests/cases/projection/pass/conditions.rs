//! `#[cfg]` on methods is carried along; without the event that begins documents, they begin as default.

#![deny(warnings)]

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct On {
    light: u8,
}

#[derive(Default, Serialize, Deserialize)]
struct Light {
    on: bool,
}

#[projection(key = light)]
impl Light {
    #[apply]
    #[cfg(any())]
    fn begun(_: &Nonsense) -> Self {
        nonsense
    }
    #[cfg(all())]
    #[apply]
    fn on(&mut self, _: &On) {
        self.on = true;
    }
    #[cfg(any())]
    #[apply(keys = nonsense)]
    fn off(self, _: &Nonsense) -> Option<Self> {
        nonsense
    }
}

fn main() {
    assert_eq!(<Light as Projection>::Event::types().len(), 1);
}
