//! Jobs that a Redis client has compressed or serialized by itself, told by how such bytes begin.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

use super::fault::{Fault, FaultCode};

/// Its usual alphabet, without padding; what a text ends with may have been cut.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// How the bytes of formats begin that are never the beginning of a JSON text.
const BEGINNINGS: [(&[u8], &str); 19] = [
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
    (b"\x5D\x00\x00", "LZMA"),
    (b"\xD9\xD9\xF7", "CBOR"),
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
    beginning(raw)
        .or_else(|| is_zlib(raw).then_some("zlib"))
        .or_else(|| is_pickle(raw).then_some("Python's pickle"))
        .or_else(|| is_php(raw).then_some("PHP's serialize"))
        .or_else(|| is_map(raw).then_some("MessagePack or CBOR"))
        .or_else(|| is_bson(raw).then_some("BSON"))
        .or_else(|| is_base64(raw).then_some("base64"))
        .or_else(|| is_hexadecimal(raw).then_some("hexadecimal"))
        .or_else(|| is_percent_encoded(raw).then_some("percent-encoding"))
        .or_else(|| is_binary(raw).then_some("no text"))
}

fn beginning(raw: &[u8]) -> Option<&'static str> {
    BEGINNINGS.iter().find(|(bytes, _)| raw.starts_with(bytes)).map(|(_, name)| *name)
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

/// `a:1:{`, `O:3:"Job":`, `s:7:"`, also with a class that serializes itself; `b:1;`, `i:5;`, `N;`.
fn is_php(raw: &[u8]) -> bool {
    let [kind, b':', rest @ ..] = raw else { return raw == b"N;" };
    let is_part = |byte: &&u8| byte.is_ascii_digit() || b"-.E".contains(byte);
    let length = rest.iter().take_while(is_part).count();
    let behind = rest.get(length..).unwrap_or_default();
    length > 0
        && match kind {
            b'a' | b'O' | b's' | b'C' | b'E' => matches!(behind, [b':', b'{' | b'"', ..]),
            b'b' | b'i' | b'd' => behind == b";",
            _ => false,
        }
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

/// Base64 of JSON, or of one of the formats; also as a data URI.
fn is_base64(raw: &[u8]) -> bool {
    let is_known = |bytes: &[u8]| {
        let is_json = bytes.trim_ascii_start().starts_with(b"{\"")
            || matches!(bytes, [b'{' | b'[', next, ..] if next.is_ascii_whitespace());
        is_json || beginning(bytes).is_some() || is_php(bytes)
    };
    raw.starts_with(b"data:") || base64_of(raw).is_some_and(|bytes| is_known(&bytes))
}

/// Returns the bytes that a text of base64 stands for, in both of its alphabets; nothing if it is another text.
pub(super) fn base64_of(raw: &[u8]) -> Option<Vec<u8>> {
    let is_data_uri = raw.starts_with(b"data:");
    let comma = raw.iter().position(|byte| is_data_uri && *byte == b',');
    let raw = raw.get(comma.map_or(0, |comma| comma + 1)..)?;
    let usual = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let kept = raw.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=');
    let mut kept: Vec<u8> = kept.map(usual).collect();
    // One character alone is less than a byte.
    kept.truncate(kept.len() - usize::from(kept.len() % 4 == 1));
    let bytes = BASE64.decode(kept).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// `7b22` is `{"`.
fn is_hexadecimal(raw: &[u8]) -> bool {
    (raw.starts_with(b"7b22") || raw.starts_with(b"7B22")) && raw.iter().all(u8::is_ascii_hexdigit)
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

/// UTF-16 and UTF-32 of JSON show themselves by a mark, or by zero bytes beside the first character.
pub(super) fn is_utf16(raw: &[u8]) -> bool {
    let is_first = |byte: u8| b"{[\" \t\r\n".contains(&byte);
    match raw {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [0, 0, 0, first, ..] | [0, first, ..] | [first, 0, ..] => is_first(*first),
        _ => false,
    }
}

/// Text with control characters, which does not begin as JSON does.
fn is_binary(raw: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    !begins_as_text(raw) && std::str::from_utf8(raw).is_ok() && raw.iter().any(is_control)
}

fn begins_as_text(raw: &[u8]) -> bool {
    match raw {
        // A mark of UTF-8.
        [0xEF, 0xBB, 0xBF, ..] => true,
        _ if is_utf16(raw) => true,
        _ => raw.trim_ascii_start().first().is_none_or(|first| b"{[\"'".contains(first)),
    }
}

#[cfg(test)]
mod tests;
