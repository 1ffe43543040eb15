impl Account {
    fn opened(event: &Opened) -> Self {
        Account
    }
    fn open(cmd: Open) -> Result<Opened, <Self as Domain>::Error> {
        body!()
    }
}
///`Account`'s events.
#[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
pub enum AccountEvent {
    ///`Opened`.
    Opened(Opened),
}
#[automatically_derived]
impl ::orchestrix::__private::std::fmt::Debug for AccountEvent {
    fn fmt(
        &self,
        __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
    ) -> ::orchestrix::__private::std::fmt::Result {
        __f.write_str(::orchestrix::__private::Event::event_type(self).name())
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Event for AccountEvent {
    fn types() -> ::orchestrix::__private::std::vec::Vec<
        &'static ::orchestrix::__private::EventType,
    > {
        ::orchestrix::__private::all_types([
            <Opened as ::orchestrix::__private::Event>::types(),
        ])
    }
    fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
        match *self {
            AccountEvent::Opened(ref __event) => {
                <Opened as ::orchestrix::__private::Event>::event_type(__event)
            }
        }
    }
    fn encode(
        &self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::Payload,
        ::orchestrix::__private::JsonError,
    > {
        match *self {
            AccountEvent::Opened(ref __event) => {
                <Opened as ::orchestrix::__private::Event>::encode(__event)
            }
        }
    }
    fn tags(
        &self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<::orchestrix::__private::Tag>,
        ::orchestrix::__private::NameError,
    > {
        match *self {
            AccountEvent::Opened(ref __event) => {
                <Opened as ::orchestrix::__private::Event>::tags(__event)
            }
        }
    }
    fn decode(
        __event: &::orchestrix::__private::EventData,
    ) -> ::orchestrix::__private::std::option::Option<
        ::orchestrix::__private::std::result::Result<
            Self,
            ::orchestrix::__private::DecodeError,
        >,
    > {
        if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Opened as ::orchestrix::__private::Event>::decode(
            __event,
        ) {
            return ::orchestrix::__private::std::option::Option::Some(
                __decoded.map(AccountEvent::Opened),
            );
        }
        ::orchestrix::__private::std::option::Option::None
    }
}
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<AccountEvent> for AccountEvent {
    fn into_events(
        self,
        __out: &mut ::orchestrix::__private::std::vec::Vec<AccountEvent>,
    ) {
        __out.push(self);
    }
}
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<AccountEvent> for AccountEvent {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<AccountEvent>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(self)
    }
}
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<AccountEvent> for Opened {
    fn into_events(
        self,
        __out: &mut ::orchestrix::__private::std::vec::Vec<AccountEvent>,
    ) {
        __out.push(AccountEvent::Opened(self));
    }
}
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<AccountEvent> for Opened {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<AccountEvent>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(AccountEvent::Opened(self))
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Aggregate for Account {
    const CATEGORY: &'static ::orchestrix::__private::std::primitive::str = "account";
    type Event = AccountEvent;
    fn initial() -> ::orchestrix::__private::std::option::Option<Self> {
        ::orchestrix::__private::std::option::Option::None
    }
    fn apply(
        __state: &mut ::orchestrix::__private::std::option::Option<Self>,
        __event: &AccountEvent,
    ) -> ::orchestrix::__private::std::result::Result<
        (),
        ::orchestrix::__private::BrokenStream,
    > {
        match *__event {
            AccountEvent::Opened(ref __event) => {
                ::orchestrix::__private::construct(
                    __state,
                    || <Account>::opened(__event),
                )
            }
        }
    }
    fn fits(
        __state_exists: ::orchestrix::__private::std::primitive::bool,
        __event: &AccountEvent,
    ) -> ::orchestrix::__private::std::primitive::bool {
        match *__event {
            AccountEvent::Opened(_) => !__state_exists,
        }
    }
    fn commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::CommandInfo,
    > {
        ::orchestrix::__private::all_commands([
            ::orchestrix::__private::command_info::<Open, Account>(),
        ])
    }
    fn stored_commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::StoredCommand,
    > {
        ::orchestrix::__private::all_stored([
            ::orchestrix::__private::stored_command!(
                Open, ::orchestrix::__private::ToAggregate < Account >
            ),
        ])
    }
}
#[automatically_derived]
impl ::orchestrix::__private::CommandFor<Account> for Open {
    type Error = <Result<
        Opened,
        <Account as Domain>::Error,
    > as ::orchestrix::__private::HandlerOutput<AccountEvent>>::Error;
    const CREATES: ::orchestrix::__private::std::primitive::bool = true;
    fn decide(
        &self,
        __current: ::orchestrix::__private::Current<'_, Account>,
        __cx: &::orchestrix::__private::CommandContext,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<AccountEvent>,
        ::orchestrix::__private::Declined<
            <Result<
                Opened,
                <Account as Domain>::Error,
            > as ::orchestrix::__private::HandlerOutput<AccountEvent>>::Error,
        >,
    > {
        __current
            .absent()
            .and_then(|()| {
                <Result<
                    Opened,
                    <Account as Domain>::Error,
                > as ::orchestrix::__private::HandlerOutput<
                    AccountEvent,
                >>::into_outcome(
                        <Account>::open(
                            ::orchestrix::__private::duplicate::<Open, Account>(self),
                        ),
                    )
                    .map_err(::orchestrix::__private::Declined::Rejected)
            })
    }
}
