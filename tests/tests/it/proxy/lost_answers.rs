//! Requests that arrive and answers that do not.

use std::io;

use super::echo::Echo;

#[tokio::test]
async fn the_request_arrives_and_the_answer_is_lost_with_the_connection() -> io::Result<()> {
    let echo = Echo::start().await?;
    let (mut asking, mut silent) = (echo.client().await?, echo.client().await?);
    asking.echo(b"before").await?;
    silent.echo(b"silent").await?;
    echo.proxy.drop_response(1);
    asking.say(b"pay").await?;
    assert!(asking.rest().await.is_empty());
    assert_eq!(echo.heard(), b"beforesilentpay");
    silent.echo(b"still open").await?;
    echo.client().await?.echo(b"again").await?;
    let counts = echo.proxy.counts();
    assert_eq!((counts.dropped_responses, counts.cut), (1, 1));
    Ok(())
}

#[tokio::test]
async fn as_many_answers_are_lost_as_was_said() -> io::Result<()> {
    let echo = Echo::start().await?;
    echo.proxy.drop_response(3);
    for _ in 0..3 {
        let mut client = echo.client().await?;
        client.say(b"x").await?;
        assert!(client.rest().await.is_empty());
    }
    echo.client().await?.echo(b"y").await?;
    assert_eq!(echo.heard(), b"xxxy");
    assert_eq!(echo.proxy.counts().dropped_responses, 3);
    Ok(())
}

#[tokio::test]
async fn only_the_answer_to_a_marked_request_is_lost() -> io::Result<()> {
    let echo = Echo::start().await?;
    let (mut plain, mut marked) = (echo.client().await?, echo.client().await?);
    echo.proxy.drop_response_to("pay 7", 1);
    plain.echo(b"pay 8, pay").await?;
    marked.echo(b"hello, p").await?;
    // The marker comes in two pieces.
    marked.say(b"ay 7").await?;
    assert!(marked.rest().await.is_empty());
    plain.echo(b"pay 7").await?;
    assert!(echo.heard().ends_with(b"ay 7pay 7"));
    Ok(())
}

#[tokio::test]
async fn what_was_asked_under_an_earlier_order_does_not_count() -> io::Result<()> {
    let echo = Echo::start().await?;
    let mut client = echo.client().await?;
    echo.proxy.drop_response_to("never said", 1);
    client.echo(b"something").await?;
    echo.proxy.drop_response_to("marker", 1);
    client.echo(b"something else").await?;
    client.say(b"the marker").await?;
    assert!(client.rest().await.is_empty());
    assert_eq!(echo.proxy.counts().dropped_responses, 1);
    Ok(())
}
