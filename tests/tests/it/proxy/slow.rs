//! Black holes, delays and narrow lines.

use std::io;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use super::echo::Echo;

const MOMENT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn a_black_hole_is_silent_until_it_is_healed() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut open = echo.client().await?;
    open.echo(b"before").await?;
    echo.proxy.blackhole();
    open.say(b"into").await?;
    let mut new = echo.client().await?;
    new.say(b"the hole").await?;
    assert!(open.hears_nothing_for(MOMENT).await && new.hears_nothing_for(MOMENT).await);
    assert_eq!(echo.heard(), b"before");
    echo.proxy.heal();
    assert_eq!(open.hear(4).await?, b"into");
    assert_eq!(new.hear(8).await?, b"the hole");
    assert_eq!(echo.proxy.counts().cut, 0);
    Ok(())
}

#[tokio::test]
async fn a_black_hole_swallows_answers_too() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    echo.proxy.delay(MOMENT);
    client.say(b"asked before").await?;
    echo.hears(12).await;
    echo.proxy.blackhole();
    assert!(client.hears_nothing_for(3 * MOMENT).await);
    echo.proxy.heal();
    assert_eq!(client.hear(12).await?, b"asked before");
    Ok(())
}

#[tokio::test]
async fn a_delay_counts_in_each_direction_and_does_not_narrow_the_line() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"at once").await?;
    echo.proxy.delay(MOMENT);
    let began = Instant::now();
    client.echo(b"later").await?;
    assert!(began.elapsed() >= 2 * MOMENT, "{:?}", began.elapsed());
    // Fifty pieces one after the other would take six seconds.
    let began = Instant::now();
    for _ in 0..50 {
        client.say(b"piece").await?;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.hear(250).await?, b"piece".repeat(50));
    assert!(began.elapsed() < 20 * MOMENT, "{:?}", began.elapsed());
    echo.proxy.heal();
    client.echo(b"at once again").await
}

#[tokio::test]
async fn a_throttled_line_takes_its_time() -> io::Result<()> {
    let echo = Echo::start().await?;
    let client = echo.client().await?;
    echo.proxy
        .throttle(NonZeroU64::new(40_000).expect("not zero"));
    let began = Instant::now();
    let bytes = vec![7; 8_000];
    assert_eq!(client.echo_much(bytes.clone()).await?, bytes);
    assert!(
        began.elapsed() >= Duration::from_millis(200),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn a_line_of_a_few_bytes_a_second_still_moves() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    echo.proxy.throttle(NonZeroU64::new(30).expect("not zero"));
    let began = Instant::now();
    // A thirtieth of a second between two bytes.
    client.echo(b"abc").await?;
    assert!(
        began.elapsed() >= Duration::from_millis(60),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn a_black_hole_can_be_cut() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    client.echo(b"before").await?;
    echo.proxy.blackhole();
    client.say(b"lost").await?;
    echo.proxy.cut();
    assert!(client.rest().await.is_empty());
    assert_eq!(echo.heard(), b"before");
    Ok(())
}
