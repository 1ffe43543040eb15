use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    order: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Fulfilment;

#[saga(key = order)]
impl Fulfilment {
    #[start]
    fn begin(_: &Placed) -> Self {
        Self
    }
    #[step(after(reserv))]
    async fn pay(&self) -> Result<(), StepError> {
        Ok(())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Reminder;

#[saga(key = order)]
impl Reminder {
    #[start]
    fn begin(_: &Placed) -> Self {
        Self
    }
    #[timer]
    async fn due(&mut self, _: &mut Reactions) {}
}

#[module(sagas(Fulfilment, Reminder))]
struct Shop;

async fn look(app: App) {
    let _ = app.sagas::<Fulfilment>().history("7").await;
    let _ = app.reacting::<Reminder>().history("7").await;
}

fn main() {
    let _ = (Shop, look);
}
