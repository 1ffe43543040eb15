//! What `#[aggregate]` writes decides and applies as a hand-written aggregate does.

use orchestrix::aggregate::{Aggregate, BrokenStream, CommandFor, CommandInfo, Current, Declined};
use orchestrix::prelude::*;
use orchestrix::store::{EventData, Payload};

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(name = "aggregates.Opened")]
struct Opened {
    account: u32,
}
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(name = "aggregates.Deposited")]
struct Deposited {
    pence: i64,
}
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Closing {
    #[event(name = "aggregates.Announced")]
    Announced,
    #[event(name = "aggregates.Closed")]
    Closed { paid_out: i64 },
}

#[derive(Command, Clone)]
struct Open {
    #[id]
    account: u32,
}
#[derive(Command, Clone)]
struct Deposit {
    #[id]
    account: u32,
    pence: i64,
}
#[derive(Command, Clone)]
struct Close {
    #[id]
    account: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct NotPositive(i64);

#[derive(Debug, Clone, PartialEq, Default)]
struct Account {
    balance: i64,
    closed: bool,
}

#[aggregate]
impl Account {
    #[handle]
    fn open(cmd: Open) -> Opened {
        Opened {
            account: cmd.account,
        }
    }
    #[handle]
    fn deposit(&self, cmd: &Deposit) -> Result<Option<Deposited>, NotPositive> {
        match cmd.pence {
            1.. => Ok(Some(Deposited { pence: cmd.pence })),
            0 => Ok(None),
            _ => Err(NotPositive(cmd.pence)),
        }
    }
    #[handle]
    fn close(&self, _: Close, cx: &CommandContext) -> (Closing, Vec<Closing>) {
        let owner = cx.actor().is_some();
        let paid_out = Closing::Closed {
            paid_out: self.balance,
        };
        (
            Closing::Announced,
            if owner { vec![] } else { vec![paid_out] },
        )
    }

    #[apply]
    fn opened(_: &Opened) -> Self {
        Account::default()
    }
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.balance += event.pence;
    }
    #[apply]
    fn closing(&mut self, event: &Closing) {
        if let Closing::Closed { paid_out } = event {
            self.balance -= paid_out;
            self.closed = true;
        }
    }
}

/// The same as [`Account`], by hand.
#[derive(Debug, Clone, PartialEq, Default)]
struct ByHand(Account);

impl Aggregate for ByHand {
    const CATEGORY: &'static str = "account";
    type Event = AccountEvent;

    fn initial() -> Option<Self> {
        None
    }

    fn apply(state: &mut Option<Self>, event: &AccountEvent) -> Result<(), BrokenStream> {
        match (state, event) {
            (Some(_), AccountEvent::Opened(_)) => return Err(BrokenStream::ConstructedTwice),
            (none @ None, AccountEvent::Opened(_)) => *none = Some(Self::default()),
            (None, _) => return Err(BrokenStream::NotConstructed),
            (Some(ByHand(account)), AccountEvent::Deposited(event)) => {
                account.balance += event.pence
            }
            (Some(_), AccountEvent::Closing(Closing::Announced)) => {}
            (Some(ByHand(account)), AccountEvent::Closing(Closing::Closed { paid_out })) => {
                account.balance -= paid_out;
                account.closed = true;
            }
        }
        Ok(())
    }

    fn fits(state_exists: bool, event: &AccountEvent) -> bool {
        state_exists != matches!(event, AccountEvent::Opened(_))
    }

    fn commands() -> Vec<CommandInfo> {
        vec![
            CommandInfo::of::<Open>(),
            CommandInfo::of::<Deposit>(),
            CommandInfo::of::<Close>(),
        ]
    }
}

impl CommandFor<ByHand> for Deposit {
    type Error = NotPositive;

    fn decide(
        &self,
        current: Current<'_, ByHand>,
        _: &CommandContext,
    ) -> Result<Vec<AccountEvent>, Declined<NotPositive>> {
        current.existing()?;
        match self.pence {
            1.. => Ok(vec![AccountEvent::Deposited(Deposited {
                pence: self.pence,
            })]),
            0 => Ok(vec![]),
            _ => Err(Declined::Rejected(NotPositive(self.pence))),
        }
    }
}

