//! Nothing wrong, cut connections, and the proxy's end.

use std::io;

use orchestrix::testkit::proxy::Proxy;
use tokio::net::{TcpListener, TcpStream};

use super::echo::{Echo, within};

#[tokio::test]
async fn everything_goes_through_unchanged_in_both_directions() -> io::Result<()> {
    let echo = Echo::start().await?;
    let bytes: Vec<u8> = (0..2_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (one, other) = (echo.client().await?, echo.client().await?);
    let half = bytes[..bytes.len() / 2].to_vec();
    let echoed = tokio::try_join!(one.echo_much(bytes.clone()), other.echo_much(half.clone()))?;
    assert!(echoed == (bytes, half));
    let counts = echo.proxy.counts();
    assert_eq!((counts.accepted, counts.cut), (2, 0));
    assert_eq!(
        (counts.bytes_to_server, counts.bytes_to_client),
        (3_000_000, 3_000_000)
    );
    Ok(())
}

#[tokio::test]
async fn a_cut_ends_what_is_open_and_nothing_else() -> io::Result<()> {
    let echo = Echo::start().await?;
    let (mut one, mut other) = (echo.client().await?, echo.client().await?);
    one.echo(b"one").await?;
    other.echo(b"other").await?;
    echo.proxy.cut();
    assert!(one.rest().await.is_empty() && other.rest().await.is_empty());
    within(echo.proxy.until(|counts| counts.cut == 2)).await;
    echo.client().await?.echo(b"after").await
}

#[tokio::test]
async fn a_cut_after_bytes_lets_exactly_these_through() -> io::Result<()> {
    let echo = Echo::start().await?;
    let (mut one, mut other) = (echo.client().await?, echo.client().await?);
    other.echo(b"waits").await?;
    echo.proxy.cut_after_bytes(10);
    one.echo(b"four").await?;
    one.say(b"eleven").await?;
    assert!(one.rest().await.is_empty() && other.rest().await.is_empty());
    echo.hears(11).await;
    assert_eq!(echo.heard(), b"waitsfourel");
    let counts = echo.proxy.counts();
    assert_eq!(counts.bytes_to_server + counts.bytes_to_client, 20);
    within(echo.proxy.until(|counts| counts.cut == 2)).await;
    echo.client().await?.echo(b"once only").await
}

#[tokio::test]
async fn a_client_is_dropped_when_the_server_cannot_be_reached() -> io::Result<()> {
    let nobody = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let proxy = Proxy::start(nobody.to_string()).await?;
    let client = TcpStream::connect(proxy.address()).await?;
    within(proxy.until(|counts| counts.unreachable == 1)).await;
    client.readable().await?;
    assert!(!matches!(client.try_read(&mut [0]), Ok(1..)));
    assert_eq!(proxy.counts().cut, 0);
    Ok(())
}

#[tokio::test]
async fn a_proxy_ends_with_its_handle() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"here").await?;
    let address = echo.proxy.address();
    drop(echo);
    assert!(client.rest().await.is_empty());
    assert!(TcpStream::connect(address).await.is_err());
    Ok(())
}

#[tokio::test]
async fn what_is_healed_in_time_does_not_happen() -> io::Result<()> {
    let echo = Echo::start().await?;
    echo.proxy.cut_after_bytes(3);
    echo.proxy.drop_response(1);
    echo.proxy.heal();
    let mut client = echo.client().await?;
    client.echo(b"well again").await?;
    let counts = echo.proxy.counts();
    assert_eq!((counts.cut, counts.dropped_responses), (0, 0));
    Ok(())
}
