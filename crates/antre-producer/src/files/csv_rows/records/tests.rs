use super::{Breach, Read, Record, Records};
use crate::files::source::Source;

type Found = Result<(u64, Vec<String>), (u64, usize, Breach)>;

/// Returns what each read yields: the line and the cells, or where it broke.
fn read(text: &str) -> Vec<Found> {
    let (source, _) = Source::open(text.as_bytes()).unwrap();
    let mut records = Records::new(source, b',', 40);
    let mut record = Record::default();
    let mut all = Vec::new();
    loop {
        all.push(match records.read(&mut record).unwrap() {
            Read::Row => {
                let text = |cell| String::from_utf8_lossy(cell).into_owned();
                Ok((record.line, record.cells().map(text).collect()))
            }
            Read::Broken(position, breach) => Err((record.line, position, breach)),
            Read::End => return all,
        });
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what a read yields")]
fn row(line: u64, cells: &[&str]) -> Found {
    let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    Found::Ok((line, cells))
}

#[test]
fn rows_are_read_as_every_program_writes_them() {
    for text in ["a,b\nc,\n", "a,b\rc,", "\"a\",b\r\n c,\"\"\r\n", "a, \"b\" \n=\"c\",=\"\""] {
        assert_eq!(read(text), [row(1, &["a", "b"]), row(2, &["c", ""])], "{text:?}");
    }
}

#[test]
fn marks_keep_separators_lines_and_doubled_marks() {
    let text = "\"a,\"\"b\"\"\r\nc\",d\n=\"0,\"\"1\",e\n\"=\"\"0812\"\"\",f";
    let expected =
        [row(1, &["a,\"b\"\r\nc", "d"]), row(3, &["0,\"1", "e"]), row(4, &["=\"0812\"", "f"])];
    assert_eq!(read(text), expected);
}

#[test]
fn marks_in_wrong_places_break_the_row_and_the_next_line_counts() {
    for (text, position, breach) in [
        ("a\"b,c\nd,e", 0, Breach::StrayMark),
        ("a,b\"\nd,e", 1, Breach::StrayMark),
        ("a,=b\"\nd,e", 1, Breach::StrayMark),
        ("a,\"b\"c\nd,e", 1, Breach::TextBehindMark(1)),
        ("a,\"b\" \"c\"\nd,e", 1, Breach::TextBehindMark(1)),
    ] {
        assert_eq!(read(text), [Err((1, position, breach)), row(2, &["d", "e"])], "{text:?}");
    }
    assert_eq!(read("a,\"b\n\"c\nd,e")[0], Err((1, 1, Breach::TextBehindMark(2))));
    assert_eq!(read("a,\"b\nd,e\n"), [Err((1, 1, Breach::NeverClosed))]);
}

#[test]
fn a_row_that_is_too_large_ends_where_its_end_is_certain() {
    let long = "x".repeat(100);
    assert_eq!(
        read(&format!("{long},b\nd,e")),
        [Err((1, 0, Breach::TooLarge)), row(2, &["d", "e"])]
    );
    assert_eq!(read(&format!("a,\"{long}\nd,e\n\"")), [Err((1, 1, Breach::TooLarge))]);
}