impl CommandFor<ByHand> for Open {
    type Error = std::convert::Infallible;

    fn decide(
        &self,
        current: Current<'_, ByHand>,
        _: &CommandContext,
    ) -> Result<Vec<AccountEvent>, Declined<Self::Error>> {
        current.absent()?;
        Ok(vec![AccountEvent::Opened(Opened {
            account: self.account,
        })])
    }
}

fn context() -> CommandContext {
    CommandContext::for_test("2026-01-31T12:00:00Z".parse().expect("a time"))
}

/// Every kind of event.
fn events() -> [AccountEvent; 4] {
    [
        AccountEvent::Opened(Opened { account: 7 }),
        AccountEvent::Deposited(Deposited { pence: 5 }),
        AccountEvent::Closing(Closing::Announced),
        AccountEvent::Closing(Closing::Closed { paid_out: 5 }),
    ]
}

fn stored(event: &AccountEvent) -> (&'static str, String) {
    let payload = event.encode().expect("the event can be written");
    (
        event.event_type().name(),
        payload.as_json().expect("JSON").to_owned(),
    )
}

/// What is stored of the events of a decision: names and bodies.
type Stored = Vec<(&'static str, String)>;

/// Decides on no state, and on a state after one event.
fn decisions<A: Aggregate<Event = AccountEvent>, C: CommandFor<A>>(
    command: &C,
    state: &A,
) -> [Result<Stored, Declined<C::Error>>; 2] {
    [
        Current::new(None, StreamVersion::NONE),
        Current::new(Some(state), StreamVersion::FIRST),
    ]
    .map(|current| {
        Ok(command
            .decide(current, &context())?
            .iter()
            .map(stored)
            .collect())
    })
}

#[test]
fn generated_and_hand_written_apply_the_same() {
    assert_eq!(Account::CATEGORY, ByHand::CATEGORY);
    assert_eq!(Account::commands(), ByHand::commands());
    // Every sequence of three events.
    for [a, b, c] in (0..64).map(|n| [n / 16, n / 4 % 4, n % 4]) {
        let mut generated = Account::initial();
        let mut by_hand = ByHand::initial();
        let events = events();
        for event in [a, b, c].map(|n: usize| &events[n]) {
            let fits = Account::fits(generated.is_some(), event);
            assert_eq!(fits, ByHand::fits(by_hand.is_some(), event));
            let outcome = Account::apply(&mut generated, event);
            assert_eq!(outcome, ByHand::apply(&mut by_hand, event));
            assert_eq!(fits, outcome.is_ok(), "{event:?} on {generated:?}");
            assert_eq!(generated, by_hand.clone().map(|ByHand(account)| account));
        }
    }
}

#[test]
fn generated_and_hand_written_decide_the_same() {
    let by_hand = ByHand::default();
    for pence in [-1, 0, 1] {
        let command = Deposit { account: 7, pence };
        assert_eq!(
            decisions(&command, &by_hand.0),
            decisions(&command, &by_hand)
        );
    }
    let open = Open { account: 7 };
    assert_eq!(decisions(&open, &by_hand.0), decisions(&open, &by_hand));
}

#[test]
fn a_creating_handler_needs_absence_and_another_the_state() {
    let account = Account {
        balance: 5,
        closed: false,
    };
    let opened = ("aggregates.Opened", r#"{"account":7}"#.to_owned());
    assert_eq!(
        decisions(&Open { account: 7 }, &account),
        [Ok(vec![opened]), Err(Declined::AlreadyExists)]
    );
    let deposited = ("aggregates.Deposited", r#"{"pence":3}"#.to_owned());
    assert_eq!(
        decisions(
            &Deposit {
                account: 7,
                pence: 3
            },
            &account
        ),
        [Err(Declined::NotFound), Ok(vec![deposited])]
    );
}

#[test]
fn refusals_give_no_events_and_events_keep_their_order() {
    let account = Account {
        balance: 5,
        closed: false,
    };
    let [_, refused] = decisions(
        &Deposit {
            account: 7,
            pence: -3,
        },
        &account,
    );
    assert_eq!(refused, Err(Declined::Rejected(NotPositive(-3))));
    let [_, closed] = decisions(&Close { account: 7 }, &account);
    assert_eq!(
        closed,
        Ok(vec![
            ("aggregates.Announced", "{}".to_owned()),
            ("aggregates.Closed", r#"{"paid_out":5}"#.to_owned())
        ])
    );
}

#[test]
fn the_set_reads_what_it_writes() -> Result<(), Box<dyn std::error::Error>> {
    for event in events() {
        let (name, json) = stored(&event);
        let data = EventData::new(name, 1, event.encode()?);
        let again = AccountEvent::decode(&data).ok_or("the name is known")??;
        assert_eq!(stored(&again), (name, json));
        assert_eq!(format!("{again:?}"), name);
    }
    let names: Vec<_> = AccountEvent::types()
        .iter()
        .map(|known| known.name())
        .collect();
    assert_eq!(
        names,
        [
            "aggregates.Opened",
            "aggregates.Deposited",
            "aggregates.Announced",
            "aggregates.Closed"
        ]
    );
    let foreign = EventData::new("aggregates.Foreign", 1, Payload::of(&())?);
    assert!(AccountEvent::decode(&foreign).is_none());
    let broken = EventData::new("aggregates.Deposited", 1, Payload::of(&())?);
    assert!(AccountEvent::decode(&broken).is_some_and(|outcome| outcome.is_err()));
    Ok(())
}

/// Nothing constructs it, so it is there from the beginning.
#[derive(Default)]
struct Meter {
    read: u32,
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "aggregates.MeterRead")]
struct MeterRead {
    value: u32,
}

#[derive(Command)]
struct ReadMeter {
    #[id]
    meter: String,
    value: u32,
}
#[derive(Command)]
struct Install {
    #[id]
    meter: String,
}

#[aggregate(category = "gas_meter")]
impl Meter {
    #[handle]
    fn read(&self, cmd: ReadMeter) -> Option<MeterRead> {
        (cmd.value > self.read).then_some(MeterRead { value: cmd.value })
    }
    #[handle]
    fn install(_: Install) -> MeterRead {
        MeterRead { value: 0 }
    }
    #[apply]
    fn was_read(&mut self, event: &MeterRead) {
        self.read = event.value;
    }
}

#[test]
fn a_default_state_is_there_from_the_beginning() -> Result<(), BrokenStream> {
    assert_eq!(Meter::CATEGORY, "gas_meter");
    let mut state = Meter::initial();
    let decide = |state: &Option<Meter>, value, version| {
        let current = Current::new(state.as_ref(), version);
        let command = ReadMeter {
            meter: "m".into(),
            value,
        };
        assert_eq!(command.stream_key(), "m");
        command
            .decide(current, &context())
            .expect("the handler cannot refuse")
    };
    let events = decide(&state, 3, StreamVersion::NONE);
    assert_eq!(events.len(), 1);
    for event in &events {
        assert!(Meter::fits(state.is_some(), event));
        Meter::apply(&mut state, event)?;
    }
    assert!(decide(&state, 3, StreamVersion::FIRST).is_empty());
    assert_eq!(decide(&state, 4, StreamVersion::FIRST).len(), 1);
    Ok(())
}

#[test]
fn a_creating_handler_looks_at_the_stream_not_at_a_default_state() {
    let state = Meter::initial();
    let install = |version| {
        let current = Current::new(state.as_ref(), version);
        let events = Install { meter: "m".into() }.decide(current, &context());
        events.map(|events| events.len())
    };
    assert_eq!(install(StreamVersion::NONE), Ok(1));
    assert_eq!(install(StreamVersion::FIRST), Err(Declined::AlreadyExists));
}
