use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
#[derive(Command)]
#[command(no_id)]
struct Open {}
struct Bank;

#[module]
impl Bank {
    #[on]
    async fn greet(&self, _: &Opened) {
        let name = std::rc::Rc::new(1);
        std::future::ready(()).await;
        drop(name);
    }
}

fn main() {}
