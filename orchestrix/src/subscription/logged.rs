//! What the log is told of a failed subscription.

use std::error::Error;

use crate::error::chain;

/// A failure with all of its causes, without what serde says of the JSON it read: that quotes from the payload, which
/// no log may hold.
pub(crate) fn logged(error: &(dyn Error + 'static)) -> String {
    let mut quoting = None;
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(json) = error.downcast_ref::<serde_json::Error>() {
            quoting = Some(json);
            break;
        }
        cause = error.source();
    }
    let whole = chain(error);
    let Some(json) = quoting else {
        return whole;
    };
    let category = json.classify();
    let place = match json.line() {
        // Read from a value, not from text.
        0 => format!("({category:?})"),
        line => format!("({category:?}, line {line}, column {})", json.column()),
    };
    whole.replace(&json.to_string(), &place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Payload;
    use crate::subscription::ConsumeError;

    #[test]
    fn the_log_is_told_the_place_and_not_the_payload() {
        let Err(source) = Payload::from_stored_text(r#""secret""#.to_owned()).read::<u32>() else {
            panic!("it is no number")
        };
        let failure = ConsumeError::Document {
            collection: "total@1".to_owned(),
            key: "a".to_owned(),
            source,
        };
        let common = "document `a` of read model `total@1` does not fit its type: ";
        assert_eq!(
            chain(&failure),
            format!("{common}invalid type: string \"secret\", expected u32 at line 1 column 8")
        );
        assert_eq!(
            logged(&failure),
            format!("{common}(Data, line 1, column 8)")
        );
    }
}
