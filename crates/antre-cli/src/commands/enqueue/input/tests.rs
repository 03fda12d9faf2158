use super::*;

#[test]
fn check_first_is_added_and_nothing_else_changes() {
    let job = r#"{"invoice":{"external_id":"INV-1","amount":350000.50}}"#;
    let job = checked_first(&CheckedJob::from_json(job).unwrap()).unwrap();
    let json = String::from_utf8(job.json().to_vec()).unwrap();
    assert_eq!(
        json,
        r#"{"check_first":true,"invoice":{"external_id":"INV-1","amount":350000.50}}"#
    );
}
