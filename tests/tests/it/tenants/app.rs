//! Tenants through an app: commands, aggregates and read models of equal names.

use std::time::Duration;

use orchestrix::error::{BoxError, chain};
use orchestrix::prelude::*;
use orchestrix::store::Ports;

#[derive(Event, Serialize, Deserialize)]
struct Deposited {
    account: String,
    pence: u32,
}

#[derive(Command)]
struct Deposit {
    #[id]
    account: String,
    pence: u32,
}

#[derive(Debug, Default, Clone, PartialEq)]
struct Account {
    pence: u32,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("an account holds at most {MOST} pence")]
struct Full;

/// What one account holds at most; two tenants' deposits together are more.
const MOST: u32 = 60;

#[aggregate]
impl Account {
    #[handle]
    fn deposit(&self, cmd: Deposit) -> Result<Deposited, Full> {
        match self.pence + cmd.pence <= MOST {
            true => Ok(Deposited {
                account: cmd.account,
                pence: cmd.pence,
            }),
            false => Err(Full),
        }
    }

    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.pence += event.pence;
    }
}

#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
struct Balance {
    pence: u32,
    deposits: u32,
}

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.pence += event.pence;
        self.deposits += 1;
    }
}

#[module(aggregates(Account), projections(Balance))]
struct Banking;

const TENANTS: &[(&str, u32)] = &[
    (TenantId::DEFAULT, 20),
    ("acme", 10),
    ("Acme", 5),
    ("globex", 1),
];
const ROUNDS: u32 = 3;
const ACCOUNT: &str = "7";

/// Commands to equal ids under several tenants: each tenant has its own aggregate and its own read model, whether they
/// are loaded, cached, locked or viewed.
pub(super) async fn tenants_are_apart(ports: Ports) {
    let checked = check(ports).await;
    checked.unwrap_or_else(|error| panic!("{}", chain(&*error)));
}

async fn check(ports: Ports) -> Result<(), BoxError> {
    let app = Orchestrix::builder()
        .isolated()
        // Each of its ports is replaced: what is under test has been opened already.
        .store(MemoryStore::new())
        .events(ports.events)
        .checkpoints(ports.checkpoints)
        .read_models(ports.read_models)
        .locks(ports.locks)
        .module(Banking);
    let app = app.start().await?;
    // In turns, so that what one tenant's command left behind is there when the next one's comes.
    for round in 1..=ROUNDS {
        for (name, pence) in TENANTS {
            let (tenant, pence) = (TenantId::new(*name)?, *pence);
            let deposit = || Deposit {
                account: ACCOUNT.to_owned(),
                pence,
            };
            let dispatch = app.dispatch(deposit()).tenant(tenant.clone());
            let receipt = match round % 2 {
                0 => dispatch.pessimistic(Duration::from_secs(5)).await?,
                _ => dispatch.await?,
            };
            assert_eq!(receipt.version.get(), u64::from(round), "{name:?}");
            let loaded = app.load::<Account>(ACCOUNT).tenant(tenant.clone()).await?;
            let expected = Account {
                pence: round * pence,
            };
            assert_eq!(loaded.state, Some(expected), "{name:?}");
            let view = app.view::<Balance>(ACCOUNT).tenant(tenant.clone());
            let expected = Balance {
                pence: round * pence,
                deposits: round,
            };
            let view = view.at_least(receipt.position).await?;
            assert_eq!(view.as_ref(), Some(&expected), "{name:?}");
            let all = app.views::<Balance>().tenant(tenant).await?;
            assert_eq!(all, [(ACCOUNT.to_owned(), expected)], "{name:?}");
        }
    }
    full_is_the_default_tenants_alone(&app).await?;
    let nobody = TenantId::new("nobody")?;
    let loaded = app.load::<Account>(ACCOUNT).tenant(nobody.clone()).await?;
    assert_eq!(loaded.version, StreamVersion::NONE);
    assert_eq!(app.view::<Balance>(ACCOUNT).tenant(nobody).await?, None);
    app.shutdown().await?;
    Ok(())
}

/// The rule of one tenant's aggregate is not about the others.
async fn full_is_the_default_tenants_alone(app: &App) -> Result<(), BoxError> {
    for (name, _) in TENANTS {
        let deposit = Deposit {
            account: ACCOUNT.to_owned(),
            pence: 1,
        };
        let outcome = app.dispatch(deposit).tenant(TenantId::new(*name)?).await;
        assert_eq!(
            outcome.is_err(),
            *name == TenantId::DEFAULT,
            "{name:?}: {outcome:?}"
        );
    }
    Ok(())
}
