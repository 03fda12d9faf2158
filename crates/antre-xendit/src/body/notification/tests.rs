use antre_core::raw_object::RawObject;
use proptest::prelude::*;

use super::{Notify, Settings, clean};
use crate::body::phone::Region;

/// Returns the cleaned invoice and the codes of the warnings.
fn cleaned(invoice: &str, notify: Notify) -> (String, Vec<String>) {
    let mut object = RawObject::parse(invoice).unwrap();
    let warnings = clean(&mut object, Settings { notify, region: Region::Id });
    let codes = warnings.into_iter().map(|warning| warning.code.into_owned()).collect();
    (object.to_json(), codes)
}

fn preference(channels: &str) -> String {
    format!(
        concat!(
            r#""customer_notification_preference":{{"invoice_created":[{0}],"#,
            r#""invoice_reminder":[{0}],"invoice_paid":[{0}]}}"#
        ),
        channels
    )
}

#[test]
fn the_channels_whose_address_is_there_are_asked_for() {
    for (customer, channels) in [
        (r#"{"mobile_number":"+6281234567890"}"#, r#""whatsapp""#),
        (r#"{"email":"sari@example.com"}"#, r#""email""#),
        (
            r#"{"email":"sari@example.com","mobile_number":"+6281234567890"}"#,
            r#""whatsapp","email""#,
        ),
    ] {
        let (json, warnings) = cleaned(&format!(r#"{{"customer":{customer}}}"#), Notify::Available);
        assert_eq!(json, format!(r#"{{"customer":{customer},{}}}"#, preference(channels)));
        assert!(warnings.is_empty());
    }
    let (json, _) = cleaned(r#"{"payer_email":"sari@example.com"}"#, Notify::Available);
    assert!(json.ends_with(&format!("{}}}", preference(r#""email""#))), "{json}");
}

#[test]
fn without_an_address_nothing_is_added() {
    for invoice in [
        r#"{"amount":1}"#,
        r#"{"customer":{}}"#,
        r#"{"customer":null}"#,
        r#"{"customer":"Sari"}"#,
        r#"{"customer":{"mobile_number":null,"email":null},"payer_email":null}"#,
        r#"{"payer_email":"sari@example.com","should_send_email":false}"#,
    ] {
        assert_eq!(cleaned(invoice, Notify::Available), (invoice.to_owned(), Vec::new()));
    }
}

#[test]
fn a_preference_that_is_given_is_left_alone() {
    for preference in ["{}", "null", "[]", r#"{"invoice_created":[]}"#, r#"{ "x": ["sms"] }"#] {
        let invoice = format!(
            r#"{{"customer":{{"mobile_number":"+6281234567890"}},"customer_notification_preference":{preference}}}"#
        );
        assert_eq!(cleaned(&invoice, Notify::Available).0, invoice);
    }
}

#[test]
fn dashboard_adds_nothing_and_still_mends_numbers() {
    let (json, _) =
        cleaned(r#"{"customer":{"mobile_number":"0812-3456-7890"}}"#, Notify::Dashboard);
    assert_eq!(json, r#"{"customer":{"mobile_number":"+6281234567890"}}"#);
}

#[test]
fn numbers_become_e164_in_their_place() {
    for number in [r#""081234567890""#, r#""6281234567890""#, "81234567890", "6281234567890"] {
        let invoice = format!(
            r#"{{"customer":{{"a": 1,"mobile_number":{number},"phone_number":{number},"b":2}}}}"#
        );
        let expected = r#"{"customer":{"a":1,"mobile_number":"+6281234567890","phone_number":"+6281234567890","b":2}}"#;
        assert_eq!(cleaned(&invoice, Notify::Dashboard).0, expected, "{number}");
    }
}

#[test]
fn what_cannot_be_an_address_is_left_out_with_a_warning() {
    let invoice = r#"{"customer":{"given_names":"Sari","mobile_number":"ext 4","phone_number":{},"email":"sari@"},"payer_email":true}"#;
    let (json, warnings) = cleaned(invoice, Notify::Available);
    assert_eq!(json, r#"{"customer":{"given_names":"Sari"}}"#);
    assert_eq!(
        warnings,
        [
            "mobile_number_left_out",
            "phone_number_left_out",
            "email_left_out",
            "payer_email_left_out"
        ]
    );
}

#[test]
fn blank_addresses_are_left_out_quietly() {
    let (json, warnings) = cleaned(
        r#"{"customer":{"mobile_number":" ","email":""},"payer_email":" "}"#,
        Notify::Available,
    );
    assert_eq!((json.as_str(), warnings.len()), (r#"{"customer":{}}"#, 0));
}

#[test]
fn a_valid_payer_email_stands_in_for_an_invalid_one() {
    let (json, warnings) = cleaned(
        r#"{"customer":{"email":"-"},"payer_email":" sari@example.com "}"#,
        Notify::Available,
    );
    let expected = preference(r#""email""#);
    assert_eq!(json, format!(r#"{{"customer":{{}},"payer_email":"sari@example.com",{expected}}}"#));
    assert_eq!(warnings, ["email_left_out"]);
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing_more(mobile in ".{0,20}", email in ".{0,20}") {
        let invoice = serde_json::json!({"customer": {"mobile_number": mobile, "email": email}});
        let (once, _) = cleaned(&invoice.to_string(), Notify::Available);
        prop_assert_eq!(cleaned(&once, Notify::Available), (once, Vec::new()));
    }
}

#[test]
fn each_choice_survives_its_word() {
    for choice in [Notify::Available, Notify::Dashboard] {
        assert_eq!(choice.to_string().parse(), Ok(choice));
    }
    assert!("whatsapp".parse::<Notify>().is_err());
}
