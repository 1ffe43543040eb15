use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Weighed {
    #[tag]
    grams: f64,
    #[tag]
    each: Vec<f32>,
}

fn main() {}
