impl Meter {
    fn read(&mut self, event: &Read) {}
    fn check(&self, cmd: Check) {}
}
///`Meter`'s events.
#[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
pub enum Readings {
    ///`Read`.
    Read(Read),
}
#[automatically_derived]
impl ::orchestrix::__private::std::fmt::Debug for Readings {
    fn fmt(
        &self,
        __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
    ) -> ::orchestrix::__private::std::fmt::Result {
        __f.write_str(::orchestrix::__private::Event::event_type(self).name())
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Event for Readings {
    fn types() -> ::orchestrix::__private::std::vec::Vec<
        &'static ::orchestrix::__private::EventType,
    > {
        ::orchestrix::__private::all_types([
            <Read as ::orchestrix::__private::Event>::types(),
        ])
    }
    fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
        match *self {
            Readings::Read(ref __event) => {
                <Read as ::orchestrix::__private::Event>::event_type(__event)
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
            Readings::Read(ref __event) => {
                <Read as ::orchestrix::__private::Event>::encode(__event)
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
            Readings::Read(ref __event) => {
                <Read as ::orchestrix::__private::Event>::tags(__event)
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
        if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Read as ::orchestrix::__private::Event>::decode(
            __event,
        ) {
            return ::orchestrix::__private::std::option::Option::Some(
                __decoded.map(Readings::Read),
            );
        }
        ::orchestrix::__private::std::option::Option::None
    }
}
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<Readings> for Readings {
    fn into_events(self, __out: &mut ::orchestrix::__private::std::vec::Vec<Readings>) {
        __out.push(self);
    }
}
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<Readings> for Readings {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<Readings>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(self)
    }
}
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<Readings> for Read {
    fn into_events(self, __out: &mut ::orchestrix::__private::std::vec::Vec<Readings>) {
        __out.push(Readings::Read(self));
    }
}
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<Readings> for Read {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<Readings>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(Readings::Read(self))
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Aggregate for Meter {
    const CATEGORY: &'static ::orchestrix::__private::std::primitive::str = "meters";
    type Event = Readings;
    fn initial() -> ::orchestrix::__private::std::option::Option<Self> {
        ::orchestrix::__private::std::option::Option::Some(
            ::orchestrix::__private::begin::<Meter>(),
        )
    }
    fn apply(
        __state: &mut ::orchestrix::__private::std::option::Option<Self>,
        __event: &Readings,
    ) -> ::orchestrix::__private::std::result::Result<
        (),
        ::orchestrix::__private::BrokenStream,
    > {
        match *__event {
            Readings::Read(ref __event) => {
                ::orchestrix::__private::change(
                    __state,
                    |__state| <Meter>::read(__state, __event),
                )
            }
        }
    }
    fn fits(
        __state_exists: ::orchestrix::__private::std::primitive::bool,
        __event: &Readings,
    ) -> ::orchestrix::__private::std::primitive::bool {
        match *__event {
            Readings::Read(_) => __state_exists,
        }
    }
    fn commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::CommandInfo,
    > {
        ::orchestrix::__private::all_commands([
            ::orchestrix::__private::command_info::<Check, Meter>(),
        ])
    }
    fn stored_commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::StoredCommand,
    > {
        ::orchestrix::__private::all_stored([
            ::orchestrix::__private::stored_command!(
                Check, ::orchestrix::__private::ToAggregate < Meter >
            ),
        ])
    }
}
#[automatically_derived]
impl ::orchestrix::__private::CommandFor<Meter> for Check {
    type Error = <() as ::orchestrix::__private::HandlerOutput<Readings>>::Error;
    fn decide(
        &self,
        __current: ::orchestrix::__private::Current<'_, Meter>,
        __cx: &::orchestrix::__private::CommandContext,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<Readings>,
        ::orchestrix::__private::Declined<
            <() as ::orchestrix::__private::HandlerOutput<Readings>>::Error,
        >,
    > {
        __current
            .existing()
            .and_then(|__state| {
                <() as ::orchestrix::__private::HandlerOutput<
                    Readings,
                >>::into_outcome(
                        <Meter>::check(
                            __state,
                            ::orchestrix::__private::duplicate::<Check, Meter>(self),
                        ),
                    )
                    .map_err(::orchestrix::__private::Declined::Rejected)
            })
    }
}
