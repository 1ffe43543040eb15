use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {
    account: u32,
}
#[derive(Command)]
struct Open {
    #[id]
    account: u32,
}
struct Account;
struct Other;

#[aggregate]
impl Other {
    #[handle]
    fn open(cmd: Open) -> Opened {
        Opened { account: cmd.account }
    }
    #[apply]
    fn opened(_: &Opened) -> Self {
        Other
    }
}

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn open(cmd: Open) -> Opened {
        Opened { account: cmd.account }
    }
}

async fn send(app: &App) {
    let _ = app.dispatch(Open { account: 1 }).await;
}

fn main() {}
