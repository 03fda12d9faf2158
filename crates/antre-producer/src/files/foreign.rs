//! Files that are something else than their name says, told by how they begin.

use super::{Format, RowFaults};

const SAVE_AS: &str = "open it in the spreadsheet program and save the sheet as CSV UTF-8";
const JSON_UNDER_CSV: &str =
    "the file holds JSON, not CSV; write one job per line and name the file .jsonl";
const NO_JSON: &str =
    "the file does not begin with {, so it is not JSON; name it .csv if it is a table";

/// What the first bytes say, and which file that is.
const BEGINNINGS: [(&[u8], &str); 18] = [
    (b"\xFF\xFE\0\0", UTF_32),
    (b"\0\0\xFE\xFF", UTF_32),
    (b"\xD0\xCF\x11\xE0", "an Excel workbook in the old form (xls), or one with a password"),
    (b"\x09\x08", OLD_EXCEL),
    (b"\x09\x04", OLD_EXCEL),
    (b"\x09\x02", OLD_EXCEL),
    (b"\x09\x00\x04", OLD_EXCEL),
    (b"ID;PWXL", SYLK),
    (b"ID;PSCALC", SYLK),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1F\x8B", "compressed (gzip)"),
    (b"BZh", "compressed (bzip2)"),
    (b"\xFD7zXZ", "compressed (xz)"),
    (b"\x28\xB5\x2F\xFD", "compressed (zstd)"),
    (b"7z\xBC\xAF", "compressed (7z)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
];
const UTF_16: &str = "UTF-16 without its byte order mark";
const UTF_32: &str = "UTF-32";
const OLD_EXCEL: &str = "an Excel workbook in a very old form";
const SYLK: &str = "a spreadsheet in the form SYLK (slk)";

/// Refuses a file that is neither JSON Lines nor CSV, or the other one of them than its name says.
pub(super) fn refuse(start: &[u8], named: Option<Format>) -> Result<(), RowFaults> {
    let fault = |message: String| Err(RowFaults::of_line(1, message));
    if let Some(what) = foreign(start) {
        let unpack = if what.starts_with("compressed") || what == ARCHIVE {
            "unpack it first, and see that CSV or JSON Lines are in it"
        } else if [UTF_16, UTF_32].contains(&what) {
            "save it as UTF-8"
        } else {
            SAVE_AS
        };
        return fault(format!("the file is {what}; {unpack}"));
    }
    let begins_like_json = Format::of_content(start) == Format::JsonLines;
    let is_blank = start.trim_ascii().is_empty();
    match named {
        Some(Format::Csv) if begins_like_json => fault(JSON_UNDER_CSV.to_owned()),
        Some(Format::JsonLines) if !begins_like_json && !is_blank => fault(NO_JSON.to_owned()),
        _ => Ok(()),
    }
}

fn foreign(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Some(archive(start));
    }
    if let Some((_, what)) = BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning)) {
        return Some(what);
    }
    let text = start.trim_ascii_start();
    let begins = |beginning: &str| {
        text.get(..beginning.len()).is_some_and(|it| it.eq_ignore_ascii_case(beginning.as_bytes()))
    };
    if begins("<?xml") || begins("<workbook") {
        return Some("XML, as some programs write it under the name .xls or .csv");
    }
    if begins("<") || begins("MIME-Version:") {
        return Some("a web page (HTML), as many programs write it under the name .xls or .csv");
    }
    // One zero byte in the first character.
    if matches!(start, [0, 1..=0xFF, ..] | [1..=0xFF, 0, ..]) {
        return Some(UTF_16);
    }
    // Single ones are left to the cells, whose faults name the line.
    let parts = start.split(|byte| *byte == 0).count();
    (parts * 4 > start.len() + 4).then_some("not a text file")
}

const ARCHIVE: &str = "an archive (zip)";

fn archive(start: &[u8]) -> &'static str {
    let has = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
    if has(b"opendocument.spreadsheet") {
        "an OpenDocument workbook (ods)"
    } else if has(b"[Content_Types].xml") || has(b"xl/") || has(b"_rels/") || has(b"docProps/") {
        "an Excel workbook (xlsx)"
    } else if has(b"Index/") && has(b".iwa") {
        "a Numbers document"
    } else {
        ARCHIVE
    }
}

#[cfg(test)]
mod tests;
