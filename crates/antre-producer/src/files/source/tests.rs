use super::{Item, Source};
use crate::files::{FileError, Format, read_all};

fn lines(text: &[u8]) -> Vec<(u64, String)> {
    let (mut source, _) = Source::open(text).unwrap();
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    loop {
        let number = source.line();
        if !source.read_line(&mut line, 5).unwrap() {
            return lines;
        }
        lines.push((number, String::from_utf8(line.clone()).unwrap()));
    }
}

#[test]
fn lines_end_as_every_system_ends_them() {
    let expected =
        [(1, "a".to_owned()), (2, "b".to_owned()), (3, String::new()), (4, "c".to_owned())];
    for text in ["a\nb\n\nc\n", "a\rb\r\rc", "a\r\nb\r\n\r\nc\r\n", "a\nb\r\r\nc\r"] {
        assert_eq!(lines(text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn byte_order_marks_are_skipped_and_what_is_too_long_is_left_out() {
    let (mut source, start) = Source::open(&b"\xEF\xBB\xBF\xEF\xBB\xBFab"[..]).unwrap();
    assert!(source.has_mark());
    assert_eq!(start, b"ab");
    assert_eq!(source.next().unwrap(), Some(Item::Byte(b'a')));
    assert_eq!(lines(b"abcdefgh\nx"), [(1, "abcde".to_owned()), (2, "x".to_owned())]);
    assert_eq!(lines(b""), []);
}

/// Returns the text with its mark, as Windows (first) and others write it.
fn utf_16(text: &str) -> [Vec<u8>; 2] {
    let units = || std::iter::once(0xFEFF).chain(text.encode_utf16());
    [units().flat_map(u16::to_le_bytes).collect(), units().flat_map(u16::to_be_bytes).collect()]
}

/// Returns what a file with the content holds: its jobs, or its faults.
fn read(content: &[u8], format: Option<Format>) -> Result<Vec<String>, String> {
    match read_all(content, format) {
        Ok(jobs) => {
            Ok(jobs.iter().map(|job| String::from_utf8(job.json().to_vec()).unwrap()).collect())
        }
        Err(FileError::Rows(faults)) => Err(faults.to_string()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn utf_16_with_a_mark_reads_as_the_same_file_in_utf_8() {
    // Characters of all lengths in UTF-8, and more than what is looked at in the beginning.
    let rows = (1..300).map(|row| format!("INV-{row}\t{row}\tSiti “Ayu” é 😀"));
    let lines: Vec<String> =
        std::iter::once("external_id\tamount\tdescription".to_owned()).chain(rows).collect();
    let table = lines.join("\r\n");
    let lines =
        "{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":5,\"description\":\"é😀\"}}\r\n\r\n";
    for (text, named) in [(table.as_str(), Format::Csv), (lines, Format::JsonLines)] {
        let expected = read(text.as_bytes(), None);
        assert!(expected.is_ok(), "{expected:?}");
        for content in utf_16(text) {
            assert_eq!(read(&content, None), expected);
            assert_eq!(read(&content, Some(named)), expected);
        }
    }
}

#[test]
fn half_a_character_of_utf_16_is_a_fault_where_it_stands() {
    let text = "external_id,amount,description\nINV-1,5,a\nINV-2,5,b?\nINV-3,5,😀\n";
    for (content, unit) in utf_16(text).iter().zip([u16::to_le_bytes, u16::to_be_bytes]) {
        let place = content.windows(2).position(|two| two == unit(u16::from(b'?'))).unwrap();
        for lone in [0xD800, 0xDBFF, 0xDC00, 0xDFFF] {
            let mut content = content.clone();
            content.splice(place..place + 2, unit(lone));
            let fault = read(&content, None).unwrap_err();
            assert!(
                fault.starts_with("1 fault,") && fault.contains("line 3, column description: "),
                "{lone:X}: {fault}"
            );
        }
    }
}

#[test]
fn utf_16_that_was_cut_off_anywhere_is_a_fault_or_lacks_no_more_than_an_end_of_line() {
    let lines = "{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":5,\"description\":\"😀\"}}\n";
    for content in utf_16(lines) {
        for end in 0..content.len() - 2 {
            assert!(read(&content[..end], Some(Format::JsonLines)).is_err(), "{end}");
        }
        assert!(read(&content[..content.len() - 2], None).is_ok());
    }
}
