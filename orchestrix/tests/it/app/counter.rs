//! An aggregate that begins as its default: counters that count up to a limit.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Counted {
    pub(crate) counter: String,
    pub(crate) by: u32,
}

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Limited {
    pub(crate) counter: String,
    pub(crate) limit: u32,
}

#[derive(Command, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Count {
    #[id]
    pub(crate) counter: String,
    pub(crate) by: u32,
}

/// As many events as steps; none for none.
#[derive(Command)]
pub(crate) struct CountEach {
    #[id]
    pub(crate) counter: String,
    pub(crate) steps: Vec<u32>,
}

#[derive(Command)]
pub(crate) struct Limit {
    #[id]
    pub(crate) counter: String,
    pub(crate) limit: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{total} is at the limit")]
pub(crate) struct LimitReached {
    pub(crate) total: u32,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) total: u32,
    pub(crate) limit: Option<u32>,
}

#[aggregate]
impl Counter {
    #[handle]
    fn count(&self, cmd: Count) -> Result<Counted, LimitReached> {
        match self.limit {
            Some(limit) if self.total + cmd.by > limit => Err(LimitReached { total: self.total }),
            _ => Ok(Counted {
                counter: cmd.counter,
                by: cmd.by,
            }),
        }
    }

    #[handle]
    fn count_each(&self, cmd: &CountEach) -> Vec<Counted> {
        let counted = |by: &u32| Counted {
            counter: cmd.counter.clone(),
            by: *by,
        };
        cmd.steps.iter().map(counted).collect()
    }

    #[handle]
    fn limit(&self, cmd: Limit) -> Limited {
        Limited {
            counter: cmd.counter,
            limit: cmd.limit,
        }
    }

    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.total += event.by;
    }

    #[apply]
    fn limited(&mut self, event: &Limited) {
        self.limit = Some(event.limit);
    }
}

/// What each counter has come to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Total {
    pub(crate) sum: u32,
    pub(crate) events: u32,
}

#[projection(key = counter)]
impl Total {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.sum += event.by;
        self.events += 1;
    }
}

/// Counters and no read model.
#[module(aggregates(Counter))]
pub(crate) struct Counting;

/// Counters and what they have come to.
#[module(name = "counting", aggregates(Counter), projections(Total))]
pub(crate) struct CountingWithTotals;

pub(crate) fn count(counter: &str, by: u32) -> Count {
    Count {
        counter: counter.to_owned(),
        by,
    }
}

pub(crate) fn count_each(counter: &str, steps: &[u32]) -> CountEach {
    CountEach {
        counter: counter.to_owned(),
        steps: steps.to_vec(),
    }
}

pub(crate) fn limit(counter: &str, limit: u32) -> Limit {
    Limit {
        counter: counter.to_owned(),
        limit,
    }
}
