//! The attribute works on items that another macro writes.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened;
#[derive(Command)]
#[command(no_id)]
struct Open;

macro_rules! greeter {
    ($name:ident, $event:ty, $command:ty, $result:ty, $gives:expr, $cx:ty) => {
        struct $name;
        #[module]
        impl $name {
            #[on]
            async fn note(&self, _: &$event, _: &EventContext) {}
            #[on]
            async fn note_too(&self, _: &Opened, _: &EventContext) -> Result<(), std::fmt::Error> {
                Ok(())
            }
            #[handle]
            async fn open(&self, _: $command, _: &$cx) -> $result {
                $gives
            }
        }
    };
}

greeter!(Greeter, Opened, Open, Result<(), String>, Ok(()), ModuleContext);

fn main() {
    assert_eq!(Greeter.name(), "greeter");
    let _ = (Open, Opened);
}
