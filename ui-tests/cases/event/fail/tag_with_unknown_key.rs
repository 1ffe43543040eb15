use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Subscribed {
    #[tag(nam = "pupil")]
    student: u32,
}

fn main() {}
