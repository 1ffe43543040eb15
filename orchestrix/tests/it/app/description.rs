//! An app describes itself.

use orchestrix::prelude::*;
use serde_json::json;

use super::Outcome;
use super::counter::{Counted, Counter, Total};

#[derive(Command)]
#[command(no_id)]
struct CountAll;

struct Described;

#[module(name = "described", aggregates(Counter), projections(Total))]
impl Described {
    #[on]
    async fn tell(&self, _: &Counted) {}

    #[handle]
    async fn count_all(&self, _: CountAll) -> Result<(), std::convert::Infallible> {
        Ok(())
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "shop.\"odd\" <name> #1", schema_version = 2)]
struct Odd {}

#[upcast(event = Odd, from = 1)]
fn as_it_is(old: serde_json::Value) -> serde_json::Value {
    old
}

#[module(name = "end")]
struct OddModule;

async fn app() -> Result<App, orchestrix::app::StartError> {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    builder
        .module(Described)
        .module(OddModule)
        .event::<Odd>()
        .start()
        .await
}

#[tokio::test]
async fn as_json() -> Outcome {
    let description = app().await?.describe();
    let counter = "it::app::counter";
    assert_eq!(
        serde_json::to_value(&description)?,
        json!({
            "modules": [
                {
                    "name": "described",
                    "aggregates": [{
                        "name": "counter",
                        "commands": ["Count", "CountEach", "Limit"],
                        "events": ["Counted", "Limited"],
                    }],
                    "projections": [{ "name": "total", "events": ["Counted"] }],
                    "handlers": [{ "name": "described.tell", "events": ["Counted"] }],
                    "commands": ["CountAll"],
                },
                { "name": "end", "aggregates": [], "projections": [], "handlers": [], "commands": [] },
            ],
            "events": [
                { "name": "Counted", "rust_type": format!("{counter}::Counted"), "schema_versions": [1] },
                { "name": "Limited", "rust_type": format!("{counter}::Limited"), "schema_versions": [1] },
                {
                    "name": "shop.\"odd\" <name> #1",
                    "rust_type": concat!(module_path!(), "::Odd"),
                    "schema_versions": [1, 2],
                },
            ],
        })
    );
    Ok(())
}

#[tokio::test]
async fn as_a_chart() -> Outcome {
    let chart = app().await?.describe().mermaid();
    assert_eq!(
        chart,
        r#"flowchart LR
  subgraph group_described["described"]
    cmd_CountAll>"CountAll"] --> mod_described[["described"]]
    cmd_Count>"Count"] --> agg_counter["counter"]
    cmd_CountEach>"CountEach"] --> agg_counter["counter"]
    cmd_Limit>"Limit"] --> agg_counter["counter"]
    agg_counter["counter"] --> evt_Counted(["Counted"])
    agg_counter["counter"] --> evt_Limited(["Limited"])
    evt_Counted(["Counted"]) --> prj_total[("total")]
    evt_Counted(["Counted"]) --> sub_described_2e_tell[/"described.tell"/]
  end
  subgraph group_end["end"]
  end
"#
    );
    Ok(())
}

/// Names hold any character; a chart must not break of them.
#[tokio::test]
async fn odd_names_are_escaped() -> Outcome {
    struct OddHandler;
    #[module(name = "odd module")]
    impl OddHandler {
        #[on]
        async fn tell(&self, _: &Odd) {}
    }
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let chart = builder
        .module(OddHandler)
        .start()
        .await?
        .describe()
        .mermaid();
    assert!(
        chart.contains(
            r#"evt_shop_2e__22_odd_22__20__3c_name_3e__20__23_1(["shop.#quot;odd#quot; #lt;name> #35;1"])"#
        ),
        "{chart}"
    );
    assert!(
        chart.contains(r#"subgraph group_odd_20_module["odd module"]"#),
        "{chart}"
    );
    Ok(())
}
