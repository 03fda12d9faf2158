use crate::files::{FileError, Format, read_all};

#[track_caller]
fn assert_named(content: &[u8], what: &str) {
    for format in [None, Some(Format::Csv), Some(Format::JsonLines)] {
        let FileError::Rows(faults) = read_all(content, format).unwrap_err() else { panic!() };
        assert_eq!(faults.count, 1, "{faults}");
        let found = faults.first[0].to_string();
        assert!(
            found.starts_with("line 1: the file is ") && found.contains(what),
            "{format:?}: {found}"
        );
    }
}

#[test]
fn workbooks_pages_and_archives_are_named_under_every_name() {
    assert_named(
        b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\0\0\0\0\0[Content_Types].xml",
        "Excel workbook (xlsx)",
    );
    assert_named(
        b"PK\x03\x04\x14\0\0\x08\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "OpenDocument workbook (ods)",
    );
    assert_named(b"PK\x03\x04\x14\0\0\0\0\0Index/Document.iwa", "a Numbers document; open it");
    assert_named(b"PK\x03\x04\x14\0\0\0\0\0bills.csv", "an archive (zip); unpack it");
    assert_named(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "old form (xls)");
    assert_named(b"\x09\x08\x10\0\0\x06\x05\0", "very old form");
    assert_named(b"<html><body><table>", "a web page (HTML)");
    assert_named(b"\xEF\xBB\xBF\r\n <TABLE border=1>", "a web page (HTML)");
    assert_named(b"<?xml version=\"1.0\"?><Workbook>", "is XML");
    assert_named(b"MIME-Version: 1.0\r\n", "a web page");
    assert_named(b"ID;PWXL;N;E\r\n", "SYLK");
    assert_named(b"%PDF-1.7", "PDF");
    assert_named(b"\x1F\x8B\x08\0", "compressed (gzip); unpack it");
    assert_named(b"e\0x\0t\0", "UTF-16 without its byte order mark; save it as UTF-8");
    assert_named(b"\0e\0x\0t", "UTF-16 without");
    assert_named(b"\xFF\xFE\0\0e\0\0\0x\0\0\0", "UTF-32; save it as UTF-8");
    assert_named(b"\0\0\xFE\xFF\0\0\0e", "UTF-32");
    assert_named(&[0; 2000], "not a text file");
    assert_named(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08", "not a text file");
    let page: Vec<u8> = "\u{FEFF}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_named(&page, "a web page");
}

#[test]
fn csv_and_json_under_each_others_names_are_told_apart() {
    let fault =
        |content: &str, format| read_all(content.as_bytes(), Some(format)).unwrap_err().to_string();
    let json = "\u{FEFF}\n{\"invoice\":{}}\n";
    assert!(fault(json, Format::Csv).contains("holds JSON, not CSV"));
    assert!(fault("[\n{}]", Format::Csv).contains("holds JSON, not CSV"));
    let csv = "external_id,amount\nINV-1,5\n";
    assert!(fault(csv, Format::JsonLines).contains("name it .csv"));
}

#[test]
fn a_file_without_a_job_is_a_fault() {
    for content in
        ["", "\n\r\n", "\u{FEFF}", "external_id,amount", "external_id;amount\r\n;\r\n\r\n", " "]
    {
        for format in [None, Some(Format::Csv), Some(Format::JsonLines)] {
            let error = read_all(content.as_bytes(), format).unwrap_err().to_string();
            assert!(error.starts_with("1 fault"), "{content:?} {format:?}: {error}");
        }
    }
}
