use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    #[serde(skip)]
    shared: std::rc::Rc<u8>,
}

fn main() {}
