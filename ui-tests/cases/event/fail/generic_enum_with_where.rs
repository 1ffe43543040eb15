use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order where u8: Copy {
    Placed,
}

fn main() {}
