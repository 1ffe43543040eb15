use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    Placed(#[serde(skip)] std::rc::Rc<u8>),
}

fn main() {}
