//! Layers that answer themselves, or with what is not the command's.

use std::error::Error;

use orchestrix::middleware::{CommandCall, CommandReply, ForeignReply, Next, Rejection, around};
use orchestrix::prelude::*;

use super::trail::building;
use crate::app::Outcome;
use crate::app::counter::{Counter, Counting, LimitReached, count};

#[derive(Command)]
#[command(no_id)]
struct Ask {
    question: &'static str,
}

struct Oracle;

#[module(name = "oracle", aggregates(Counter))]
impl Oracle {
    #[handle]
    async fn ask(&self, cmd: Ask, _: &ModuleContext) -> Result<String, std::fmt::Error> {
        Ok(format!("{}?", cmd.question))
    }
}

#[tokio::test]
async fn a_layer_may_answer_in_the_handlers_place() -> Outcome {
    let knowing = around(|call: CommandCall, next: Next<CommandCall>| async move {
        match call.command::<Ask>() {
            Some(Ask { question: "known" }) => Ok(CommandReply::new("yes".to_owned())),
            _ => next.run(call).await,
        }
    });
    let app = building(MemoryStore::new(), Oracle)
        .dispatch_layer(knowing)
        .start()
        .await?;
    assert_eq!(app.dispatch(Ask { question: "known" }).await?, "yes");
    assert_eq!(app.dispatch(Ask { question: "why" }).await?, "why?");
    Ok(())
}

#[tokio::test]
async fn a_reply_of_another_command_is_the_layers_failure() -> Outcome {
    let lying = around(|_: CommandCall, _: Next<CommandCall>| async {
        Ok::<_, DispatchError<Rejection>>(CommandReply::new(7_u32))
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(lying)
        .start()
        .await?;
    let error = app.dispatch(count("a", 1)).await.expect_err("it lies");
    let source = error.source().and_then(|it| it.downcast_ref());
    let Some(foreign @ ForeignReply { found: "u32", .. }) = source else {
        panic!("{error:?}")
    };
    assert!(foreign.wanted.ends_with("::Receipt"), "{foreign}");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    assert_eq!(app.store().head().await?.get(), 0);
    Ok(())
}

#[tokio::test]
async fn a_layer_may_refuse_with_the_domains_error_and_with_no_other() -> Outcome {
    let refusing = around(|call: CommandCall, _: Next<CommandCall>| async move {
        Err::<CommandReply, _>(DispatchError::Rejected(match call.metadata().actor {
            Some(_) => Rejection::new(LimitReached { total: 3 }),
            None => Rejection::new("no"),
        }))
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(refusing)
        .start()
        .await?;
    let refused = app.dispatch(count("a", 1)).actor("ada").await;
    let error = refused.expect_err("it refuses");
    assert_eq!(error.rejection(), Some(&LimitReached { total: 3 }));
    let error = app.dispatch(count("a", 1)).await.expect_err("it refuses");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the domain refused with `&str`"));
    Ok(())
}
