//! What steps may ask: documents by key and by index, those of their own tenant only, and what belongs together.

use orchestrix::message::{CorrelationId, MessageId};
use orchestrix::prelude::*;
use orchestrix::store::{EventStore, ReadStream, StreamId, TenantId};

use super::PATIENCE;

#[derive(Event, Serialize, Deserialize)]
struct ShipArrived {
    ship: String,
    harbour: String,
}

#[derive(Command)]
struct Arrive {
    #[id]
    ship: String,
    harbour: String,
}

#[derive(Default)]
struct Ship;

#[aggregate]
impl Ship {
    #[handle]
    fn arrive(&self, cmd: Arrive) -> ShipArrived {
        ShipArrived {
            ship: cmd.ship,
            harbour: cmd.harbour,
        }
    }

    #[apply]
    fn arrived(&mut self, _: &ShipArrived) {}
}

#[derive(Default, Serialize, Deserialize)]
struct Whereabouts {
    harbour: String,
}

#[projection(key = ship, index(harbour))]
impl Whereabouts {
    #[apply]
    fn arrived(&mut self, event: &ShipArrived) {
        self.harbour.clone_from(&event.harbour);
    }
}

/// What the saga was told: where the ship is, how many ships are there, and what it all belongs to.
#[derive(Event, Debug, PartialEq, Serialize, Deserialize)]
struct PilotCalled {
    there: Option<String>,
    ships: u64,
    correlation: CorrelationId,
}

#[derive(Command)]
struct CallPilot {
    #[id]
    ship: String,
    there: Option<String>,
    ships: u64,
    correlation: CorrelationId,
}

#[derive(Event, Serialize, Deserialize)]
struct PilotWanted {
    ship: String,
    harbour: String,
}

#[derive(Command)]
struct WantPilot {
    #[id]
    ship: String,
    harbour: String,
}

#[derive(Default)]
struct Office;

#[aggregate]
impl Office {
    #[handle]
    fn want(&self, cmd: WantPilot) -> PilotWanted {
        PilotWanted {
            ship: cmd.ship,
            harbour: cmd.harbour,
        }
    }

    #[handle]
    fn call(&self, cmd: CallPilot) -> PilotCalled {
        PilotCalled {
            there: cmd.there,
            ships: cmd.ships,
            correlation: cmd.correlation,
        }
    }

    #[apply]
    fn wanted(&mut self, _: &PilotWanted) {}

    #[apply]
    fn called(&mut self, _: &PilotCalled) {}
}

#[derive(Clone, Serialize, Deserialize)]
struct Piloting {
    harbour: String,
}

#[saga(key = ship)]
impl Piloting {
    #[start]
    fn begin(event: &PilotWanted) -> Self {
        Self {
            harbour: event.harbour.clone(),
        }
    }

    #[step]
    async fn call(&self, cx: &SagaContext) -> Result<(), StepError> {
        let there = cx.view::<Whereabouts>(cx.key()).await?;
        let ships = cx.query::<Whereabouts>().equals("harbour", &*self.harbour);
        let call = CallPilot {
            ship: cx.key().to_owned(),
            there: there.map(|there| there.harbour),
            ships: ships.count().await?,
            correlation: cx.correlation_id(),
        };
        cx.dispatch(call).await?;
        Ok(())
    }
}

#[module(aggregates(Ship, Office), projections(Whereabouts), sagas(Piloting))]
struct Harbour;

#[tokio::test(start_paused = true)]
async fn a_step_asks_read_models_of_its_tenant_and_knows_what_it_belongs_to()
-> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Harbour).start().await?;
    let (ours, theirs) = (TenantId::new("ours")?, TenantId::new("theirs")?);
    let arrivals = [
        (&ours, "nina", "Palos"),
        (&ours, "pinta", "Palos"),
        (&ours, "santa maria", "Seville"),
        (&theirs, "nina", "Lisbon"),
        (&theirs, "gabriel", "Palos"),
    ];
    for (tenant, ship, harbour) in arrivals {
        let (ship, harbour) = (ship.to_owned(), harbour.to_owned());
        let arrive = Arrive { ship, harbour };
        app.dispatch(arrive).tenant(tenant.clone()).await?;
    }
    let head = app.store().head().await?;
    app.caught_up(head, PATIENCE).await?;
    let expected = [(&ours, Some("Palos"), 2), (&theirs, Some("Lisbon"), 1)];
    for (tenant, there, ships) in expected {
        let chain = CorrelationId::from(MessageId::new());
        let want = WantPilot {
            ship: "nina".to_owned(),
            harbour: "Palos".to_owned(),
        };
        let wanted = app.dispatch(want).tenant(tenant.clone()).correlation(chain);
        let receipt = wanted.await?;
        app.caught_up(receipt.position, PATIENCE).await?;
        let office = StreamId::new("office", "nina")?.with_tenant(tenant.clone());
        let events = store.read_stream(ReadStream::forward(office)).await?;
        let called = events.last().ok_or("no pilot was called")?;
        let expected = PilotCalled {
            there: there.map(str::to_owned),
            ships,
            correlation: chain,
        };
        assert_eq!(called.data.payload.read::<PilotCalled>()?, expected);
        assert_eq!(called.data.metadata.correlation_id, Some(chain));
    }
    Ok(app.shutdown().await?)
}
