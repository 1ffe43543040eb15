use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {
    account: String,
}

#[derive(Event, Serialize, Deserialize)]
struct Closed {
    account: String,
}

#[derive(Command)]
struct Open {
    #[id]
    account: String,
}

#[derive(Command)]
struct Close {
    #[id]
    account: String,
}

#[derive(Debug, thiserror::Error)]
#[error("it is overdrawn")]
struct Overdrawn;

struct Account;

#[aggregate]
impl Account {
    #[handle]
    fn open(cmd: Open) -> Opened {
        Opened { account: cmd.account }
    }
    #[handle]
    fn close(&mut self, cmd: Close) -> Result<Closed, Overdrawn> {
        Ok(Closed { account: cmd.account })
    }
    #[apply]
    fn opened(_: &Opened) -> Self {
        Self
    }
    #[apply]
    async fn closed(&mut self, _: &Closed) {}
}

#[module(aggregates(Account))]
struct Bank;

async fn work(app: App) {
    let _ = app.dispatch(Open { account: "7".to_owned() }).await;
    let closed = app.dispatch(Close { account: "7".to_owned() }).await;
    if let Err(DispatchError::Rejected(Overdrawn)) = closed {}
    let _ = app.load::<Account>("7").await;
}

fn main() {
    let _ = (Bank, work);
}
