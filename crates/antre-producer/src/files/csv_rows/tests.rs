use crate::files::{FileError, Format, read_all};

fn json(csv: &str) -> Vec<String> {
    let jobs = read_all(csv.as_bytes(), Some(Format::Csv)).unwrap();
    jobs.iter().map(|job| String::from_utf8(job.json().to_vec()).unwrap()).collect()
}

fn faults(csv: impl AsRef<[u8]>) -> Vec<String> {
    let FileError::Rows(faults) = read_all(csv.as_ref(), Some(Format::Csv)).unwrap_err() else {
        panic!("no faults of rows")
    };
    faults.first.iter().map(ToString::to_string).collect()
}

#[test]
fn a_row_becomes_a_job() {
    let csv = "external_id,amount,customer.given_names,customer.mobile_number,priority,is_vip,items.0.name,items.0.price,metadata.area\n\
               INV-1,350000.50,\"Budi, \"\"B\"\"\",0812345,high,TRUE,Internet,350000.50,7\n";
    assert_eq!(
        json(csv),
        [concat!(
            r#"{"invoice":{"external_id":"INV-1","amount":350000.50,"#,
            r#""customer":{"given_names":"Budi, \"B\"","mobile_number":"0812345"},"#,
            r#""items":[{"name":"Internet","price":350000.50}],"metadata":{"area":"7"}},"#,
            r#""priority":"high","customer":{"is_vip":true}}"#,
        )]
    );
}

#[test]
fn an_empty_cell_is_an_absent_field_and_an_empty_row_no_job() {
    let csv = "external_id,amount,priority,items.0.name,items.1.name\nINV-1,5,,,Router\n,,,,\n\nINV-2,6, ,,\n";
    assert_eq!(
        json(csv),
        [
            r#"{"invoice":{"external_id":"INV-1","amount":5,"items":[{"name":"Router"}]}}"#,
            r#"{"invoice":{"external_id":"INV-2","amount":6}}"#,
        ]
    );
}

