mod random;

use std::path::Path;

use super::{Format, jobs, read_all};

#[test]
fn a_name_says_the_format() {
    for (name, format) in [
        ("a.csv", Some(Format::Csv)),
        ("a.CSV", Some(Format::Csv)),
        ("a.jsonl", Some(Format::JsonLines)),
        ("a.ndjson", Some(Format::JsonLines)),
        ("a.txt", None),
        ("-", None),
    ] {
        assert_eq!(Format::of_path(Path::new(name)), format, "{name}");
    }
}

#[test]
fn without_a_name_the_content_says_the_format() {
    let json = "\u{FEFF} {\"invoice\":{\"external_id\":\"INV-1\",\"amount\":1}}\n";
    let csv = "external_id,amount\nINV-1,1\nINV-2,1\n";
    assert_eq!(read_all(json.as_bytes(), None).unwrap().len(), 1);
    assert_eq!(read_all(csv.as_bytes(), None).unwrap().len(), 2);
    assert!(jobs(csv.as_bytes(), Some(Format::JsonLines)).next().unwrap().is_err());
}
