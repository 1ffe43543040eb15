//! The enum style: one event type of several stored types.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum LightEvent {
    On { by: u8 },
    Off,
}

#[derive(Command)]
struct Switch {
    #[id]
    light: u8,
}

#[derive(Default)]
struct Light {
    on: bool,
}

#[aggregate(events = LightEvents)]
impl Light {
    #[handle]
    fn switch(&self, cmd: Switch) -> LightEvent {
        match self.on {
            true => LightEvent::Off,
            false => LightEvent::On { by: cmd.light },
        }
    }
    #[apply]
    fn happened(&mut self, event: &LightEvent) {
        self.on = matches!(event, LightEvent::On { .. });
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Switched {
    times: u32,
}

#[projection(name = "switched", version = 3)]
impl Switched {
    #[apply(keys = Self::which)]
    fn happened(&mut self, _: &LightEvent) {
        self.times += 1;
    }
    fn which(event: &LightEvent) -> Vec<u8> {
        match event {
            LightEvent::On { by } => vec![*by],
            LightEvent::Off => vec![],
        }
    }
}

fn main() {
    let names: Vec<_> = LightEvents::types().iter().map(|stored| stored.name()).collect();
    assert_eq!(names, ["On", "Off"]);
    assert_eq!((Switched::NAME, Switched::VERSION), ("switched", 3));
    let _ = Switch { light: 1 };
}