#[test]
fn files_of_spreadsheets_are_understood() {
    let expected = [r#"{"invoice":{"external_id":"INV-1","amount":5,"description":"a,b"}}"#];
    for csv in [
        "\u{FEFF}external_id;amount;description\r\nINV-1;5;a,b\r\n",
        "sep=;\r\nexternal_id;amount;description\r\nINV-1;5;a,b\r\n",
        "external_id\tamount\tdescription\nINV-1\t5\ta,b",
        "\nexternal_id ; amount ; description\nINV-1 ; 5 ; a,b\n",
        "external_id;amount;description;;\r\nINV-1;5;a,b;;\r\n;;;;\r\n",
    ] {
        assert_eq!(json(csv), expected, "{csv:?}");
    }
}

#[test]
fn faults_name_line_column_and_field_and_all_are_told() {
    let csv = "external_id,amount,customer.mobile_number,run_at\n\
               INV-1,\"350,5\",6.28E+12,tomorrow\n\
               \"INV\n2\",5,,\n\
               INV-3,0,,\n\
               ,5,,\n";
    let found = faults(csv);
    let expected = [
        "line 2, column amount: invoice.amount has a comma",
        "line 2, column customer.mobile_number: invoice.customer.mobile_number looks like",
        "line 3, column external_id: invoice.external_id holds a quotation mark or a line break",
        "line 5, column amount: invoice.amount must be greater than 0",
        "line 6, column external_id: invoice.external_id is missing",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
}

#[test]
fn only_the_first_faults_are_kept_and_all_are_counted() {
    let rows = "INV-1,0\n".repeat(1000);
    let error = read_all(format!("external_id,amount\n{rows}").as_bytes(), None).unwrap_err();
    let FileError::Rows(faults) = &error else { panic!("{error}") };
    assert_eq!((faults.first.len(), faults.count), (20, 1000));
    let text = error.to_string();
    assert!(
        text.starts_with("1000 faults, nothing was sent\nline 2") && text.ends_with("and 980 more")
    );
}

#[test]
fn faults_of_the_first_line_are_told_at_once_and_end_the_file() {
    let found = faults(
        "external_id,amount,amount,Priority,customer,customer.email,items.name,items,items.0.name\nx,y\n",
    );
    let expected = [
        "line 1, column amount: is there twice",
        "line 1, column Priority: is not a field; write priority",
        "line 1, column customer.email: is there twice, or contradicts",
        "line 1, column items.name: invoice.items is a list; number its entries, as in invoice.items.0.name",
        "line 1, column items.0.name: is there twice, or contradicts",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    let found = faults("external_id,jumlah\nINV-1,5\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("line 1: there is no column amount; each job needs it"));
    assert!(found[0].ends_with("Did you mean it by the column jumlah? Write amount"), "{found:?}");
    let found = faults("no_invoice,amount,customer.id\nINV-1,5,7\n");
    assert!(found[0].ends_with("the column no_invoice? Write external_id"), "{found:?}");
    assert!(!faults("external_id,zzz\nINV-1,5\n")[0].contains("Did you mean"));
    assert!(faults("")[0].contains("the file is empty"));
}

#[test]
fn cells_without_a_column_and_columns_without_a_cell_are_faults() {
    let found = faults(
        "external_id,amount,description,\nINV-1,5\nINV-2,5,text,more\nINV-3,5,a,b,\nINV-4,5,a,,\n",
    );
    for (found, expected) in found.iter().zip([
        "line 2: the row has 2 cells where the first line has 4",
        "line 3: cell 4 has no column name above it",
        "line 4: the row has 5 cells where the first line has 4",
        "line 5: the row has 5 cells where the first line has 4",
    ]) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    assert_eq!(found.len(), 4);
}

#[test]
fn other_encodings_are_named() {
    let found = faults(b"external_id,amount,description\nINV-1,5,Caf\xE9\n");
    assert_eq!(
        found,
        [
            "line 2, column description: invoice.description is not UTF-8; save the file as CSV UTF-8"
        ]
    );
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_found() {
    let rest = "INV-2,5\n".repeat(50_000);
    let found = faults(format!("external_id,amount\n\"INV-1,5\n{rest}"));
    assert!(
        found[0].starts_with("line 2, column external_id: the row is larger than"),
        "{found:?}"
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn no_fault_repeats_a_value() {
    let csv = "external_id,amount,customer.mobile_number,description,is_vip\n\
               Budi,Rp-secret,6.2812345E+12,{secret,secret\n";
    let found = faults(csv).join("\n");
    assert!(
        !found.contains("secret") && !found.contains("6.28") && !found.contains("Budi"),
        "{found}"
    );
}

#[test]
fn carriage_returns_alone_and_bars_are_understood() {
    let expected = [
        r#"{"invoice":{"external_id":"X/1","amount":1000}}"#,
        r#"{"invoice":{"external_id":"X/2","amount":1000}}"#,
    ];
    for csv in [
        "external_id,amount\rX/1,1000\rX/2,1000\r",
        "external_id|amount\nX/1|1000\r\n\r\rX/2|1000",
        "\"sep=|\"\nexternal_id|amount\nX/1|1000\nX/2|1000\n",
        ";;;\nexternal_id;amount\nX/1;=\"1000\"\n \u{A0};\nX/2; '1000 \n\u{1A}",
        "\texternal_id\tamount\n\tX/1\t1000\n\tX/2\t1000\n",
    ] {
        assert_eq!(json(csv), expected, "{csv:?}");
    }
}

#[test]
fn what_other_programs_made_of_the_first_line_is_said() {
    for (csv, why) in [
        ("\"external_id,amount\"\n\"INV-1,5\"\n", "a column name holds a separator"),
        ("external_id;amount,description\nINV-1;5,a\n", "a column name holds a separator"),
        ("sep=^\nexternal_id^amount\nINV-1^5\n", "names another separator"),
        ("\"external_id,amount\nINV-1,5\n", "a quotation mark in the line of column names"),
        ("external_id,amo\0unt\nINV-1,5\n", "NUL byte"),
        ("INV-1,350000\nINV-2,350000\n", "there is no column external_id"),
        ("Tagihan Desember;;\nexternal_id;amount;\n", "there is no column external_id"),
    ] {
        let found = faults(csv);
        assert!(found[0].starts_with("line 1: ") && found[0].contains(why), "{csv:?}: {found:?}");
    }
}

#[test]
fn a_mark_too_many_or_too_few_hides_no_row() {
    let header = "external_id,customer.given_names,amount,description\n";
    for (rows, line, column, why) in [
        ("INV-1,\"Budi,1000,a\nINV-2,\"Sari\",2000,b\n", 2, "customer.given_names", "in line 3"),
        ("INV-1,Budi\",1000,a\nINV-2,Sari,2000,b\n", 2, "customer.given_names", "in the middle"),
        ("INV-1,Budi,1000,\"a\nINV-2,Sari,2000,b\n", 2, "description", "is not closed"),
        ("INV-1,Budi,1000,\"a\nINV-2,Sari,2000,b\"\n", 2, "description", "other rows"),
        (
            "INV-1,Budi,1000,\"a\nINV-2,Sari,2000,\"\"\nINV-3,A,1,b\"",
            2,
            "description",
            "other rows",
        ),
        ("INV-1,TV 32\",1000,a\n", 2, "customer.given_names", "in the middle"),
        ("INV-1,\"Toko \\\"Maju\\\"\",1000,a\n", 2, "customer.given_names", "not written twice"),
    ] {
        let found = faults(format!("{header}{rows}"));
        let start = format!("line {line}, column {column}: ");
        assert!(found[0].starts_with(&start) && found[0].contains(why), "{rows:?}: {found:#?}");
    }
    let csv =
        format!("{header}INV-1,Budi,1000,\"Jl. Sudirman, Blok B,\r\nJakarta, Indonesia, 1\"\r\n");
    assert_eq!(json(&csv).len(), 1);
}

#[test]
fn totals_and_a_second_heading_are_no_jobs() {
    let found = faults(
        "external_id,amount,description\nINV-1,5,\nexternal_id,amount,description\nTOTAL,5,\n,5,Jumlah\n",
    );
    assert_eq!(found[0], "line 3: the line of column names stands here again; remove it");
    assert!(
        found[1].starts_with(
            "line 4, column external_id: invoice.external_id looks like a row of totals"
        )
    );
    assert!(found[2].starts_with("line 5, column external_id: invoice.external_id is missing"));
    assert_eq!(found.len(), 3);
}

#[test]
fn names_that_a_spreadsheet_cut_are_found_at_the_end() {
    let found = faults("external_id,amount\n3201234567890120,5\n3201234567891250,5\n");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with(
            "line 2, column external_id: invoice.external_id is a number of more than 15"
        ),
        "{found:?}"
    );
    assert_eq!(json("external_id,amount\n3201234567890120,5\n3201234567891257,5\n").len(), 2);
}

#[test]
fn a_misspelt_column_is_refused_as_json_refuses_it() {
    let found = faults("external_id,amount,priorty,job.refrence\nINV-1,5,high,x\n");
    assert_eq!(
        found,
        [
            "line 1, column priorty: is not a field of a job; did you mean priority? (a field of the \
             invoice is written invoice.priorty)",
            "line 1, column job.refrence: is not a field of a job; did you mean reference?",
        ]
    );
    assert_eq!(json("external_id,amount,invoice.priorty\nINV-1,5,high\n").len(), 1);
}
