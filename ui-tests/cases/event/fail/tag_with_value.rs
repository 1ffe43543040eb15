use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Subscribed {
    #[tag = "pupil"]
    student: u32,
}

fn main() {}
