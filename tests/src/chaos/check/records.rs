//! What Redis holds in the end, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use antre_store::status::Status;
use redis::Value;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamRangeReply;

use super::Evidence;

const PORTION: usize = 500;

/// One entry of the stream of ends.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) state: String,
    pub(super) invoice_id: String,
}

/// A job's record.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(HashMap<String, String>);

impl Record {
    pub(super) fn text(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    pub(super) fn number(&self, field: &str) -> u64 {
        self.text(field).parse().unwrap_or_default()
    }

    pub(super) fn is_duplicate(&self) -> bool {
        !self.text("duplicate_of").is_empty()
    }

    pub(super) fn is(&self, state: &str) -> bool {
        self.text("state") == state
    }
}

/// What Redis holds in the end.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) status: Status,
    /// Records by job id, of everything that was submitted or ended.
    pub(super) jobs: BTreeMap<String, Record>,
    /// Ends by job id, oldest first.
    pub(super) ends: HashMap<String, Vec<End>>,
    /// Batches by name.
    pub(super) batches: BTreeMap<String, HashMap<String, u64>>,
}

impl Records {
    pub(super) async fn read(
        evidence: &Evidence<'_>,
        connection: &mut MultiplexedConnection,
    ) -> anyhow::Result<Self> {
        let keys = evidence.queue.keys();
        let status = evidence.queue.status().await?;
        let ends = read_ends(&keys.named("ended"), connection).await?;
        let submitted = evidence.submitted.iter().map(|it| it.id.clone());
        let ids: BTreeSet<String> = submitted.chain(ends.keys().cloned()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let mut jobs = BTreeMap::new();
        for portion in ids.chunks(PORTION) {
            let mut pipeline = redis::pipe();
            for id in portion {
                pipeline.cmd("HGETALL").arg(keys.meta(id));
                pipeline.cmd("LINDEX").arg(keys.result(id)).arg(0);
            }
            let replies: Vec<Value> = pipeline.query_async(connection).await?;
            for (id, pair) in portion.iter().zip(replies.chunks(2)) {
                let mut record: HashMap<String, String> = redis::from_redis_value(pair[0].clone())?;
                let result: Option<String> = redis::from_redis_value(pair[1].clone())?;
                // Read as a field, although it has a key of its own.
                record.extend(result.map(|result| ("result".to_owned(), result)));
                jobs.insert(id.clone(), Record(record));
            }
        }
        let names: BTreeSet<&str> = evidence.submitted.iter().map(|it| it.bill.batch).collect();
        let mut batches = BTreeMap::new();
        for name in names {
            let figures =
                redis::cmd("HGETALL").arg(keys.batch(name)).query_async(connection).await?;
            batches.insert(name.to_owned(), figures);
        }
        Ok(Self { status, jobs, ends, batches })
    }

    /// Returns the records that exist.
    pub(super) fn present(&self) -> impl Iterator<Item = (&String, &Record)> {
        self.jobs.iter().filter(|(_, record)| record.0.contains_key("state"))
    }
}

async fn read_ends(
    stream: &str,
    connection: &mut MultiplexedConnection,
) -> anyhow::Result<HashMap<String, Vec<End>>> {
    let mut ends: HashMap<String, Vec<End>> = HashMap::new();
    let mut after = "-".to_owned();
    loop {
        let reply: StreamRangeReply = redis::cmd("XRANGE")
            .arg(stream)
            .arg(&after)
            .arg("+")
            .arg("COUNT")
            .arg(PORTION)
            .query_async(connection)
            .await?;
        let Some(last) = reply.ids.last() else { return Ok(ends) };
        after = format!("({}", last.id);
        for entry in reply.ids {
            let text = |field: &str| {
                let value: Option<Value> = entry.map.get(field).cloned();
                value.and_then(|it| redis::from_redis_value::<String>(it).ok()).unwrap_or_default()
            };
            let end = End { state: text("state"), invoice_id: text("invoice_id") };
            ends.entry(text("job")).or_default().push(end);
        }
    }
}
