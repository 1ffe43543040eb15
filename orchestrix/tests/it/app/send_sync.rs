//! Everything can be shared between threads; messages are values.

use std::collections::HashSet;

use orchestrix::app::{App, Dispatch, DispatchError, Load, Receipt, View, Views};
use orchestrix::prelude::*;
use orchestrix::registry::Registry;
use orchestrix::store::RecordedEvent;

use super::account::{AccountError, AccountOpened, OpenAccounts, account};
use super::counter::{Count, Counted, Counter, Total, count};

const fn shared<T: Send + Sync + 'static>() {}
const fn sent<T: Send + 'static>() {}

const _: () = {
    shared::<Counted>();
    shared::<AccountOpened>();
    shared::<<Counter as Aggregate>::Event>();
    shared::<Count>();
    shared::<App>();
    shared::<CommandContext>();
    shared::<EventContext>();
    shared::<ModuleContext>();
    shared::<Receipt>();
    shared::<Registry>();
    shared::<RecordedEvent>();
    shared::<DispatchError<AccountError>>();
    shared::<View<Total>>();
    shared::<Views<OpenAccounts>>();
    shared::<Load<Counter>>();
    sent::<Dispatch<Count, orchestrix::app::ToAggregate<Counter>>>();
};

#[test]
fn messages_are_equal_by_value() {
    let counted = |by| Counted {
        counter: "a".to_owned(),
        by,
    };
    assert_eq!(HashSet::from([counted(1), counted(2), counted(1)]).len(), 2);
    assert_eq!(
        HashSet::from([count("a", 1), count("a", 1), count("b", 1)]).len(),
        2
    );
    let opened = |id| AccountOpened {
        account: account(id),
        owner: String::new(),
    };
    assert_eq!(
        HashSet::from([opened("1"), opened("1"), opened("2")]).len(),
        2
    );
}
