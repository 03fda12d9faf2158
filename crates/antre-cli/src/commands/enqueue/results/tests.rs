use super::*;

const CSV: Form = Form::Csv { separator: b';', has_byte_order_mark: true };

fn result(number: usize, more: &str) -> JobResult {
    let json = format!(
        r#"{{"job":"179541360000{number}-0","state":"done","external_id":"INV;{number}","amount":350000,"invoice_url":"https://checkout.example/{number}"{more}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

/// Returns what a file of this name holds after results that came in this order.
fn written(name: &str, form: Form, order: &[usize]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    let mut results = Results::create(Some(&path), Path::new("-"), form).unwrap();
    results.begin().unwrap();
    for number in order {
        results.add(*number, &result(*number, ""));
    }
    let summary = results.finish().unwrap();
    assert!(summary.are_all_done());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_table_of_results_is_written_like_the_input() {
    let text = written("links.csv", CSV, &[1]);
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("\u{FEFF}external_id;state;invoice_url;"), "{text}");
    let row = r#""INV;1";done;https://checkout.example/1;;350000;;;;1795413600001-0;;"#;
    assert_eq!(lines.next().unwrap(), row);
    let text = written("links.csv", Form::JsonLines, &[1]);
    assert!(text.starts_with("external_id,state,"), "{text}");
    assert!(written("links.tsv", Form::JsonLines, &[1]).starts_with("external_id\tstate\t"));
}

#[test]
fn a_table_with_tabs_is_what_its_name_says() {
    let text = written("links.tsv", CSV, &[1]);
    assert!(text.starts_with("\u{FEFF}external_id\tstate\t"), "{text}");
}

#[test]
fn what_an_earlier_run_wrote_stays_until_the_jobs_are_sent() {
    let directory = tempfile::tempdir().unwrap();
    for (name, heading) in [("links.csv", "external_id,state,"), ("links.jsonl", "")] {
        let path = directory.path().join(name);
        let read = || std::fs::read_to_string(&path).unwrap();
        let earlier = "earlier results\n".repeat(20);
        std::fs::write(&path, &earlier).unwrap();
        let mut results = Results::create(Some(&path), Path::new("-"), Form::JsonLines).unwrap();
        assert_eq!(read(), earlier);
        results.begin().unwrap();
        results.add(1, &result(1, ""));
        results.add(0, &result(0, ""));
        results.finish().unwrap();
        let text = read();
        assert!(text.starts_with(heading) && !text.contains("earlier"), "{text}");
        assert_eq!(text.matches("INV;").count(), 2, "{text}");
    }
}

#[test]
fn other_results_are_one_json_object_a_line() {
    let text = written("links.jsonl", CSV, &[1]);
    let result: JobResult = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(result.state, EndState::Done);
}

#[test]
fn results_stand_in_the_order_of_the_input_in_whichever_they_came() {
    for name in ["links.csv", "links.jsonl"] {
        let ordered = written(name, CSV, &[0, 1, 2, 3]);
        for order in [[3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
            assert_eq!(written(name, CSV, &order), ordered, "{order:?}");
        }
    }
    let some = written("links.csv", CSV, &[7, 2, 5]);
    let names: Vec<&str> = some.lines().skip(1).filter_map(|line| line.get(..7)).collect();
    assert_eq!(names, ["\"INV;2\"", "\"INV;5\"", "\"INV;7\""]);
}

#[test]
fn warnings_are_in_the_table_in_the_json_and_in_the_summary() {
    let warnings = r#","warnings":[{"code":"a","field":"invoice.x","message":"was left out"},{"code":"b","field":null,"message":"something else"}]"#;
    for (name, wanted) in [
        ("links.csv", ";invoice.x was left out; something else"),
        ("links.jsonl", r#""message":"something else""#),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        let form = Form::Csv { separator: b'|', has_byte_order_mark: false };
        let mut results = Results::create(Some(&path), Path::new("-"), form).unwrap();
        results.add(0, &result(0, warnings));
        let summary = results.finish().unwrap().to_string();
        assert!(
            summary.starts_with("1 done, 0 dead, 0 cancelled, 2 warnings; results in "),
            "{summary}"
        );
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&wanted.replace(";invoice", "|invoice")), "{text}");
    }
}

#[test]
fn results_stand_beside_the_file_in_its_form() {
    for (input, form, path) in [
        ("a/december.csv", CSV, "a/december.results.csv"),
        ("december.CSV", CSV, "december.results.csv"),
        ("december.tsv", CSV, "december.results.tsv"),
        ("december.txt", CSV, "december.results.csv"),
        ("bills.jsonl", Form::JsonLines, "bills.results.jsonl"),
        ("-", Form::JsonLines, "antre.results.jsonl"),
        ("-", CSV, "antre.results.csv"),
    ] {
        assert_eq!(form::beside(Path::new(input), form), Path::new(path));
    }
}
