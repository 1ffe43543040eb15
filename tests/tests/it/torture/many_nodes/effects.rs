//! What the nodes' handlers did, in the order in which they did it.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use futures_util::future::select_all;
use orchestrix::error::BoxError;
use tests::crash_bank::{Effect, Handled, effects};
use tokio::sync::watch;

use crate::torture::crash_consumers::evidence::Logged;
use crate::torture::work::{PATIENCE, within};

/// The file that all nodes write to.
pub(super) struct Effects {
    file: PathBuf,
}

/// A place in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(u64);

/// What must not be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EffectViolation {
    #[error("{node} was given event {given} at position {position}, where the log has {logged:?}")]
    OtherEvent {
        node: String,
        position: u64,
        given: String,
        logged: Option<String>,
    },
}

impl Effects {
    pub(super) fn of(file: PathBuf) -> Result<Self, BoxError> {
        File::create_new(&file)?;
        Ok(Self { file })
    }

    /// Behind what is there now.
    pub(super) fn mark(&self) -> Result<Mark, BoxError> {
        Ok(Mark(self.file.metadata()?.len()))
    }

    pub(super) fn all(&self) -> Result<Vec<Effect>, BoxError> {
        self.since(Mark(0))
    }

    pub(super) fn since(&self, mark: Mark) -> Result<Vec<Effect>, BoxError> {
        let mut file = File::open(&self.file)?;
        file.seek(SeekFrom::Start(mark.0))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(effects(&text)?)
    }

    /// Waits until so many of these are there, by nodes that tell of their effects.
    pub(super) async fn come(
        &self,
        mark: Mark,
        count: usize,
        mut told: Vec<watch::Receiver<usize>>,
        is_one: impl Fn(&Effect) -> bool,
    ) -> Result<(), BoxError> {
        let coming = async {
            loop {
                told.iter_mut().for_each(watch::Receiver::mark_unchanged);
                if self.since(mark)?.iter().filter(|it| is_one(it)).count() >= count {
                    return Ok(());
                }
                let changes = told.iter_mut().map(|told| Box::pin(told.changed()));
                let (told, ..) = select_all(changes).await;
                told.map_err(|_gone| "a node ended by itself")?;
            }
        };
        within(PATIENCE, "the nodes have had their effects", coming).await?
    }
}

/// How many of the effects since then, by this node, others had done before.
pub(super) fn late(before: &[Effect], since: &[Effect], node: &str) -> usize {
    let others = before.iter().filter(|effect| effect.node != node);
    let done: HashSet<&Handled> = others.map(|effect| &effect.handled).collect();
    let late = since
        .iter()
        .filter(|effect| effect.node == node && done.contains(&effect.handled));
    late.count()
}

/// Each effect is of the event that the log has there.
pub(super) fn judge_events(effects: &[Effect], log: &[Logged]) -> Result<(), EffectViolation> {
    let logged = log.iter().map(|event| (event.position, &event.event_id));
    let logged: HashMap<u64, &String> = logged.collect();
    for effect in effects {
        let position = effect.handled.position;
        let there = logged.get(&position).copied();
        if there != Some(&effect.event_id) {
            return Err(EffectViolation::OtherEvent {
                node: effect.node.clone(),
                position,
                given: effect.event_id.clone(),
                logged: there.cloned(),
            });
        }
    }
    Ok(())
}

#[test]
fn what_others_had_done_before_is_late() {
    let before = [effect(1, "a"), effect(2, "b"), effect(3, "b")];
    let since = [
        effect(2, "a"),
        effect(3, "b"),
        effect(4, "a"),
        effect(1, "a"),
    ];
    assert_eq!(late(&before, &since, "a"), 1);
    assert_eq!(late(&before, &since, "b"), 0);
}

#[test]
fn an_effect_of_an_event_that_is_not_there_is_found() {
    let logged = |position: u64| Logged {
        stream: "east/account-a".to_owned(),
        version: position,
        position,
        event_id: format!("event-{position}"),
        tenant: "east".to_owned(),
        event_type: "Happened".to_owned(),
        account: "a".to_owned(),
        pence: 1,
    };
    let log = [logged(1), logged(2)];
    let mut effects = vec![effect(2, "a"), effect(1, "b"), effect(2, "b")];
    assert_eq!(judge_events(&effects, &log), Ok(()));
    effects[1].event_id = "event-2".to_owned();
    let other = EffectViolation::OtherEvent {
        node: "b".to_owned(),
        position: 1,
        given: "event-2".to_owned(),
        logged: Some("event-1".to_owned()),
    };
    assert_eq!(judge_events(&effects, &log), Err(other));
    let nowhere = judge_events(&[effect(3, "a")], &log);
    assert!(
        matches!(
            nowhere,
            Err(EffectViolation::OtherEvent { logged: None, .. })
        ),
        "{nowhere:?}"
    );
}

fn effect(position: u64, node: &str) -> Effect {
    Effect {
        event_id: format!("event-{position}"),
        handled: Handled {
            stream: "east/account-a".to_owned(),
            version: position,
            position,
        },
        node: node.to_owned(),
    }
}
