use antre_producer::files::{Settings, check};

use super::*;

fn review(text: &str) -> Review {
    check(text.as_bytes(), None, Settings::default()).unwrap()
}

fn result(more: &str) -> JobResult {
    let json = format!(
        r#"{{"job":"2-0","state":"dead","external_id":"INV-1","warnings":[]{more},"is_bill_result":false}}"#
    );
    serde_json::from_str(&json).unwrap()
}

#[test]
fn a_column_that_xendit_does_not_know_is_said_once_and_hides_no_other_warning() {
    let rows: Vec<String> = (0..50).map(|row| format!("{row},INV-{row},5,{}", 40 + row)).collect();
    let columns = "No,external_id,amount,customer.mobile_number";
    let found = lines(&review(&format!("{columns}\n{}", rows.join("\n"))));
    assert!(
        found[0].starts_with("line 2, column No: ") && found[0].ends_with(" (so in 50 rows)"),
        "{found:#?}"
    );
    assert_eq!(found.len(), 51, "each row has its own number: {found:#?}");
    assert_eq!(counts(&review("No,external_id,amount\n1,a,5\n2,b,5\n")), ", 2 warnings");
}

#[test]
fn fields_inside_json_are_said_for_themselves() {
    let found = lines(&review(
        "external_id,amount,items\n\
         INV-1,5,\"[{\"\"name\"\":\"\"a\"\",\"\"quantity\"\":1,\"\"price\"\":5,\"\"x\"\":1},{\"\"name\"\":\"\"a\"\",\"\"quantity\"\":1,\"\"price\"\":5,\"\"y\"\":1}]\"\n",
    ));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("items[0].x") && found[1].contains("items[1].y"), "{found:#?}");
}

#[test]
fn the_result_of_a_job_that_has_not_the_bill_gets_its_own_warnings() {
    let review = review("external_id,amount,customer.email\nINV-1,5,a@b\n");
    let foreseen = Foreseen::of(&review.remarks);
    let completed = |mut result: JobResult| {
        foreseen.complete(0, &mut result);
        foreseen.complete(0, &mut result);
        result.warnings.len()
    };
    assert_eq!(completed(result(r#","bill_job":"1-0""#)), 1);
    assert_eq!(completed(result(r#","bill_job":"2-0""#)), 0, "the worker knows better");
}

#[test]
fn what_was_foreseen_is_not_said_again() {
    let review = review("external_id,amount,customer.email\nINV-1,5,a@b\n");
    let mut foreseen = Foreseen::of(&review.remarks);
    let mut result = result(r#","bill_job":"1-0""#);
    foreseen.complete(0, &mut result);
    assert!(foreseen.others(0, &result).is_empty());
    assert_eq!(foreseen.others(1, &result).len(), 1, "of another job it is news");
    for _ in 0..SHOWN_MAX {
        foreseen.others(1, &result);
    }
    assert!(foreseen.rest().unwrap().starts_with("and 1 more warning;"), "{:?}", foreseen.rest());
}
