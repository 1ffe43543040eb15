use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Course {
    Subscribed {
        #[tag(name = "pu\npil")]
        student: u32,
    },
}

fn main() {}
