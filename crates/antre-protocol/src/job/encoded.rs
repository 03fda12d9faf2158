//! Jobs that a Redis client has compressed or serialized by itself, told by how such bytes begin.

use super::fault::{Fault, FaultCode};

/// How the bytes of formats begin that are never the beginning of a JSON text.
const BEGINNINGS: [(&[u8], &str); 17] = [
    (b"\x1F\x8B", "gzip"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"\x04\x22\x4D\x18", "lz4"),
    (b"\xFF\x06\x00\x00sNaPpY", "snappy"),
    (b"\xFD7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"\x00\x00\x00\x01", "igbinary"),
    (b"\x00\x00\x00\x02", "igbinary"),
    (b"\xAC\xED\x00\x05", "Java's serialization"),
    (b"\x00\x01\x00\x00\x00\xFF\xFF\xFF\xFF", ".NET's serialization"),
    (b"\x04\x08", "Ruby's Marshal"),
    (b"\x83h", "Erlang's term format"),
    (b"\x83t", "Erlang's term format"),
    (b"Obj\x01", "Avro"),
    (b":)\n", "Smile"),
    (b"[object ", "JavaScript's String()"),
];

/// Returns the fault of a text that a client's options, or a forgotten step, have made of a job.
pub(super) fn fault(raw: &[u8]) -> Option<Fault> {
    let format = format_of(raw)?;
    let what = format!(
        "is compressed or serialized by the client's Redis options ({format}); send plain JSON: switch off \
         the client's serializer and compression, and encode the job as JSON once"
    );
    Some(Fault::of_job(FaultCode::Encoded, what))
}

/// Returns what the bytes seem to be; nothing for text that may have been meant as JSON.
fn format_of(raw: &[u8]) -> Option<&'static str> {
    let beginning =
        BEGINNINGS.iter().find(|(bytes, _)| raw.starts_with(bytes)).map(|(_, name)| *name);
    beginning
        .or_else(|| is_zlib(raw).then_some("zlib"))
        .or_else(|| is_pickle(raw).then_some("Python's pickle"))
        .or_else(|| is_php(raw).then_some("PHP's serialize"))
        .or_else(|| is_map(raw).then_some("MessagePack or CBOR"))
        .or_else(|| is_bson(raw).then_some("BSON"))
        .or_else(|| is_base64(raw).then_some("base64"))
        .or_else(|| is_percent_encoded(raw).then_some("percent-encoding"))
        .or_else(|| is_binary(raw).then_some("no text"))
}

/// RFC 1950: the first two bytes are a multiple of 31, the method is 8.
fn is_zlib(raw: &[u8]) -> bool {
    matches!(raw, [first, second, _, ..]
        if first & 0x0F == 8
            && first >> 4 <= 7
            && (u16::from(*first) * 256 + u16::from(*second)) % 31 == 0
            && !raw.is_ascii())
}

fn is_pickle(raw: &[u8]) -> bool {
    matches!(raw, [0x80, 2..=5, ..]) || raw.starts_with(b"(dp") || raw.starts_with(b"(lp")
}

/// `a:1:{`, `O:3:"Job":`, `s:7:"`, also with a class that serializes itself.
fn is_php(raw: &[u8]) -> bool {
    let [kind, b':', rest @ ..] = raw else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    b"aOsCE".contains(kind)
        && digits > 0
        && matches!(rest.get(digits..), Some([b':', b'{' | b'"', ..]))
}

/// A map whose first key is a text, in `MessagePack` (0x80, 0xDE) or CBOR (0xA0).
fn is_map(raw: &[u8]) -> bool {
    let is_short_text = |byte: u8| (0xA1..=0xBF).contains(&byte) || byte == 0xD9;
    match raw {
        [0x81..=0x8F, key, ..] | [0xDE, _, _, key, ..] | [0xDF, _, _, _, _, key, ..] => {
            is_short_text(*key)
        }
        [0xA1..=0xBF, key, ..] => (0x61..=0x7B).contains(key),
        _ => false,
    }
}

/// Begins with its own length and ends with a zero.
fn is_bson(raw: &[u8]) -> bool {
    let [a, b, c, d, ..] = raw else { return false };
    let length = u32::from_le_bytes([*a, *b, *c, *d]);
    u32::try_from(raw.len()) == Ok(length) && raw.last() == Some(&0)
}

/// `eyJ` is how `{"` begins.
fn is_base64(raw: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(byte);
    raw.starts_with(b"eyJ") && raw.iter().all(is_letter)
}

fn is_percent_encoded(raw: &[u8]) -> bool {
    raw.starts_with(b"%7B%22") || raw.starts_with(b"%7b%22")
}

/// Returns what bytes may be that are no text and do not begin as JSON does: compressed without a sign of its own
/// (LZF, LZ4 and Snappy without a frame, Brotli), or encrypted.
pub(super) fn hint(raw: &[u8]) -> &'static str {
    if begins_as_text(raw) {
        ""
    } else {
        "perhaps it is compressed or serialized by the client's Redis options; send plain JSON, and "
    }
}

/// Text with control characters, which does not begin as JSON does.
fn is_binary(raw: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    !begins_as_text(raw) && std::str::from_utf8(raw).is_ok() && raw.iter().any(is_control)
}

fn begins_as_text(raw: &[u8]) -> bool {
    match raw {
        // UTF-16 and UTF-32 of JSON, with and without their marks, and a mark of UTF-8.
        [0xFF, 0xFE, ..]
        | [0xFE, 0xFF, ..]
        | [0xEF, 0xBB, 0xBF, ..]
        | [0, b'{' | b'[', ..]
        | [0, 0, _, b'{' | b'[', ..] => true,
        _ => raw.trim_ascii_start().first().is_none_or(|first| b"{[\"'".contains(first)),
    }
}

#[cfg(test)]
mod tests;
