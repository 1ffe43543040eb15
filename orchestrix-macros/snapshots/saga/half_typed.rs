impl Fulfilment { async fn } :: core :: compile_error ! { "unexpected end of input, expected identifier" }
