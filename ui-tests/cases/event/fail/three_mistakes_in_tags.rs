use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Course {
    Subscribed {
        #[tag(name = "a:b")]
        student: u32,
        #[tag]
        #[tag]
        course: u32,
    },
    Ended(#[tag] u32),
}

fn main() {}
