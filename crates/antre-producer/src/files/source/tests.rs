use super::{Item, Source};

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
