//! A server that says what it is told, and a client of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::testkit::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long anything may take that takes moments on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server, with a proxy before it. Ends when it is dropped.
pub(super) struct Echo {
    pub(super) proxy: Proxy,
    heard: Arc<watch::Sender<Vec<u8>>>,
    served: Arc<watch::Sender<usize>>,
    _serving: JoinSet<()>,
}

impl Echo {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy::start(listener.local_addr()?.to_string()).await?;
        let heard = Arc::<watch::Sender<Vec<u8>>>::default();
        let served = Arc::<watch::Sender<usize>>::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, heard.clone(), served.clone()));
        Ok(Self {
            proxy,
            heard,
            served,
            _serving: serving,
        })
    }

    pub(super) async fn client(&self) -> io::Result<Client> {
        Ok(Client(TcpStream::connect(self.proxy.address()).await?))
    }

    /// Everything that the server has heard, of all clients.
    pub(super) fn heard(&self) -> Vec<u8> {
        self.heard.borrow().clone()
    }

    /// How many connections the server has now.
    pub(super) fn served(&self) -> usize {
        *self.served.borrow()
    }

    /// Waits until the server has heard so many bytes in all.
    pub(super) async fn hears(&self, bytes: usize) {
        let mut heard = self.heard.subscribe();
        let hears = within(heard.wait_for(|heard| heard.len() >= bytes)).await;
        hears.expect("the sender is here");
    }

    /// Waits until the server has so many connections.
    pub(super) async fn serves(&self, connections: usize) {
        let mut served = self.served.subscribe();
        let serves = within(served.wait_for(|served| *served == connections)).await;
        serves.expect("the sender is here");
    }
}

async fn serve(
    listener: TcpListener,
    heard: Arc<watch::Sender<Vec<u8>>>,
    served: Arc<watch::Sender<usize>>,
) {
    let mut clients = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let (heard, served) = (heard.clone(), served.clone());
        served.send_modify(|count| *count += 1);
        clients.spawn(async move {
            let mut bytes = vec![0; 4096];
            while let Ok(count @ 1..) = client.read(&mut bytes).await {
                heard.send_modify(|heard| heard.extend_from_slice(&bytes[..count]));
                if client.write_all(&bytes[..count]).await.is_err() {
                    break;
                }
            }
            served.send_modify(|count| *count -= 1);
        });
    }
}

pub(super) struct Client(TcpStream);

impl Client {
    pub(super) async fn say(&mut self, text: &[u8]) -> io::Result<()> {
        self.0.write_all(text).await
    }

    /// Waits for so many bytes.
    pub(super) async fn hear(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        within(self.0.read_exact(&mut bytes)).await?;
        Ok(bytes)
    }

    pub(super) async fn echo(&mut self, text: &[u8]) -> io::Result<()> {
        self.say(text).await?;
        assert_eq!(self.hear(text.len()).await?, text);
        Ok(())
    }

    /// Waits until the connection is at its end; what came before that.
    pub(super) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that is reset is at its end as well.
        let _ = within(self.0.read_to_end(&mut bytes)).await;
        bytes
    }

    /// Whether nothing comes for so long.
    pub(super) async fn hears_nothing_for(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.0.peek(&mut [0]))
            .await
            .is_err()
    }

    /// Says and hears at once, for more than fits into the buffers on the way.
    pub(super) async fn echo_much(self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let (mut from, mut to) = self.0.into_split();
        let mut echoed = Vec::new();
        let saying = async move {
            to.write_all(&bytes).await?;
            to.shutdown().await
        };
        within(async { tokio::try_join!(saying, from.read_to_end(&mut echoed)) }).await?;
        Ok(echoed)
    }
}

pub(super) async fn within<T>(coming: impl Future<Output = T>) -> T {
    let came = tokio::time::timeout(PATIENCE, coming).await;
    came.expect("it comes in time")
}
