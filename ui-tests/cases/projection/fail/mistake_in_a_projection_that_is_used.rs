use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Sold {
    country: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Revenue {
    pence: i64,
}

#[projection(key = country)]
impl Revenue {
    #[apply]
    async fn sold(&mut self, _: &Sold) {}
}

#[module(projections(Revenue))]
struct Shop;

async fn look(app: App) {
    let revenue = app.view::<Revenue>("Norway").await;
    if let Ok(Some(revenue)) = revenue {
        let _: i64 = revenue.pence;
    }
}

fn main() {
    let _ = (Shop, look);
}
