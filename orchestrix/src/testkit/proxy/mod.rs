//! A TCP proxy that breaks what goes through it.
//!
//! It stands between a client and a server, on a free port of 127.0.0.1, and passes on what both say until a test tells
//! it otherwise. The sharpest of its faults is the lost answer: the server does what it was asked for, and the client
//! never learns of it.
//!
//! ```
//! use orchestrix::testkit::proxy::Proxy;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tokio::net::{TcpListener, TcpStream};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
//! let server = TcpListener::bind("127.0.0.1:0").await?;
//! let proxy = Proxy::start(server.local_addr()?.to_string()).await?;
//! let mut client = TcpStream::connect(proxy.address()).await?;
//! let (mut served, _) = server.accept().await?;
//!
//! proxy.drop_response(1);
//! client.write_all(b"pay").await?;
//! let mut request = [0; 3];
//! served.read_exact(&mut request).await?;
//! served.write_all(b"paid").await?;
//! assert!(!matches!(client.read(&mut [0; 4]).await, Ok(1..)));
//! assert_eq!(proxy.counts().dropped_responses, 1);
//! # Ok(()) }
//! ```

mod connection;
mod control;
mod counts;
mod delay;
mod direction;
mod marker;
mod pump;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use connection::pass;
use control::{Conditions, Control};
pub use counts::ProxyCounts;
use delay::Delay;
pub use direction::Direction;

/// A running proxy. It ends, with all of its connections, when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    control: Arc<Control>,
    /// Ends with the proxy, and the connections with it.
    _accepting: JoinSet<()>,
}

impl Proxy {
    /// Leads to the server at this `host:port`, which is connected to for each client anew. Must be called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// When 127.0.0.1 has no port left.
    pub async fn start(target: impl Into<String>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let control = Arc::new(Control::default());
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, target.into(), control.clone()));
        Ok(Self {
            address,
            control,
            _accepting: accepting,
        })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections that it has accepted until now.
    pub fn cut(&self) {
        self.control.cut();
    }

    /// Lets so many bytes through, of both directions and all connections together, then cuts all connections. Once.
    pub fn cut_after_bytes(&self, bytes: u64) {
        self.control.cut_after_bytes(bytes);
    }

    /// Lets nothing through any more, in neither direction, and tells nobody. Connections stay open, new ones are
    /// accepted; what is sent meanwhile arrives after [`heal`](Self::heal).
    pub fn blackhole(&self) {
        self.half_open(Direction::ToServer);
        self.half_open(Direction::ToClient);
    }

    /// Lets nothing through any more in this direction, and tells nobody, while the other one goes on. What is sent
    /// meanwhile, the end of the connection included, arrives after [`heal`](Self::heal). New clients are accepted, but do
    /// not get to the server while nothing goes there.
    pub fn half_open(&self, silent: Direction) {
        let add = |conditions: &mut Conditions| conditions.silent.add(silent);
        self.control.change(add);
    }

    /// Leaves the server of every connection that it has accepted until now, as if the network had forgotten them: the
    /// server sees them end, the clients' sides stay open, and what they say goes nowhere, until they end them or they are
    /// [cut](Self::cut).
    pub fn leave_servers(&self) {
        self.control.leave_servers();
    }

    /// Passes everything on so much later, in both directions.
    pub fn delay(&self, by: Duration) {
        self.delay_with_jitter(by, Duration::ZERO);
    }

    /// Passes everything on later, in both directions: by so much, give or take up to `jitter`, which is at most `by`. The
    /// order of what is said stays.
    pub fn delay_with_jitter(&self, by: Duration, jitter: Duration) {
        let delay = Delay {
            by,
            jitter: jitter.min(by),
        };
        self.control.change(|conditions| conditions.delay = delay);
    }

    /// Passes on at most so many bytes a second, in each direction of each connection.
    pub fn throttle(&self, bytes_per_second: NonZeroU64) {
        self.control
            .change(|conditions| conditions.bytes_per_second = Some(bytes_per_second));
    }

    /// Loses the next answers, so many: the request goes through, what the server says next on that connection is
    /// swallowed, and the connection is cut as soon as it says something. What a server says unasked is no answer.
    ///
    /// A client that connects again gets answers to its greetings too; see [`drop_response_to`](Self::drop_response_to).
    pub fn drop_response(&self, answers: usize) {
        self.control.drop_responses(answers, Vec::new());
    }

    /// Like [`drop_response`](Self::drop_response), but only answers to requests that hold these bytes count.
    pub fn drop_response_to(&self, marker: impl Into<Vec<u8>>, answers: usize) {
        self.control.drop_responses(answers, marker.into());
    }

    /// Takes back all faults, also those that have not come true yet. What was cut stays cut.
    pub fn heal(&self) {
        self.control.heal();
    }

    /// What it has done until now.
    pub fn counts(&self) -> ProxyCounts {
        self.control.counters.counts()
    }

    /// Waits until what it has done is this, and tells what that was. The limit is the caller's.
    ///
    /// ```
    /// use std::time::Duration;
    /// use orchestrix::testkit::proxy::Proxy;
    /// use tokio::net::{TcpListener, TcpStream};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = TcpListener::bind("127.0.0.1:0").await?;
    /// let proxy = Proxy::start(server.local_addr()?.to_string()).await?;
    /// let _client = TcpStream::connect(proxy.address()).await?;
    /// let accepted = proxy.until(|counts| counts.accepted == 1);
    /// let counts = tokio::time::timeout(Duration::from_secs(30), accepted).await?;
    /// assert_eq!(counts.cut, 0);
    /// # Ok(()) }
    /// ```
    pub async fn until(&self, is_so: impl Fn(&ProxyCounts) -> bool) -> ProxyCounts {
        self.control.counters.until(is_so).await
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("address", &self.address)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, target: String, control: Arc<Control>) {
    let mut connections = JoinSet::new();
    loop {
        // A client that has gone before it was accepted is no reason to end.
        if let Ok((client, _)) = listener.accept().await {
            let orders = control.orders();
            connections.spawn(pass(client, target.clone(), orders, control.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}
