use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Course {
    #[tag]
    Subscribed { student: u32 },
}

fn main() {}
