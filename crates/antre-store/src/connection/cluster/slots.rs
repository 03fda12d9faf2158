//! The slots of a cluster: which one a key is in, and which server has it.

use redis::{RedisError, RedisResult, Value};

/// A part of the keys; a server has each of them whole, but while it hands one over.
pub(crate) type Slot = u16;

pub(super) const SLOTS: Slot = 16_384;

/// Where a node can be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

/// Slots that one server has, both ends included.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: Slot,
    pub(super) last: Slot,
    pub(super) owner: Address,
}

/// Returns the slot of a key, or of anything that begins like it: what stands in the first braces decides.
///
/// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags>
pub(crate) fn slot_of(key: &str) -> Slot {
    let tag = key
        .split_once('{')
        .and_then(|(_before, rest)| rest.split_once('}'))
        .map(|(tag, _behind)| tag)
        .filter(|tag| !tag.is_empty());
    crc16::State::<crc16::XMODEM>::calculate(tag.unwrap_or(key).as_bytes()) % SLOTS
}

impl Address {
    /// Reads `host:port`; a node leaves the host out when it is its own.
    pub(super) fn read(text: &str, own_host: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        Some(Self { host: known(host, own_host), port: port.parse().ok()? })
    }
}

/// Reads the reply to `CLUSTER SLOTS`. `own_host` is the host of the node that was asked.
pub(super) fn read(reply: Value, own_host: &str) -> RedisResult<Vec<Range>> {
    let fault = || -> RedisError {
        (redis::ErrorKind::UnexpectedReturnType, "CLUSTER SLOTS has another form").into()
    };
    let range = |value: Value| -> Option<Range> {
        let mut parts = items(value)?.into_iter();
        let (first, last) = (number(&parts.next()?)?, number(&parts.next()?)?);
        let mut owner = items(parts.next()?)?.into_iter();
        let host: Option<String> = redis::from_redis_value(owner.next()?).ok()?;
        let port = number(&owner.next()?)?;
        let host = known(&host.unwrap_or_default(), own_host);
        (first <= last && last < SLOTS).then_some(Range {
            first,
            last,
            owner: Address { host, port },
        })
    };
    let ranges = items(reply).ok_or_else(fault)?;
    ranges.into_iter().map(|value| range(value).ok_or_else(fault)).collect()
}

/// A node that does not know its own name says nothing, or `?`.
fn known(host: &str, own_host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host == "?" { own_host.to_owned() } else { host.to_owned() }
}

fn items(value: Value) -> Option<Vec<Value>> {
    if let Value::Array(items) = value { Some(items) } else { None }
}

fn number(value: &Value) -> Option<u16> {
    if let Value::Int(number) = value { u16::try_from(*number).ok() } else { None }
}

#[cfg(test)]
mod tests;
