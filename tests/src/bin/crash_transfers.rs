//! A bank that is killed while money is transferred: `crash_transfers <sqlite|postgres> <place> <noted> <seed> <lanes>
//! <requests>`. It asks for the first so many transfers itself, and suspends accounts meanwhile; with none it is a node
//! for requests of others.
//!
//! It writes down the commands that had their effect, and tells of each with a byte on its standard output. It ends by
//! itself when its standard input ends, that is with the test that started it.

use orchestrix::error::BoxError;
use tests::crash_bank::BankPlace;
use tests::crash_transfers::{TransferNode, TransferPlan, keep_suspending, request_all};
use tests::end_with_standard_input;

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, place, noted, seed, lanes, requests] = &arguments[..] else {
        return Err(
            "usage: crash_transfers <sqlite|postgres> <place> <noted> <seed> <lanes> <requests>"
                .into(),
        );
    };
    let Some(place) = BankPlace::of_arguments(kind, place) else {
        return Err(format!("there is no store `{kind}`").into());
    };
    let node = TransferNode {
        place,
        plan: TransferPlan {
            seed: seed.parse()?,
        },
        noted: noted.into(),
        tells: true,
        lanes: lanes.parse()?,
    };
    let requests: usize = requests.parse()?;
    end_with_standard_input();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let app = node.start().await?;
        if requests == 0 {
            return std::future::pending().await;
        }
        let requesting = async {
            request_all(&app, node.plan, requests).await?;
            std::future::pending().await
        };
        tokio::select! {
            failed = requesting => failed,
            failed = keep_suspending(&app, node.plan.seed) => failed,
        }
    })
}
