//! The reply to `XREAD`, as bytes: field names need not be text, and may occur twice.

use redis::Value;

use crate::intake::InboxEntry;

/// Fields and values of one entry at most, as `read_inbox` has it: a job has one of each.
const ITEMS_MAX: usize = 8;

/// Returns the first entry of each stream with the position of its inbox, or `None` if the reply has
/// another form.
pub(super) fn rings(
    reply: Value,
    inboxes: &[String],
    value_bytes_max: usize,
) -> Option<Vec<(usize, InboxEntry)>> {
    let mut rings = Vec::new();
    for (name, entries) in streams(reply)? {
        let name = bytes(name)?;
        let position = inboxes.iter().position(|inbox| inbox.as_bytes() == name)?;
        if let Some(entry) = items(entries)?.into_iter().next() {
            rings.push((position, cut_entry(entry, value_bytes_max)?));
        }
    }
    Some(rings)
}

/// RESP2 lists pairs, RESP3 has a map.
fn streams(reply: Value) -> Option<Vec<(Value, Value)>> {
    if reply == Value::Nil {
        return Some(Vec::new());
    }
    if let Value::Map(streams) = reply {
        return Some(streams);
    }
    items(reply)?.into_iter().map(pair).collect()
}

fn cut_entry(entry: Value, value_bytes_max: usize) -> Option<InboxEntry> {
    let (id, fields) = pair(entry)?;
    let id = String::from_utf8_lossy(&bytes(id)?).into_owned();
    let mut items = items(fields)?.into_iter().take(ITEMS_MAX).map(|item| {
        let mut item = bytes(item)?;
        item.truncate(value_bytes_max);
        Some(item)
    });
    let mut fields = Vec::new();
    while let (Some(field), Some(value)) = (items.next(), items.next()) {
        fields.push((field?, value?));
    }
    Some(InboxEntry { id, fields })
}

fn items(value: Value) -> Option<Vec<Value>> {
    if let Value::Array(items) = value { Some(items) } else { None }
}

fn pair(value: Value) -> Option<(Value, Value)> {
    let mut items = items(value)?.into_iter();
    Some((items.next()?, items.next()?))
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    if let Value::BulkString(bytes) = value { Some(bytes) } else { None }
}
