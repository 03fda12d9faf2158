use super::*;

const RESULT: &str = r#"{"job":"1795413600000-0","state":"done","external_id":"INV,1","amount":350000,"invoice_url":"https://checkout.example/1"}"#;

fn written(name: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    let mut results = Results::create(Some(&path), Path::new("-")).unwrap();
    results.add(&serde_json::from_str(RESULT).unwrap());
    let summary = results.finish().unwrap();
    assert!(summary.are_all_done());
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn csv_results_are_quoted() {
    let text = written("links.csv");
    let row = text.lines().nth(1).unwrap();
    assert_eq!(row, r#""INV,1",done,https://checkout.example/1,,350000,,,,1795413600000-0,"#);
}

#[test]
fn other_results_are_one_json_object_a_line() {
    let text = written("links.jsonl");
    let result: JobResult = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(result.state, EndState::Done);
}

#[test]
fn results_stand_beside_the_file_in_its_form() {
    assert_eq!(beside(Path::new("a/december.csv")), Path::new("a/december.results.csv"));
    assert_eq!(beside(Path::new("bills.jsonl")), Path::new("bills.results.jsonl"));
    assert_eq!(beside(Path::new("-")), Path::new(NAME_DEFAULT));
}
