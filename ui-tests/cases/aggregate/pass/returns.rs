//! All that a handler may return.

use orchestrix::aggregate::{CommandFor, Current};
use orchestrix::prelude::*;

macro_rules! commands {
    ($($name:ident)*) => {$(
        #[derive(Command)]
        struct $name {
            #[id]
            light: u8,
        }
    )*};
}

commands! { One Pair Maybe Many Enum EnumResult Nothing NothingResult Nested }

#[derive(Event, Serialize, Deserialize)]
struct On;
#[derive(Event, Serialize, Deserialize)]
struct Off;

#[derive(Default)]
struct Light;

#[aggregate]
impl Light {
    #[apply]
    fn on(&mut self, _: &On) {}
    #[apply]
    fn off(&mut self, Off: &Off) {}

    #[handle]
    fn one(&self, _: One) -> On {
        On
    }
    #[handle]
    fn pair(&self, _: Pair) -> (On, Off) {
        (On, Off)
    }
    #[handle]
    fn maybe(&self, _: Maybe) -> Option<Off> {
        None
    }
    #[handle]
    fn many(&self, Many { light }: Many) -> Vec<On> {
        (0..light).map(|_| On).collect()
    }
    #[handle]
    fn enumeration(&self, _: Enum) -> LightEvent {
        LightEvent::Off(Off)
    }
    #[handle]
    fn enumerations(&self, _: EnumResult) -> Result<Vec<LightEvent>, &'static str> {
        Ok(vec![LightEvent::On(On), LightEvent::Off(Off)])
    }
    #[handle]
    fn nothing(&self, _: Nothing) {}
    #[handle]
    fn nothing_or_no(&self, _: NothingResult) -> Result<(), Self> {
        Err(Light)
    }
    #[handle]
    fn nested(&self, _: Nested) -> Result<(Vec<On>, Option<(Off, On)>, ()), Box<Self>> {
        Ok((vec![On, On], Some((Off, On)), ()))
    }
}

fn events<C: CommandFor<Light>>(command: C) -> Option<Vec<&'static str>> {
    let cx = CommandContext::for_test("2026-01-31T12:00:00Z".parse().unwrap());
    let current = Current::new(Some(&Light), StreamVersion::NONE);
    let events = command.decide(current, &cx).ok()?;
    Some(events.iter().map(|event| event.event_type().name()).collect())
}

fn main() {
    let light = 3;
    assert_eq!(events(One { light }), Some(vec!["On"]));
    assert_eq!(events(Pair { light }), Some(vec!["On", "Off"]));
    assert_eq!(events(Maybe { light }), Some(vec![]));
    assert_eq!(events(Many { light }), Some(vec!["On", "On", "On"]));
    assert_eq!(events(Enum { light }), Some(vec!["Off"]));
    assert_eq!(events(EnumResult { light }), Some(vec!["On", "Off"]));
    assert_eq!(events(Nothing { light }), Some(vec![]));
    assert_eq!(events(NothingResult { light }), None);
    assert_eq!(events(Nested { light }), Some(vec!["On", "On", "Off", "On"]));
}
