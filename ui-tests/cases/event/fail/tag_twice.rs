use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Subscribed {
    #[tag]
    #[tag(name = "pupil")]
    student: u32,
}

fn main() {}
