impl Meter {
    #[cfg(unix)]
    #[cfg(test)]
    fn begun(event: &Begun) -> Meter {
        Meter
    }
    #[cfg(test)]
    fn read(&mut self, event: &Read) {}
    #[cfg(windows)]
    fn check(cmd: Check) -> Read {
        Read
    }
}
///`Meter`'s events.
#[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
pub enum MeterEvent {
    #[cfg(unix)]
    #[cfg(test)]
    ///`Begun`.
    Begun(Begun),
    #[cfg(test)]
    ///`Read`.
    Read(Read),
}
#[automatically_derived]
impl ::orchestrix::__private::std::fmt::Debug for MeterEvent {
    fn fmt(
        &self,
        __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
    ) -> ::orchestrix::__private::std::fmt::Result {
        __f.write_str(::orchestrix::__private::Event::event_type(self).name())
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Event for MeterEvent {
    fn types() -> ::orchestrix::__private::std::vec::Vec<
        &'static ::orchestrix::__private::EventType,
    > {
        ::orchestrix::__private::all_types([
            #[cfg(unix)]
            #[cfg(test)]
            <Begun as ::orchestrix::__private::Event>::types(),
            #[cfg(test)]
            <Read as ::orchestrix::__private::Event>::types(),
        ])
    }
    fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
        match *self {
            #[cfg(unix)]
            #[cfg(test)]
            MeterEvent::Begun(ref __event) => {
                <Begun as ::orchestrix::__private::Event>::event_type(__event)
            }
            #[cfg(test)]
            MeterEvent::Read(ref __event) => {
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
            #[cfg(unix)]
            #[cfg(test)]
            MeterEvent::Begun(ref __event) => {
                <Begun as ::orchestrix::__private::Event>::encode(__event)
            }
            #[cfg(test)]
            MeterEvent::Read(ref __event) => {
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
            #[cfg(unix)]
            #[cfg(test)]
            MeterEvent::Begun(ref __event) => {
                <Begun as ::orchestrix::__private::Event>::tags(__event)
            }
            #[cfg(test)]
            MeterEvent::Read(ref __event) => {
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
        #[cfg(unix)] #[cfg(test)]
        if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Begun as ::orchestrix::__private::Event>::decode(
            __event,
        ) {
            return ::orchestrix::__private::std::option::Option::Some(
                __decoded.map(MeterEvent::Begun),
            );
        }
        #[cfg(test)]
        if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Read as ::orchestrix::__private::Event>::decode(
            __event,
        ) {
            return ::orchestrix::__private::std::option::Option::Some(
                __decoded.map(MeterEvent::Read),
            );
        }
        ::orchestrix::__private::std::option::Option::None
    }
}
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<MeterEvent> for MeterEvent {
    fn into_events(
        self,
        __out: &mut ::orchestrix::__private::std::vec::Vec<MeterEvent>,
    ) {
        __out.push(self);
    }
}
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<MeterEvent> for MeterEvent {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<MeterEvent>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(self)
    }
}
#[cfg(unix)]
#[cfg(test)]
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<MeterEvent> for Begun {
    fn into_events(
        self,
        __out: &mut ::orchestrix::__private::std::vec::Vec<MeterEvent>,
    ) {
        __out.push(MeterEvent::Begun(self));
    }
}
#[cfg(unix)]
#[cfg(test)]
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<MeterEvent> for Begun {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<MeterEvent>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(MeterEvent::Begun(self))
    }
}
#[cfg(test)]
#[automatically_derived]
impl ::orchestrix::__private::IntoEvents<MeterEvent> for Read {
    fn into_events(
        self,
        __out: &mut ::orchestrix::__private::std::vec::Vec<MeterEvent>,
    ) {
        __out.push(MeterEvent::Read(self));
    }
}
#[cfg(test)]
#[automatically_derived]
impl ::orchestrix::__private::HandlerOutput<MeterEvent> for Read {
    type Error = ::orchestrix::__private::std::convert::Infallible;
    fn into_outcome(
        self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<MeterEvent>,
        Self::Error,
    > {
        ::orchestrix::__private::one_event(MeterEvent::Read(self))
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Aggregate for Meter {
    const CATEGORY: &'static ::orchestrix::__private::std::primitive::str = "meter";
    type Event = MeterEvent;
    fn initial() -> ::orchestrix::__private::std::option::Option<Self> {
        {
            #[cfg(any(all(unix, test)))]
            { ::orchestrix::__private::std::option::Option::None }
            #[cfg(not(any(all(unix, test))))]
            {
                ::orchestrix::__private::std::option::Option::Some(
                    ::orchestrix::__private::begin::<Meter>(),
                )
            }
        }
    }
    fn apply(
        __state: &mut ::orchestrix::__private::std::option::Option<Self>,
        __event: &MeterEvent,
    ) -> ::orchestrix::__private::std::result::Result<
        (),
        ::orchestrix::__private::BrokenStream,
    > {
        match *__event {
            #[cfg(unix)]
            #[cfg(test)]
            MeterEvent::Begun(ref __event) => {
                ::orchestrix::__private::construct(__state, || <Meter>::begun(__event))
            }
            #[cfg(test)]
            MeterEvent::Read(ref __event) => {
                ::orchestrix::__private::change(
                    __state,
                    |__state| <Meter>::read(__state, __event),
                )
            }
        }
    }
    fn fits(
        __state_exists: ::orchestrix::__private::std::primitive::bool,
        __event: &MeterEvent,
    ) -> ::orchestrix::__private::std::primitive::bool {
        match *__event {
            #[cfg(unix)]
            #[cfg(test)]
            MeterEvent::Begun(_) => !__state_exists,
            #[cfg(test)]
            MeterEvent::Read(_) => __state_exists,
        }
    }
    fn commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::CommandInfo,
    > {
        ::orchestrix::__private::all_commands([
            #[cfg(windows)]
            ::orchestrix::__private::command_info::<Check, Meter>(),
        ])
    }
    fn stored_commands() -> ::orchestrix::__private::std::vec::Vec<
        ::orchestrix::__private::StoredCommand,
    > {
        ::orchestrix::__private::all_stored([
            #[cfg(windows)]
            ::orchestrix::__private::stored_command!(
                Check, ::orchestrix::__private::ToAggregate < Meter >
            ),
        ])
    }
}
#[cfg(windows)]
#[automatically_derived]
impl ::orchestrix::__private::CommandFor<Meter> for Check {
    type Error = <Read as ::orchestrix::__private::HandlerOutput<MeterEvent>>::Error;
    const CREATES: ::orchestrix::__private::std::primitive::bool = true;
    fn decide(
        &self,
        __current: ::orchestrix::__private::Current<'_, Meter>,
        __cx: &::orchestrix::__private::CommandContext,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::std::vec::Vec<MeterEvent>,
        ::orchestrix::__private::Declined<
            <Read as ::orchestrix::__private::HandlerOutput<MeterEvent>>::Error,
        >,
    > {
        __current
            .absent()
            .and_then(|()| {
                <Read as ::orchestrix::__private::HandlerOutput<
                    MeterEvent,
                >>::into_outcome(
                        <Meter>::check(
                            ::orchestrix::__private::duplicate::<Check, Meter>(self),
                        ),
                    )
                    .map_err(::orchestrix::__private::Declined::Rejected)
            })
    }
}
