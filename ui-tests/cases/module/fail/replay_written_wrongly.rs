use orchestrix::prelude::*;

struct Opened;
struct Bank;

#[module]
impl Bank {
    #[on(replay = true)]
    async fn one(&self, _: &Opened) {}
    #[on = "replay"]
    async fn two(&self, _: &Opened) {}
    #[on(replay)]
    async fn three(&self, _: &Opened, _: ReplayContext, _: u32) {}
}

fn main() {}
