use std::io::{BufReader, Error, Read};

use crate::files::{FileError, Format, jobs, read_all};

const JOB: &str = r#"{"invoice":{"external_id":"INV-1","amount":350000.10},"priority":"high"}"#;

fn faults(lines: &str) -> Vec<String> {
    let FileError::Rows(faults) = read_all(lines.as_bytes(), Some(Format::JsonLines)).unwrap_err()
    else {
        panic!("no faults of rows")
    };
    faults.first.iter().map(ToString::to_string).collect()
}

#[test]
fn each_line_is_sent_as_it_is() {
    let lines = format!("\u{FEFF}{JOB}\r\n\r\n  {JOB}  \n{JOB}");
    let jobs = read_all(lines.as_bytes(), None).unwrap();
    assert_eq!(jobs.len(), 3);
    assert!(jobs.iter().all(|job| job.json() == JOB.as_bytes()));
}

#[test]
fn faults_name_the_line_and_the_field() {
    let lines =
        format!("{JOB}\n\n{{\"invoice\":{{\"external_id\":\"X\"}},\"batsh\":1}}\nnot json\n");
    let found = faults(&lines);
    assert!(found[0].starts_with("line 3: invoice.amount is missing"), "{found:?}");
    assert!(found[1].starts_with("line 3: batsh is not a field"), "{found:?}");
    assert!(found[2].starts_with("line 4: the line does not begin with {"), "{found:?}");
}

#[test]
fn what_is_wrong_with_json_is_said_of_the_files_line() {
    let found = faults(&format!("{JOB}\n{{\"invoice\":{{\"external_id\":NaN}}}}\n"));
    assert_eq!(found, ["line 2: job is not valid JSON: expected value at column 27"]);
}

#[test]
fn damaged_lines_are_named_as_what_they_are() {
    let found = |line: &[u8]| {
        let file = [JOB.as_bytes(), b"\n", line].concat();
        read_all(file.as_slice(), Some(Format::JsonLines)).unwrap_err().to_string()
    };
    assert!(found(&[0; 9]).contains("line 2: the line holds NUL bytes"));
    assert!(found(b"{\"a\0b\":1}").contains("line 2: the line holds NUL bytes"));
    assert!(
        found(b"{\"invoice\":\"Caf\xE9\"}")
            .contains("line 2: the line is not UTF-8 from byte 16 on")
    );
    for line in ["null", "5", "\"INV-1\"", "# bills", "---"] {
        assert!(
            found(line.as_bytes()).contains("line 2: the line does not begin with {"),
            "{line}"
        );
    }
}

#[test]
fn files_put_behind_each_other_are_read_although_each_has_its_mark() {
    let lines = format!("\u{FEFF}{JOB}\n\u{FEFF}{}\n", JOB.replace("INV-1", "INV-2"));
    assert_eq!(read_all(lines.as_bytes(), None).unwrap().len(), 2);
}

#[test]
fn a_line_that_is_too_long_is_one_fault_and_the_next_one_counts() {
    let long = "x".repeat(3 * 1024 * 1024);
    let found = faults(&format!("{{\"{long}\n{JOB}\nnot json\n"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], "line 1: the job is larger than 262144 bytes");
    assert!(found[1].starts_with("line 3: "));
}

#[test]
fn one_array_is_named_and_ends_the_file() {
    let found = faults(&format!("[\n{JOB},\n{JOB}\n]\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("one JSON array"));
}

#[test]
fn an_error_of_the_reader_ends_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(Error::other("disk on fire"))
        }
    }
    let reader = BufReader::new(JOB.as_bytes().chain(&b"\n"[..]).chain(Broken));
    let mut jobs = jobs(reader, None);
    assert!(jobs.next().unwrap().is_ok());
    assert!(matches!(jobs.next(), Some(Err(FileError::Io(_)))));
    assert!(jobs.next().is_none());
}

#[test]
fn every_system_ends_its_lines_in_its_own_way() {
    let lines = format!("{JOB}\r{JOB}\r\n\n{JOB}\r");
    assert_eq!(read_all(lines.as_bytes(), None).unwrap().len(), 3);
}

#[test]
fn json_over_several_lines_is_one_fault() {
    for text in [
        "{\n  \"invoice\": {\n    \"external_id\": \"X\"\n  }\n}\n{\n}\n",
        "{\"invoice\":\n\n {}}\n",
    ] {
        let found = faults(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("line 1: the JSON goes over several lines"), "{found:?}");
    }
}

#[test]
fn a_line_that_is_cut_off_or_holds_two_jobs_is_a_fault_of_its_own() {
    let found = faults(&format!("{{\"invoice\":{{\n{JOB}\n{JOB}{JOB}\n{JOB},\n{{\"invoice\":\n"));
    let starts = [
        "line 1: the JSON ends in the middle of the line",
        "line 3: more follows behind the JSON",
        "line 4: more follows behind the JSON",
        "line 5: the JSON ends in the middle of the line",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}");
    }
}
