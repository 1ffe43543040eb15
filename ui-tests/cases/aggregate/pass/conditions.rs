//! `#[cfg]` on methods is carried to all that is generated for them.

#![deny(warnings)]

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct On;
#[derive(Event, Serialize, Deserialize)]
struct Begun;

#[derive(Command)]
struct Switch {
    #[id]
    light: u8,
}

#[derive(Default)]
struct Light {
    on: bool,
}

#[aggregate]
impl Light {
    #[cfg(all())]
    #[apply]
    fn on(&mut self, _: &On) {
        self.on = true;
    }
    #[apply]
    #[cfg(any())]
    fn on(&mut self, _: &On) {
        nonsense
    }
    #[cfg(any())]
    #[apply]
    fn off(&mut self, _: &Nonsense) {}
    #[cfg(any())]
    #[apply]
    fn begun(_: &Begun) -> Self {
        Light { on: true }
    }

    #[handle]
    #[cfg(any())]
    fn flood(&self, _: Nonsense) -> Nonsense {
        nonsense
    }
    #[handle]
    fn switch(&self, _: Switch) -> On {
        On
    }
}

#[derive(Default)]
struct Dark;

#[aggregate]
impl Dark {
    #[cfg(any())]
    #[apply]
    fn off(&mut self, _: &Nonsense) {}
}

fn main() {
    assert_eq!(LightEvent::types().len(), 1);
    assert_eq!(Light::commands().len(), 1);
    // The event that would construct it is compiled out.
    let mut light = Light::initial();
    Light::apply(&mut light, &LightEvent::On(On)).unwrap();
    assert!(light.is_some_and(|light| light.on));
    assert!(DarkEvent::types().is_empty());
    assert!(Dark::initial().is_some());
    let _ = (Begun, Switch { light: 1 });
}
