use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(nam = "Stored", schema_version = 0)]
struct Placed<T>(T);

fn main() {}
