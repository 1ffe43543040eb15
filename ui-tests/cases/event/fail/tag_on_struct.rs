use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[tag(name = "student")]
struct Subscribed {
    student: u32,
}

fn main() {}
