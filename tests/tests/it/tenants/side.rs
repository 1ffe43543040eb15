//! A tenant at work: the same names, keys and ids as every other tenant of its world.

use std::sync::Arc;

use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::projection::IndexValue;
use orchestrix::store::{
    Append, AppendError, Appended, CheckpointMove, DeadLetter, DocumentOrder, DocumentQuery,
    DocumentWrite, EventData, ExpectedVersion, GlobalPosition, IdempotencyKey, IndexCondition,
    IndexRange, InlineWrite, LockKey, Payload, Ports, ReadModelCommit, ScheduleId, Scheduled,
    StreamId, StreamVersion, Tag, TenantId,
};

/// Names and ids that no other world uses.
#[derive(Debug)]
pub(super) struct World {
    /// Stands in all names.
    pub(super) number: usize,
    /// What is common to all tenants; each id is one event in each tenant.
    pub(super) ids: [MessageId; 6],
    /// Where the log was when it began.
    pub(super) began: GlobalPosition,
}

/// One tenant in a world.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) ports: Ports,
    pub(super) world: Arc<World>,
    pub(super) tenant: TenantId,
    /// How far the tenant knows the log.
    pub(super) knows: GlobalPosition,
}

/// A stream that exists.
pub(super) const KEPT: &str = "kept";
/// A stream that is archived.
pub(super) const OLD: &str = "old";
/// A stream that does not exist.
pub(super) const FRESH: &str = "fresh";
/// The index that documents are in, by their bodies' texts.
pub(super) const INDEX: &str = "size";
/// The key of a request that was made.
pub(super) const CHARGED: &str = "charged";
/// The key of a request that was not made.
pub(super) const CHARGE: &str = "charge";

impl Side {
    /// A tenant that has a stream, an archived one, a request and documents.
    pub(super) async fn prepared(
        ports: &Ports,
        world: &Arc<World>,
        tenant: &TenantId,
    ) -> Result<Self, BoxError> {
        let mut side = Self {
            ports: ports.clone(),
            world: world.clone(),
            tenant: tenant.clone(),
            knows: world.began,
        };
        let kept = [side.event(0)?, side.event(1)?];
        let kept = Append::new(side.stream(KEPT)?, ExpectedVersion::NoStream, kept.into());
        side.append(kept.with_idempotency_key(side.key(CHARGED)?))
            .await??;
        let old = vec![side.event(2)?];
        let old = Append::new(side.stream(OLD)?, ExpectedVersion::NoStream, old);
        side.knows = side.append(old).await??.position;
        let events = &side.ports.events;
        events
            .archive_stream(&side.stream(OLD)?, ExpectedVersion::Any)
            .await?;
        side.commit(0, &[("a", Some("1")), ("b", Some("2"))])
            .await?;
        let checkpoints = &side.ports.checkpoints;
        let (start, one) = (GlobalPosition::START, GlobalPosition::new(1));
        checkpoints
            .save_checkpoint(&side.subscription(), start, one)
            .await?;
        let parked = vec![side.dead_letter(KEPT, 1)?, side.dead_letter(OLD, 2)?];
        side.park(parked, Vec::new()).await?;
        side.ports.schedules.schedule(side.scheduled(KEPT)?).await?;
        Ok(side)
    }

    pub(super) fn stream(&self, key: &str) -> Result<StreamId, BoxError> {
        let key = format!("{key}-{}", self.world.number);
        Ok(StreamId::new("thing", &key)?.with_tenant(self.tenant.clone()))
    }

    pub(super) fn tag(&self) -> Result<Tag, BoxError> {
        Ok(Tag::of("world", &self.world.number.to_string())?)
    }

    pub(super) fn key(&self, key: &str) -> Result<IdempotencyKey, BoxError> {
        Ok(IdempotencyKey::new(format!("{key}-{}", self.world.number))?)
    }

    /// Something that is to be done some day.
    pub(super) fn scheduled(&self, key: &str) -> Result<Scheduled, BoxError> {
        Ok(Scheduled::new(
            self.tenant.clone(),
            ScheduleId::new(format!("{}/{key}", self.world.number))?,
            Timestamp::MAX,
            "command",
            "Remind",
            Payload::of(&format!("of {}", self.tenant))?,
        ))
    }

    /// What is scheduled in this world.
    pub(super) async fn schedules_told(&self) -> Result<String, BoxError> {
        let world = format!("{}/", self.world.number);
        let (schedules, after) = (&self.ports.schedules, ScheduleId::new(world.as_str())?);
        let listed = schedules.scheduled(&self.tenant, Some(&after), 10).await?;
        let mut told = String::new();
        for one in listed {
            if let Some(key) = one.id.as_str().strip_prefix(&world) {
                let body: String = one.payload.read()?;
                let is_own = one.tenant == self.tenant && body == format!("of {}", self.tenant);
                told += &format!("{key}: {}, {is_own}\n", one.name);
            }
        }
        Ok(told)
    }

