use super::{Form, Review, Settings, check};
use crate::files::{FileError, Remark};

fn review(text: &str) -> Review {
    check(text.as_bytes(), None, Settings::default()).unwrap()
}

fn faults(text: &str) -> Vec<String> {
    let FileError::Rows(faults) = check(text.as_bytes(), None, Settings::default()).unwrap_err()
    else {
        panic!("no faults of rows")
    };
    faults.first.iter().map(ToString::to_string).collect()
}

#[test]
fn the_workers_warnings_come_with_line_and_column() {
    let review = review(
        "external_id,amount,customer.mobile_number,customer.email\n\
         INV-1,5,081234567890,sari@example.com\n\
         INV-2,5,0812-3456-7890 / 0813-9999-8888,a@b\n",
    );
    let remarks: Vec<String> = review.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "line 3, column customer.mobile_number: warning: invoice.customer.mobile_number cannot be a \
             mobile number and was left out; no WhatsApp message is sent",
            "line 3, column customer.email: warning: invoice.customer.email cannot be an e-mail address \
             and was left out",
        ]
    );
    let codes: Vec<_> =
        review.remarks.iter().map(|it| it.warning().unwrap().code.as_ref()).collect();
    assert_eq!(codes, ["mobile_number_left_out", "email_left_out"]);
    assert!(review.remarks.iter().all(|remark| remark.position == 1));
    let bills: Vec<_> =
        review.bills.iter().map(|bill| (bill.external_id.as_str(), bill.line)).collect();
    assert_eq!(bills, [("INV-1", 2), ("INV-2", 3)]);
}

#[test]
fn warnings_about_entries_of_a_list_come_with_their_column() {
    let review = review("external_id,amount,items.0.price,items.1.qty\nINV-1,5,7,2\n");
    let remarks: Vec<String> = review.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(remarks[0].starts_with("line 2, column items.1.qty: warning: invoice.items[1].qty"));
    assert!(remarks[0].ends_with("did you mean invoice.items[1].quantity?"), "{remarks:?}");
    let found = faults("external_id,amount,items\nINV-1,5,\"[{\"\"price\"\":\"\"a\"\"}]\"\n");
    assert!(found[0].starts_with("line 2, column items: invoice.items[0].price"), "{found:?}");
}

#[test]
fn remarks_and_faults_inside_lists_name_their_column() {
    let columns = "external_id,amount,items.0.name,items.0.quantity,items.0.price,items.0.nam";
    let remarks =
        review(&format!("{columns},fees\nINV-1,5,a,1,5,b,\"[{{\"\"typ\"\":1}}]\"\n")).remarks;
    let found: Vec<_> = remarks.iter().map(|remark| remark.column.as_deref()).collect();
    assert_eq!(found, [Some("items.0.nam"), Some("fees")], "{remarks:#?}");
    let found = faults(&format!("{columns}\nINV-1,5,a,1,\"{{}}\",b\n"));
    assert!(found[0].starts_with("line 2, column items.0.price: "), "{found:?}");
}

#[test]
fn warnings_follow_the_accounts_settings() {
    let csv = "external_id,amount,customer.mobile_number\nINV-1,5,91234567\n";
    let of = |region: &str| {
        let settings = Settings { region: region.parse().unwrap(), ..Settings::default() };
        check(csv.as_bytes(), None, settings).unwrap().remarks.len()
    };
    assert_eq!((of("SG"), of("TH")), (0, 0));
    let csv = csv.replace("91234567", "9123456");
    let of = |region: &str| {
        let settings = Settings { region: region.parse().unwrap(), ..Settings::default() };
        check(csv.as_bytes(), None, settings).unwrap().remarks.len()
    };
    assert_eq!((of("SG"), of("ID")), (1, 0));
}

#[test]
fn two_rows_of_one_bill_are_a_fault_if_they_differ_and_a_note_if_not() {
    let found = faults("external_id,amount\nINV-1,5\nINV-2,5\nINV-1,6\nINV-2,5\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .starts_with("line 4, column external_id: invoice.external_id stands in line 2, too"),
        "{found:?}"
    );
    let review = review("external_id,amount\nINV-1,5\nINV-2,5\nINV-1,5\n");
    assert_eq!(review.bills.len(), 3);
    assert_eq!(review.remarks.len(), 1);
    assert_eq!((review.remarks[0].line, review.remarks[0].position), (4, 2));
    assert!(review.remarks[0].warning().is_none());
    assert!(review.remarks[0].to_string().starts_with("line 4: note: is the same as line 2"));
}

#[test]
fn json_of_one_bill_is_compared_by_its_values() {
    let one = r#"{"invoice":{"external_id":"INV-1","amount":5},"priority":"low"}"#;
    let same = r#"{ "priority": "low", "invoice":{"amount":5, "external_id":"INV-1"}}"#;
    let other = r#"{"invoice":{"external_id":"INV-1","amount":5},"priority":"high"}"#;
    assert_eq!(review(&format!("{one}\n{same}\n")).remarks[0].remark, Remark::RepeatOf(1));
    assert!(
        faults(&format!("{one}\n{other}\n"))[0]
            .starts_with("line 2: invoice.external_id stands in line 1")
    );
}

#[test]
fn the_form_of_the_file_is_told() {
    let form = |text: &str| review(text).form;
    let csv = |separator, has_byte_order_mark| Form::Csv { separator, has_byte_order_mark };
    assert_eq!(form("external_id,amount\nINV-1,5\n"), csv(b',', false));
    assert_eq!(form("\u{FEFF}external_id;amount\nINV-1;5\n"), csv(b';', true));
    assert_eq!(form("sep=|\nexternal_id|amount\nINV-1|5\n"), csv(b'|', false));
    assert_eq!(form(r#"{"invoice":{"external_id":"INV-1","amount":5}}"#), Form::JsonLines);
}
