//! What the handlers of several processes write down in one file. The system puts what is written to one file in one
//! order, so nobody has to trust in clocks.

use std::fmt;

use super::{Handled, LineError};

/// So ends what is whole.
const END: &str = " .";

/// An event that the handler of one of several nodes was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Which event.
    pub event_id: String,
    /// Where it is.
    pub handled: Handled,
    /// Who was given it.
    pub node: String,
}

/// The effects of a file, in its order. What was cut off because its process was killed counts as not written.
///
/// # Errors
/// [`LineError`] when a whole line is no effect.
pub fn effects(text: &str) -> Result<Vec<Effect>, LineError> {
    let whole = text.lines().filter_map(|line| line.strip_suffix(END));
    whole.map(Effect::of_line).collect()
}

impl Effect {
    fn of_line(line: &str) -> Result<Self, LineError> {
        let strange = || LineError::new(line);
        let (event_id, rest) = line.split_once(' ').ok_or_else(strange)?;
        let (handled, node) = rest.rsplit_once(' ').ok_or_else(strange)?;
        Ok(Self {
            event_id: event_id.to_owned(),
            handled: handled.parse()?,
            node: node.to_owned(),
        })
    }
}

/// A line that begins by itself: behind one that was cut off, it is whole all the same.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{} {} {}{END}", self.event_id, self.handled, self.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(position: u64) -> Effect {
        Effect {
            event_id: format!("event-{position}"),
            handled: Handled {
                stream: "east/account-a".to_owned(),
                version: 3,
                position,
            },
            node: "second".to_owned(),
        }
    }

    #[test]
    fn effects_are_read_back_in_order() {
        let text: String = [7, 6].map(|at| effect(at).to_string()).concat();
        assert_eq!(effects(&text).expect("whole"), [effect(7), effect(6)]);
    }

    #[test]
    fn what_was_cut_off_anywhere_costs_no_other() {
        let line = effect(7).to_string();
        for end in 0..line.len() {
            let text = format!("{}{}", &line[..end], effect(8));
            assert_eq!(effects(&text).expect("whole"), [effect(8)], "{end}");
        }
    }

    #[test]
    fn a_whole_line_of_something_else_is_told() {
        for strange in [
            "event-1 .",
            "event-1 east/account-a 3 second .",
            "a b c d e .",
        ] {
            assert!(effects(strange).is_err(), "{strange}");
        }
    }
}
