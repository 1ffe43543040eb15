//! Names that keep an app from starting.

use orchestrix::prelude::*;
use orchestrix::registry::Problem;

use super::problems::problems;

/// Written by hand: the macros take names from identifiers, and refuse a hyphen in a category.
mod unfit {
    use std::sync::Arc;

    use orchestrix::aggregate::{BrokenStream, CommandInfo};
    use orchestrix::module::Parts;
    use orchestrix::prelude::*;
    use orchestrix::projection::{Documents, FoldError, Keys};
    use orchestrix::store::RecordedEvent;

    use super::super::problems::one::Shipped;

    pub(super) struct Hyphened;

    impl Aggregate for Hyphened {
        const CATEGORY: &'static str = "two-words";
        type Event = Shipped;

        fn initial() -> Option<Self> {
            Some(Self)
        }

        fn apply(_: &mut Option<Self>, _: &Shipped) -> Result<(), BrokenStream> {
            Ok(())
        }

        fn commands() -> Vec<CommandInfo> {
            vec![CommandInfo {
                name: "",
                rust_type: "Nameless",
            }]
        }
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Forging;

    impl Projection for Forging {
        const NAME: &'static str = "a\nINFO all is well";
        const VERSION: u32 = 1;
        type Event = Shipped;

        fn keys(_: &Shipped, _: &RecordedEvent, _: &mut Keys) {}

        fn apply(
            _: &Shipped,
            _: &RecordedEvent,
            _: &mut Documents<'_, Self>,
        ) -> Result<(), FoldError> {
            Ok(())
        }
    }

    /// A module of this name, with handlers of these.
    pub(super) struct Named(pub(super) &'static str, pub(super) Vec<&'static str>);

    impl Module for Named {
        fn name(&self) -> &'static str {
            self.0
        }

        fn register(self: Arc<Self>, parts: &mut Parts) {
            for handler in &self.1 {
                parts.on(handler, |_: Arc<Shipped>, _| Box::pin(async { Ok(()) }));
            }
        }
    }

    pub(super) struct Silent;

    impl Module for Silent {
        fn name(&self) -> &'static str {
            ""
        }

        fn register(self: Arc<Self>, parts: &mut Parts) {
            parts.on("tell", |_: Arc<Shipped>, _| Box::pin(async { Ok(()) }));
        }
    }

    #[module(name = "unfit", aggregates(Hyphened), projections(Forging))]
    pub(super) struct Unfit;
}

#[tokio::test]
async fn names_that_no_store_keeps_are_refused() {
    let long: &'static str = "x".repeat(252).leak();
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let builder = builder
        .module(unfit::Unfit)
        .module(unfit::Silent)
        .module(unfit::Named("mail", vec![&long[1..], long, "\0"]));
    let found = problems(builder).await;
    let module = module_path!();
    let expected = format!(
        "6 problem(s) in what was registered:
  - the aggregate category name \"two-words\" of {module}::unfit::Hyphened cannot be used: stream category `two-words` holds a hyphen, which separates category and key; use `_`
  - the command name \"\" of Nameless cannot be used: the name is empty
  - the event handler name \"\\0\" of {module}::unfit::Named cannot be used: the name holds the control character U+0000 at byte 0
  - the module name \"\" of {module}::unfit::Silent cannot be used: the name is empty
  - the projection name \"a\\nINFO all is well\" of {module}::unfit::Forging cannot be used: the name holds the control character U+000A at byte 1
  - the subscription name \"mail.{long}\" of {module}::unfit::Named cannot be used: the name has 257 bytes, at most 256 are allowed"
    );
    assert_eq!(found.to_string(), expected);
    assert!(
        found
            .0
            .iter()
            .all(|problem| matches!(problem, Problem::InvalidName { .. })),
        "{found}"
    );
}

/// A handler's subscription and a projection's would be one in the app's list, and in what a query waits for.
#[tokio::test]
async fn a_handler_named_like_a_read_model_is_refused() {
    #[derive(Serialize, Deserialize, Default)]
    struct Sent;
    #[projection(name = "mail.sent", key = counter)]
    impl Sent {
        #[apply]
        fn counted(&mut self, _: &super::counter::Counted) {}
    }
    #[module(projections(Sent))]
    struct Reading;
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let builder = builder
        .module(Reading)
        .module(unfit::Named("mail", vec!["sent@1"]));
    let found = problems(builder).await.to_string();
    assert!(
        found.contains("the subscription name `mail.sent@1` is taken 2 times, by: "),
        "{found}"
    );
}
