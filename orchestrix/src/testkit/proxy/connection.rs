//! One client and its connection to the server.

use std::sync::{Arc, Mutex};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::control::{Asked, Control, Orders};
use super::direction::Direction;
use super::pump::{Ended, pump};

/// Passes on what both sides say until both have ended, or the connection is cut.
pub(super) async fn pass(
    client: TcpStream,
    target: String,
    mut orders: Orders,
    control: Arc<Control>,
) {
    control.counters.add(|counts| &mut counts.accepted, 1);
    let cut = tokio::select! {
        biased;
        _ = orders.cuts.changed() => true,
        ended = serve(client, target, orders.leavings, &control) => matches!(ended, Err(Ended::Cut)),
    };
    if cut {
        control.counters.add(|counts| &mut counts.cut, 1);
    }
}

async fn serve(
    mut client: TcpStream,
    target: String,
    mut leavings: watch::Receiver<u64>,
    control: &Control,
) -> Result<(), Ended> {
    let mut conditions = control.conditions();
    // The sender lives in the control, which outlives this.
    let _ = conditions
        .wait_for(|now| !now.silent.covers(Direction::ToServer))
        .await;
    let Ok(mut server) = TcpStream::connect(target).await else {
        control.counters.add(|counts| &mut counts.unreachable, 1);
        return Err(Ended::Broken);
    };
    // What small pieces are gathered to is the delay's matter alone.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let asked = Mutex::new(Asked::default());
    let left = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let requests = pump(Direction::ToServer, from_client, to_server, control, &asked);
        let answers = pump(Direction::ToClient, from_server, to_client, control, &asked);
        tokio::select! {
            biased;
            // The sender lives as long as the control.
            _ = leavings.changed() => true,
            ended = async { tokio::try_join!(requests, answers) } => {
                ended?;
                false
            }
        }
    };
    if left {
        drop(server);
        control.counters.add(|counts| &mut counts.left, 1);
        hear_out(client).await;
    }
    Ok(())
}

/// Takes what a client says, and answers nothing, until it has ended.
async fn hear_out(mut client: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(1..) = client.read(&mut bytes).await {}
}