    pub(super) fn lock_key(&self) -> Result<LockKey, BoxError> {
        let name = format!("report-{}", self.world.number);
        Ok(LockKey::new(self.tenant.clone(), name)?)
    }

    pub(super) fn collection(&self) -> String {
        format!("things-{}", self.world.number)
    }

    /// All documents, by their places in the index.
    pub(super) fn documents_by_size(&self) -> DocumentQuery {
        DocumentQuery {
            collection: self.collection(),
            tenant: self.tenant.clone(),
            conditions: vec![IndexCondition {
                index: INDEX.to_owned(),
                range: IndexRange::NoneOf(Vec::new()),
            }],
            order: DocumentOrder {
                index: Some(INDEX.to_owned()),
                descending: true,
            },
            after: None,
            limit: 10,
        }
    }

    /// Subscriptions are the application's, not a tenant's: each tenant here has one of its own.
    pub(super) fn subscription(&self) -> String {
        format!("things-{}-of-{}", self.world.number, self.tenant)
    }

    /// A dead letter of the tenant's subscription: an event that failed once.
    pub(super) fn dead_letter(&self, key: &str, number: u64) -> Result<DeadLetter, BoxError> {
        Ok(DeadLetter {
            subscription: self.subscription(),
            position: GlobalPosition::new(number),
            stream: self.stream(key)?,
            version: StreamVersion::FIRST,
            event_id: self.world.ids[0],
            event_type: "Happened".to_owned(),
            attempts: 1,
            error: Some(format!("of {}", self.tenant)),
            parked_at: Timestamp::UNIX_EPOCH,
            failed_at: Some(Timestamp::UNIX_EPOCH),
            request: None,
        })
    }

    /// Keeps and settles dead letters with the tenant's checkpoint, which stays where it is.
    pub(super) async fn park(
        &self,
        parked: Vec<DeadLetter>,
        settled: Vec<GlobalPosition>,
    ) -> Result<(), BoxError> {
        let (checkpoints, subscription) = (&self.ports.checkpoints, self.subscription());
        let at = checkpoints.load_checkpoint(&subscription).await?;
        let moved = CheckpointMove {
            parked,
            settled,
            ..CheckpointMove::new(subscription, at, at)
        };
        Ok(checkpoints.move_checkpoint(moved).await?)
    }

    /// The event with this id of the world.
    pub(super) fn event(&self, id: usize) -> Result<EventData, BoxError> {
        let payload = Payload::of(&format!("of {}", self.tenant))?;
        let event = EventData::new("Happened", 1, payload).with_id(self.world.ids[id]);
        Ok(event.with_tags([self.tag()?]))
    }

    pub(super) async fn append(
        &self,
        append: Append,
    ) -> Result<Result<Appended, AppendError>, BoxError> {
        let outcome = self.ports.events.append(vec![append]).await.pop();
        outcome.ok_or_else(|| "an append without an outcome".into())
    }

    /// The read model that appends of this tenant write to.
    pub(super) fn followed(&self) -> String {
        format!("followed-{}@1+inline", self.world.number)
    }

    /// An event for a new stream, with a document.
    pub(super) fn followed_append(&self, key: &str) -> Result<Append, BoxError> {
        let stream = self.stream(key)?;
        let inline = InlineWrite {
            read_model: self.followed(),
            build: 0,
            stream: stream.clone(),
            from: StreamVersion::NONE,
            moves: true,
            indexes: Vec::new(),
            write: Some(DocumentWrite {
                tenant: self.tenant.clone(),
                key: stream.key().to_owned(),
                body: Some(Payload::of(&"followed")?),
                index_values: Vec::new(),
            }),
        };
        let event = EventData::new("Happened", 1, Payload::of(&"followed")?);
        let append = Append::new(stream, ExpectedVersion::NoStream, vec![event]);
        Ok(append.with_inline(vec![inline]))
    }

    /// Writes documents, from one version of the read model to the next.
    pub(super) async fn commit(
        &self,
        version: u64,
        documents: &[(&str, Option<&str>)],
    ) -> Result<(), BoxError> {
        let mut writes = Vec::new();
        for (key, body) in documents {
            writes.push(DocumentWrite {
                tenant: self.tenant.clone(),
                key: (*key).to_owned(),
                body: body.map(Payload::from_json_text).transpose()?,
                index_values: body.iter().map(IndexValue::encoded).collect(),
            });
        }
        let commit = ReadModelCommit {
            progress: Vec::new(),
            checkpoint: CheckpointMove::new(
                self.subscription() + "-documents",
                GlobalPosition::new(version),
                GlobalPosition::new(version + 1),
            ),
            collection: self.collection(),
            indexes: vec![INDEX.to_owned()],
            writes,
        };
        Ok(self.ports.read_models.commit(commit).await?)
    }
}
