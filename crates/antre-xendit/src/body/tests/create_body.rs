//! The body of the create call.

use super::{create_body, job_with};
use crate::body::notification::{Notify, Settings};
use crate::body::phone::Region;

const MARKER: &str = "default/1795413600000-0";
const DASHBOARD: Settings = Settings { notify: Notify::Dashboard, region: Region::Id };

fn body(invoice: &str, settings: Settings) -> (String, Vec<String>) {
    let (json, warnings) = create_body(&job_with(invoice, "").unwrap(), MARKER, settings);
    (json, warnings.into_iter().map(|warning| warning.code.into_owned()).collect())
}

#[test]
fn the_invoice_passes_as_it_is_with_the_marker_added() {
    let invoice =
        r#"{"amount":3.50e5,"zzz":[1.0, 2],"external_id":"I\u0041","items":[{"name":"x"}]}"#;
    let expected = concat!(
        r#"{"amount":3.50e5,"zzz":[1.0, 2],"external_id":"I\u0041","items":[{"name":"x"}],"#,
        r#""metadata":{"antre_job":"default/1795413600000-0"}}"#,
    );
    assert_eq!(body(invoice, DASHBOARD), (expected.to_owned(), vec!["unknown_field".to_owned()]));
}

#[test]
fn other_metadata_stays() {
    let invoice = r#"{"external_id":"I","amount":1,"metadata":{"a": [1], "b":"ü"},"x":1}"#;
    let expected = concat!(
        r#"{"external_id":"I","amount":1,"#,
        r#""metadata":{"a":[1],"b":"ü","antre_job":"default/1795413600000-0"},"x":1}"#,
    );
    assert_eq!(body(invoice, DASHBOARD).0, expected);
    let null = r#"{"external_id":"I","amount":1,"metadata":null}"#;
    assert!(
        body(null, DASHBOARD).0.ends_with(r#""metadata":{"antre_job":"default/1795413600000-0"}}"#)
    );
}

#[test]
fn a_foreign_marker_is_replaced_with_a_warning_and_our_own_without() {
    for (present, warnings) in
        [("\"mine\"", 1), ("7", 1), ("null", 1), ("\"default/1795413600000-0\"", 0)]
    {
        let invoice =
            format!(r#"{{"external_id":"I","amount":1,"metadata":{{"antre_job":{present}}}}}"#);
        let (json, codes) = body(&invoice, DASHBOARD);
        assert!(json.contains(r#"{"antre_job":"default/1795413600000-0"}"#), "{json}");
        assert_eq!(codes, vec!["marker_replaced"; warnings], "{present}");
    }
}

#[test]
fn channels_are_filled_and_wrong_addresses_left_out() {
    let invoice = concat!(
        r#"{"external_id":"I","amount":1,"#,
        r#""customer":{"given_names":"Sari","mobile_number":"0812-3456-7890","email":"-"}}"#,
    );
    let expected = concat!(
        r#"{"external_id":"I","amount":1,"#,
        r#""customer":{"given_names":"Sari","mobile_number":"+6281234567890"},"#,
        r#""metadata":{"antre_job":"default/1795413600000-0"},"#,
        r#""customer_notification_preference":{"invoice_created":["whatsapp"],"#,
        r#""invoice_reminder":["whatsapp"],"invoice_paid":["whatsapp"]}}"#,
    );
    let result = body(invoice, Settings::default());
    assert_eq!(result, (expected.to_owned(), vec!["email_left_out".to_owned()]));
}

#[test]
fn the_job_itself_keeps_what_was_written() {
    let invoice = r#"{"external_id":"I","amount":1,"payer_email":"-"}"#;
    let job = job_with(invoice, "").unwrap();
    let first = create_body(&job, MARKER, Settings::default());
    assert_eq!(create_body(&job, MARKER, Settings::default()), first);
    assert_eq!(job.body().get("payer_email"), Some("\"-\""));
    assert_eq!(job.body().get("customer"), None);
}
