//! One client and its connection to the server.

use std::sync::{Arc, Mutex};

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::control::{Asked, Control};
use super::counts::add;
use super::pump::{Direction, Ended, pump};

/// Passes on what both sides say until both have ended, or the connection is cut.
pub(super) async fn pass(
    client: TcpStream,
    target: String,
    mut cuts: watch::Receiver<u64>,
    control: Arc<Control>,
) {
    add(&control.counters.accepted, 1);
    let cut = tokio::select! {
        biased;
        _ = cuts.changed() => true,
        ended = serve(client, target, &control) => matches!(ended, Err(Ended::Cut)),
    };
    if cut {
        add(&control.counters.cut, 1);
    }
}

async fn serve(mut client: TcpStream, target: String, control: &Control) -> Result<(), Ended> {
    let mut conditions = control.conditions();
    // The sender lives in the control, which outlives this.
    let _ = conditions
        .wait_for(|conditions| !conditions.blackhole)
        .await;
    let Ok(mut server) = TcpStream::connect(target).await else {
        add(&control.counters.unreachable, 1);
        return Err(Ended::Broken);
    };
    // What small pieces are gathered to is the delay's matter alone.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let asked = Mutex::new(Asked::default());
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let requests = pump(Direction::ToServer, from_client, to_server, control, &asked);
    let answers = pump(Direction::ToClient, from_server, to_client, control, &asked);
    tokio::try_join!(requests, answers).map(|_both_ended| ())
}
