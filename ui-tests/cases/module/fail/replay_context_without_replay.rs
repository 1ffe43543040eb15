use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
struct Bank;

#[module]
impl Bank {
    #[on]
    async fn greet(&self, _: &Opened, _: &orchestrix::module::ReplayContext) {}
}

fn main() {}
