//! Rows that somebody else wrote.

use orchestrix::error::chain;
use orchestrix::store::{EventStore, GlobalPosition, ReadAll, ReadError, ReadStream};

use crate::fixture::{append_one, execute, in_database, stream};

#[tokio::test]
async fn a_damaged_row_is_reported_with_its_position() {
    in_database("a_damaged_row_is_reported", |database| async move {
        let store = database.store().await;
        let damages = [
            "stream = 'nocategory'",
            "tenant = ''",
            "schema_version = -1",
            "metadata = '42'",
            "occurred_at = 'infinity'",
        ];
        for (n, damage) in damages.iter().enumerate() {
            let position = append_one(&store, &n.to_string()).await.get();
            let mut session = database.session().await;
            let update =
                format!("update orchestrix.events set {damage} where position = {position}");
            execute(&mut session, &update).await;
            let read = ReadAll::after(GlobalPosition::new(position - 1));
            match store.read_all(read).await {
                Err(error @ ReadError::Corrupt { .. }) => {
                    let text = chain(&error);
                    assert!(text.contains(&format!("position {position} ")), "{text}");
                }
                other => panic!("{other:?} for {damage}"),
            }
        }
        let of_stream = store.read_stream(ReadStream::forward(stream("2"))).await;
        assert!(
            matches!(of_stream, Err(ReadError::Corrupt { .. })),
            "{of_stream:?}"
        );
    })
    .await;
}
