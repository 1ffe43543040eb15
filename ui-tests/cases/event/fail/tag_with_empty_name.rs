use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Subscribed {
    #[tag(name = "")]
    student: u32,
}

fn main() {}
