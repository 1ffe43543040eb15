impl Shelf {
    async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        body!()
    }
    async fn clear(tx: &mut SqliteTransaction) {
        body!()
    }
    async fn sold(event: &Sold, tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        body!()
    }
    #[cfg(test)]
    async fn returned(
        _: &Returned,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) {}
}
const _: () = {
    ///`Shelf`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Events {
        ///`Sold`.
        Sold(Sold),
        #[cfg(test)]
        ///`Returned`.
        Returned(Returned),
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::fmt::Debug for __Events {
        fn fmt(
            &self,
            __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
        ) -> ::orchestrix::__private::std::fmt::Result {
            __f.write_str(::orchestrix::__private::Event::event_type(self).name())
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for __Events {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::all_types([
                <Sold as ::orchestrix::__private::Event>::types(),
                #[cfg(test)]
                <Returned as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::event_type(__event)
                }
                #[cfg(test)]
                __Events::Returned(ref __event) => {
                    <Returned as ::orchestrix::__private::Event>::event_type(__event)
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
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::encode(__event)
                }
                #[cfg(test)]
                __Events::Returned(ref __event) => {
                    <Returned as ::orchestrix::__private::Event>::encode(__event)
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
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::tags(__event)
                }
                #[cfg(test)]
                __Events::Returned(ref __event) => {
                    <Returned as ::orchestrix::__private::Event>::tags(__event)
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
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Sold as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::Sold),
                );
            }
            #[cfg(test)]
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Returned as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::Returned),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::TableProjection for Shelf {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "shelf";
        const VERSION: ::orchestrix::__private::std::primitive::u32 = 3u32;
        type Event = __Events;
        type Store = SqliteStore;
        async fn create(
            __tx: &mut ::orchestrix::__private::TransactionOf<Self>,
        ) -> ::orchestrix::__private::std::result::Result<
            (),
            ::orchestrix::__private::BoxError,
        > {
            <rusqlite::Result<
                (),
            > as ::orchestrix::__private::TableOutput>::into_result(
                <Shelf>::create(__tx).await,
            )
        }
        async fn clear(
            __tx: &mut ::orchestrix::__private::TransactionOf<Self>,
        ) -> ::orchestrix::__private::std::result::Result<
            (),
            ::orchestrix::__private::BoxError,
        > {
            <() as ::orchestrix::__private::TableOutput>::into_result(
                <Shelf>::clear(__tx).await,
            )
        }
        async fn apply(
            __event: &__Events,
            __recorded: &::orchestrix::__private::RecordedEvent,
            __tx: &mut ::orchestrix::__private::TransactionOf<Self>,
        ) -> ::orchestrix::__private::std::result::Result<
            (),
            ::orchestrix::__private::BoxError,
        > {
            match *__event {
                __Events::Sold(ref __event) => {
                    <rusqlite::Result<
                        (),
                    > as ::orchestrix::__private::TableOutput>::into_result(
                        <Shelf>::sold(__event, __tx).await,
                    )
                }
                #[cfg(test)]
                __Events::Returned(ref __event) => {
                    <() as ::orchestrix::__private::TableOutput>::into_result(
                        <Shelf>::returned(__event, __recorded, __tx).await,
                    )
                }
            }
        }
    }
};
