//! What nodes write down of the checkpoints that they move, in one file.

use std::fmt;
use std::str::FromStr;

use super::LineError;

/// So ends what is whole.
const END: &str = " .";

/// How far a move of a checkpoint has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStep {
    /// The store is about to be asked.
    Asked,
    /// It was moved.
    Done,
    /// Refused: the lease was another's by then.
    Fenced,
    /// It was not moved for another reason, or nobody knows.
    Failed,
}

/// A step of a move under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whose it is.
    pub node: String,
    /// The lease, named as the checkpoint.
    pub lease: String,
    /// The lease's token.
    pub token: u64,
    /// What came of it.
    pub step: MoveStep,
}

/// The steps of a file, in its order, each with where it begins. What was cut off because its process was killed counts as
/// not written.
///
/// # Errors
/// [`LineError`] when a whole line is no step.
pub fn moves(text: &str) -> Result<Vec<(u64, Moved)>, LineError> {
    let mut at = 0;
    let mut steps = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(step) = line.trim_end_matches('\n').strip_suffix(END) {
            steps.push((at, step.parse()?));
        }
        at += line.len() as u64;
    }
    Ok(steps)
}

impl MoveStep {
    const NAMED: [(Self, &str); 4] = [
        (Self::Asked, "asked"),
        (Self::Done, "done"),
        (Self::Fenced, "fenced"),
        (Self::Failed, "failed"),
    ];

    fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(step, _)| *step == self);
        named.map_or("", |(_, name)| name)
    }
}

impl FromStr for Moved {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        let strange = || LineError::new(line);
        let fields: Vec<_> = line.split(' ').collect();
        let [node, lease, token, step] = fields[..] else {
            return Err(strange());
        };
        let mut named = MoveStep::NAMED.iter();
        let (step, _) = named.find(|(_, name)| *name == step).ok_or_else(strange)?;
        Ok(Self {
            node: node.to_owned(),
            lease: lease.to_owned(),
            token: token.parse().map_err(|_| strange())?,
            step: *step,
        })
    }
}

/// A line that begins by itself: behind one that was cut off, it is whole all the same.
impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step.name();
        write!(
            f,
            "\n{} {} {} {step}{END}",
            self.node, self.lease, self.token
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_back_with_their_places() {
        let step = |token, step| Moved {
            node: "node-1".to_owned(),
            lease: "mail#1/2".to_owned(),
            token,
            step,
        };
        let all = MoveStep::NAMED.map(|(named, _)| step(7, named));
        let text: String = all.iter().map(Moved::to_string).collect();
        let read = moves(&text).expect("whole");
        let steps: Vec<_> = read.iter().map(|(_, step)| step.clone()).collect();
        assert_eq!(steps, all);
        // Each begins behind its line break.
        assert_eq!(
            (read[0].0, read[1].0),
            (1, all[0].to_string().len() as u64 + 1)
        );

        let cut_off = format!("{}{}", &text[..text.len() - 1], step(8, MoveStep::Done));
        let last = moves(&cut_off).expect("whole").pop().expect("some");
        assert_eq!(last.1, step(8, MoveStep::Done));
        assert_eq!(moves(&cut_off).expect("whole").len(), 4);
        for strange in [
            "node-1 mail 1 .",
            "node-1 mail x done .",
            "node-1 mail 1 gone .",
        ] {
            assert!(moves(strange).is_err(), "{strange}");
        }
    }
}
