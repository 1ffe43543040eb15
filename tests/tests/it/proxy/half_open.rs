//! Connections of which one half has gone.

use std::io;
use std::time::{Duration, Instant};

use orchestrix::testkit::proxy::Direction;

use super::echo::{Echo, within};

const MOMENT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn requests_go_through_while_answers_do_not() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"before").await?;
    echo.proxy.half_open(Direction::ToClient);
    client.say(b"heard").await?;
    echo.hears(11).await;
    // A new client gets to the server as well.
    let mut new = echo.client().await?;
    new.say(b"too").await?;
    echo.hears(14).await;
    assert!(client.hears_nothing_for(MOMENT).await && new.hears_nothing_for(MOMENT).await);
    let counts = echo.proxy.counts();
    assert_eq!((counts.bytes_to_server, counts.bytes_to_client), (14, 6));
    echo.proxy.heal();
    assert_eq!(client.hear(5).await?, b"heard");
    assert_eq!(new.hear(3).await?, b"too");
    assert_eq!(echo.proxy.counts().cut, 0);
    Ok(())
}

#[tokio::test]
async fn answers_go_through_while_requests_do_not() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"before").await?;
    echo.proxy.delay(MOMENT);
    client.say(b"on its way").await?;
    echo.hears(16).await;
    echo.proxy.half_open(Direction::ToServer);
    client.say(b"held").await?;
    assert_eq!(client.hear(10).await?, b"on its way");
    assert!(client.hears_nothing_for(3 * MOMENT).await);
    assert_eq!(echo.heard(), b"beforeon its way");
    echo.proxy.heal();
    assert_eq!(client.hear(4).await?, b"held");
    Ok(())
}

#[tokio::test]
async fn an_end_is_told_no_sooner_than_what_was_said_before() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"before").await?;
    echo.proxy.half_open(Direction::ToServer);
    // Says all, ends, and hears the rest: the server must see the end only after it was healed.
    let mut all = tokio::spawn(client.echo_much(b"held".to_vec()));
    let early = tokio::time::timeout(MOMENT, &mut all).await;
    assert!(early.is_err(), "it came through: {early:?}");
    assert_eq!(echo.heard(), b"before");
    echo.proxy.heal();
    assert_eq!(all.await??, b"held");
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_left_has_gone_and_its_clients_do_not_know() -> io::Result<()> {
    let echo = Echo::start().await?;
    let (mut one, mut other) = (echo.client().await?, echo.client().await?);
    one.echo(b"one").await?;
    other.echo(b"other").await?;
    echo.proxy.leave_servers();
    within(echo.proxy.until(|counts| counts.left == 2)).await;
    echo.serves(0).await;
    one.say(b"nowhere").await?;
    assert!(one.hears_nothing_for(MOMENT).await && other.hears_nothing_for(MOMENT).await);
    assert_eq!(echo.heard(), b"oneother");

    // Who connects now is served.
    let mut new = echo.client().await?;
    new.echo(b"new").await?;
    assert_eq!(echo.served(), 1);
    assert_eq!(echo.proxy.counts().cut, 0);
    echo.proxy.cut();
    assert!(one.rest().await.is_empty() && new.rest().await.is_empty());
    within(echo.proxy.until(|counts| counts.cut == 3)).await;
    Ok(())
}

#[tokio::test]
async fn jitter_makes_delays_differ_and_leaves_the_order() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"at once").await?;
    echo.proxy.delay_with_jitter(MOMENT, MOMENT / 2);
    let mut took = Vec::new();
    for n in 0..12_u8 {
        let began = Instant::now();
        client.echo(&[n]).await?;
        took.push(began.elapsed());
    }
    // Both ways, at least half of the delay each.
    assert!(took.iter().all(|took| *took >= MOMENT), "{took:?}");
    let (least, most) = (took.iter().min(), took.iter().max());
    let spread = most.zip(least).map(|(most, least)| *most - *least);
    assert!(spread > Some(MOMENT / 6), "{took:?}");
    // Pieces that are said at once are not told in the order of their delays.
    let pieces: Vec<u8> = (0..50).collect();
    for piece in &pieces {
        client.say(&[*piece]).await?;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.hear(50).await?, pieces);
    Ok(())
}
