use orchestrix::prelude::*;
use orchestrix::subscription::Subscription;

struct Audit;

fn main() {
    let _ = Orchestrix::builder().subscription(Subscription::new("audit"), Audit);
}
