//! A connection that breaks at the worst moment.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a request must hold to lose its answer.
type Marker = Arc<Mutex<Option<&'static str>>>;

/// Stands between a client and the server.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    marker: Marker,
    /// Its tasks end with it.
    _accepting: JoinSet<()>,
}

impl Proxy {
    /// Leads to the server of this URL.
    pub(crate) async fn to(url: &str) -> Self {
        let (_, target) = url.rsplit_once('@').unwrap();
        let target = target.split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let marker = Marker::default();
        let mut accepting = JoinSet::new();
        accepting.spawn({
            let marker = marker.clone();
            async move {
                let mut connections = JoinSet::new();
                while let Ok((client, _)) = listener.accept().await {
                    let server = TcpStream::connect(&target).await.unwrap();
                    connections.spawn(pass(client, server, marker.clone()));
                }
            }
        });
        Self {
            port,
            marker,
            _accepting: accepting,
        }
    }

    /// The URL of the same database through the proxy.
    pub(crate) fn url(&self, direct: &str) -> String {
        let (user, target) = direct.rsplit_once('@').unwrap();
        let (_, database) = target.split_once('/').unwrap();
        format!("{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// The answer to the next request that holds this text is lost, together with its connection. The server has done
    /// what it was asked for. Once.
    pub(crate) fn swallow_answer_to(&self, marker: &'static str) {
        *self.marker.lock().unwrap() = Some(marker);
    }
}

async fn pass(client: TcpStream, server: TcpStream, marker: Marker) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut requests = vec![0; 64 << 10];
    let mut answers = vec![0; 64 << 10];
    let mut swallow = false;
    loop {
        tokio::select! {
            read = from_client.read(&mut requests) => {
                let Ok(bytes @ 1..) = read else { return };
                swallow |= is_marked(&requests[..bytes], &marker);
                if to_server.write_all(&requests[..bytes]).await.is_err() {
                    return;
                }
            }
            read = from_server.read(&mut answers) => {
                let Ok(bytes @ 1..) = read else { return };
                if swallow || to_client.write_all(&answers[..bytes]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Whether this is the request that is waited for, which is then waited for no more.
fn is_marked(request: &[u8], marker: &Marker) -> bool {
    let mut marker = marker.lock().unwrap();
    let found = marker.is_some_and(|text| {
        request
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    });
    if found {
        *marker = None;
    }
    found
}
