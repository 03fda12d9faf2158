//! PROTOCOL.md's table of what a value may look like, through both doors: JSON, and a cell of a file.

use antre_producer::{CheckedJob, files};
use antre_xendit::body::{self, notification::Settings};

use crate::markdown::{code_words, document, rows, section};

/// Returns the job's JSON with this value in the field, and the path that messages name.
fn json_job(field: &str, value: &str) -> String {
    let with = |invoice: &str, more: &str| {
        format!(r#"{{"invoice":{{"external_id":"INV-1","amount":1{invoice}}}{more}}}"#)
    };
    match field {
        "amount" => format!(r#"{{"invoice":{{"external_id":"INV-1","amount":{value}}}}}"#),
        "external_id" => format!(r#"{{"invoice":{{"external_id":{value},"amount":1}}}}"#),
        "items.0.price" => with(&format!(r#","items":[{{"price":{value}}}]"#), ""),
        "fees.0.value" => with(&format!(r#","fees":[{{"value":{value}}}]"#), ""),
        "is_vip" => with("", &format!(r#","customer":{{"is_vip":{value}}}"#)),
        "max_retries" | "check_first" | "priority" | "run_at" | "batch" | "reference" => {
            with("", &format!(r#","{field}":{value}"#))
        }
        _ => with(&format!(r#","{field}":{value}"#), ""),
    }
}

/// Returns a file with one row and this cell.
fn file(field: &str, cell: &str) -> String {
    let cell = format!("\"{}\"", cell.replace('"', "\"\""));
    match field {
        "amount" => format!("external_id,amount\nINV-1,{cell}\n"),
        "external_id" => format!("external_id,amount\n{cell},1\n"),
        _ => format!("external_id,amount,{field}\nINV-1,1,{cell}\n"),
    }
}

/// Returns what a cell holds of a JSON value: the text of a text, everything else as it is written.
fn cell_of(value: &str) -> String {
    serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_owned())
}

#[test]
fn every_form_in_the_table_is_taken_or_refused_by_both_doors() {
    let text = document("PROTOCOL.md");
    let (mut faults, mut count) = (Vec::new(), 0);
    for row in rows(section(&text, "### What a value may look like")) {
        let [field, taken, refused] = row.as_slice() else { panic!("{row:?}") };
        let field = &code_words(field)[0];
        let forms = |cell: &str, is_taken| {
            code_words(cell).into_iter().map(move |form| (form, is_taken)).collect::<Vec<_>>()
        };
        for (form, is_taken) in [forms(taken, true), forms(refused, false)].concat() {
            count += 1;
            let json = CheckedJob::from_json(json_job(field, &form)).map(drop);
            if json.is_ok() != is_taken {
                faults.push(format!("JSON {field} {form}: {json:?}"));
            }
            let rows = files::read_all(file(field, &cell_of(&form)).as_bytes(), None).map(drop);
            if rows.is_ok() != is_taken {
                faults.push(format!("CSV {field} {form}: {rows:?}"));
            }
        }
    }
    assert!(count > 90, "the table has {count} forms");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_cell_and_a_text_become_the_same_job() {
    for (field, text) in [
        ("amount", "350000.00"),
        ("amount", "388500.00000000006"),
        ("invoice_duration", "86400"),
        ("should_send_email", "TRUE"),
        ("check_first", "ya"),
        ("is_vip", "1"),
        ("priority", "HIGH"),
        ("max_retries", "3.0"),
        ("run_at", "2026-12-01 08:00:00 +0700"),
    ] {
        let json = CheckedJob::from_json(json_job(field, &format!("\"{text}\""))).unwrap();
        let rows = files::read_all(file(field, text).as_bytes(), None).unwrap();
        let parsed = |job: &CheckedJob| body::parse(job.json()).unwrap();
        let (one, other) = (parsed(&json), parsed(&rows[0]));
        let body_of = |job: &antre_core::Job| body::create_body(job, "m", Settings::default()).0;
        let fields = |job: &antre_core::Job| {
            (job.bill.amount.clone(), job.priority, job.check_first, job.max_retries, job.run_at_ms)
        };
        assert_eq!(fields(&one), fields(&other), "{field}");
        if field != "amount" {
            assert_eq!(body_of(&one), body_of(&other), "{field}");
        }
    }
}
