//! A module with fields, event handlers and commands that need I/O.

#![deny(warnings)]

use std::sync::Mutex;

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {
    account: u32,
}
#[derive(Command)]
#[command(no_id)]
struct Greet {
    name: String,
}
#[derive(Command)]
struct Ask {
    #[id]
    account: u32,
}

struct Greeter {
    greeted: Mutex<Vec<String>>,
}

#[derive(Debug, PartialEq)]
struct NoName;

#[module(name = "the greeter")]
impl Greeter {
    #[on]
    async fn note(&self, event: &Opened) {
        self.push(event.account.to_string());
    }
    #[on]
    async fn mail(&self, event: &Opened, _: &EventContext) -> Result<(), std::fmt::Error> {
        self.push(format!("mail to {}", event.account));
        Ok(())
    }
    #[on(replay)]
    async fn index(&self, event: &Opened, cx: &ReplayContext) {
        if cx.is_replay() {
            self.push(event.account.to_string());
        }
    }
    #[on(replay)]
    async fn index_again(&self, event: &Opened) -> Result<(), std::fmt::Error> {
        self.push(event.account.to_string());
        Ok(())
    }
    #[on]
    #[cfg(any())]
    async fn nonsense(&self, _: &Nonsense) {}
    #[handle]
    async fn greet(&self, cmd: Greet, _: &ModuleContext) -> Result<usize, NoName> {
        if cmd.name.is_empty() {
            return Err(NoName);
        }
        self.push(cmd.name);
        Ok(1)
    }
    #[handle]
    async fn ask(&self, cmd: &Ask) -> Result<u32, std::convert::Infallible> {
        Ok(cmd.account)
    }

    fn push(&self, name: String) {
        if let Ok(mut greeted) = self.greeted.lock() {
            greeted.push(name);
        }
    }
}

fn main() {
    let greeter = Greeter { greeted: Mutex::default() };
    assert_eq!(greeter.name(), "the greeter");
    let _ = (Greet { name: String::new() }, Ask { account: 1 }, NoName);
}
