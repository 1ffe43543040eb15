use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
#[derive(Command)]
#[command(no_id)]
struct Open {}
struct Bank;

#[module]
impl Bank {
    #[on(replay)]
    async fn index(&self, _: &Opened, cx: &ReplayContext) {
        let _ = cx.dispatch(Open {});
    }
}

fn main() {}
