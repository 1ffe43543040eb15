impl OnlineOrdering {
    async fn thank(
        &self,
        event: &OrderPlaced,
        cx: &EventContext,
    ) -> Result<(), MailError> {
        body!()
    }
    #[cfg(test)]
    async fn count(&self, _: &OrderPlaced) {}
    async fn index(&self, event: &OrderPlaced, cx: &ReplayContext) {}
    async fn checkout(
        &self,
        cmd: Checkout,
        cx: &ModuleContext,
    ) -> Result<OrderId, Refused> {
        body!()
    }
    #[cfg(test)]
    async fn look(&self, cmd: &Look) -> Result<(), Refused> {
        body!()
    }
    fn unmarked() {}
}
#[automatically_derived]
impl ::orchestrix::__private::Module for OnlineOrdering {
    fn name(&self) -> &'static ::orchestrix::__private::std::primitive::str {
        "online_ordering"
    }
    fn register(
        self: ::orchestrix::__private::std::sync::Arc<Self>,
        __parts: &mut ::orchestrix::__private::Parts,
    ) {
        let __module = self;
        __parts.aggregate::<Order>();
        __parts
            .on::<
                OrderPlaced,
                _,
            >(
                "thank",
                {
                    let __module = ::orchestrix::__private::std::clone::Clone::clone(
                        &__module,
                    );
                    move |__event, __cx| {
                        let __module = ::orchestrix::__private::std::clone::Clone::clone(
                            &__module,
                        );
                        ::orchestrix::__private::std::boxed::Box::pin(async move {
                            <Result<
                                (),
                                MailError,
                            > as ::orchestrix::__private::EventHandlerOutput>::into_result(
                                <OnlineOrdering>::thank(&__module, &__event, __cx).await,
                            )
                        })
                    }
                },
            );
        #[cfg(test)]
        __parts
            .on::<
                OrderPlaced,
                _,
            >(
                "count",
                {
                    let __module = ::orchestrix::__private::std::clone::Clone::clone(
                        &__module,
                    );
                    move |__event, __cx| {
                        let __module = ::orchestrix::__private::std::clone::Clone::clone(
                            &__module,
                        );
                        ::orchestrix::__private::std::boxed::Box::pin(async move {
                            <() as ::orchestrix::__private::EventHandlerOutput>::into_result(
                                <OnlineOrdering>::count(&__module, &__event).await,
                            )
                        })
                    }
                },
            );
        __parts
            .on_replay::<
                OrderPlaced,
                _,
            >(
                "index",
                {
                    let __module = ::orchestrix::__private::std::clone::Clone::clone(
                        &__module,
                    );
                    move |__event, __cx| {
                        let __module = ::orchestrix::__private::std::clone::Clone::clone(
                            &__module,
                        );
                        ::orchestrix::__private::std::boxed::Box::pin(async move {
                            <() as ::orchestrix::__private::EventHandlerOutput>::into_result(
                                <OnlineOrdering>::index(&__module, &__event, __cx).await,
                            )
                        })
                    }
                },
            );
        __parts.command::<Checkout, Self>();
        __parts
            .stored_command(
                ::orchestrix::__private::stored_command!(
                    Checkout, ::orchestrix::__private::ToModule < OnlineOrdering >
                ),
            );
        #[cfg(test)] __parts.command::<Look, Self>();
        #[cfg(test)]
        __parts
            .stored_command(
                ::orchestrix::__private::stored_command!(
                    Look, ::orchestrix::__private::ToModule < OnlineOrdering >
                ),
            );
    }
}
#[automatically_derived]
impl ::orchestrix::__private::ModuleCommand<OnlineOrdering> for Checkout {
    type Output = <Result<
        OrderId,
        Refused,
    > as ::orchestrix::__private::ModuleOutput>::Output;
    type Error = <Result<
        OrderId,
        Refused,
    > as ::orchestrix::__private::ModuleOutput>::Error;
    async fn handle(
        self,
        __module: &OnlineOrdering,
        __cx: &::orchestrix::__private::ModuleContext,
    ) -> ::orchestrix::__private::std::result::Result<
        <Result<OrderId, Refused> as ::orchestrix::__private::ModuleOutput>::Output,
        <Result<OrderId, Refused> as ::orchestrix::__private::ModuleOutput>::Error,
    > {
        <Result<
            OrderId,
            Refused,
        > as ::orchestrix::__private::ModuleOutput>::into_result(
            <OnlineOrdering>::checkout(__module, self, __cx).await,
        )
    }
}
#[cfg(test)]
#[automatically_derived]
impl ::orchestrix::__private::ModuleCommand<OnlineOrdering> for Look {
    type Output = <Result<(), Refused> as ::orchestrix::__private::ModuleOutput>::Output;
    type Error = <Result<(), Refused> as ::orchestrix::__private::ModuleOutput>::Error;
    async fn handle(
        self,
        __module: &OnlineOrdering,
        __cx: &::orchestrix::__private::ModuleContext,
    ) -> ::orchestrix::__private::std::result::Result<
        <Result<(), Refused> as ::orchestrix::__private::ModuleOutput>::Output,
        <Result<(), Refused> as ::orchestrix::__private::ModuleOutput>::Error,
    > {
        <Result<
            (),
            Refused,
        > as ::orchestrix::__private::ModuleOutput>::into_result(
            <OnlineOrdering>::look(__module, &self).await,
        )
    }
}
