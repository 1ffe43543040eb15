use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Sent {
    letter: String,
}

#[derive(Command)]
#[command(no_id)]
struct Send;

struct Post;

#[module]
impl Post {
    #[handle]
    async fn send(&self, _: Send, _: &ModuleContext) -> Result<u32, std::io::Error> {
        Ok(1)
    }
    #[on]
    fn sent(&self, _: &Sent) {}
}

async fn work() {
    let app = Orchestrix::builder().store(MemoryStore::new()).module(Post).start().await;
    if let Ok(app) = app
        && let Ok(letters) = app.dispatch(Send).await
    {
        let _: u32 = letters;
    }
}

fn main() {
    let _ = work;
}
