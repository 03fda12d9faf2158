use super::{create_body, job_with};
use crate::body::notification::Settings;

/// Returns the warnings about unknown fields, as `field: message`.
fn warned(invoice: &str, further: &str) -> Vec<String> {
    let invoice = format!(r#"{{"external_id":"INV-1","amount":1{invoice}}}"#);
    let (_, warnings) =
        create_body(&job_with(&invoice, further).unwrap(), "m", Settings::default());
    let unknown = warnings.into_iter().filter(|one| one.code == "unknown_field");
    unknown.map(|one| format!("{}: {}", one.field.unwrap(), one.message)).collect()
}

#[test]
fn a_field_that_is_not_xendits_is_told_with_the_nearest_at_every_depth() {
    for (invoice, field, meant) in [
        (r#","payerEmail":"a@b.id""#, "invoice.payerEmail", "invoice.payer_email"),
        (r#","invoiceDuration":1"#, "invoice.invoiceDuration", "invoice.invoice_duration"),
        (r#","shouldSendEmail":true"#, "invoice.shouldSendEmail", "invoice.should_send_email"),
        (r#","name":"Sari""#, "invoice.name", "invoice.customer.given_names"),
        (r#","phone":"0812""#, "invoice.phone", "invoice.customer.mobile_number"),
        (r#","email":"a@b.id""#, "invoice.email", "invoice.customer.email"),
        (
            r#","customer":{"mobileNumber":"0812"}"#,
            "invoice.customer.mobileNumber",
            "invoice.customer.mobile_number",
        ),
        (
            r#","customer":{"addresses":[{},{"postalCode":"1"}]}"#,
            "invoice.customer.addresses[1].postalCode",
            "invoice.customer.addresses[1].postal_code",
        ),
        (
            r#","customer_notification_preference":{"invoiceCreated":["email"]}"#,
            "invoice.customer_notification_preference.invoiceCreated",
            "invoice.customer_notification_preference.invoice_created",
        ),
        (r#","items":[{"qty":1}]"#, "invoice.items[0].qty", "invoice.items[0].quantity"),
        (r#","items":[{"Price":1}]"#, "invoice.items[0].Price", "invoice.items[0].price"),
        (r#","fees":[{"amount":1}]"#, "invoice.fees[0].amount", "invoice.fees[0].value"),
        (r#","zzz":1"#, "invoice.zzz", ""),
    ] {
        let found = warned(invoice, "");
        assert_eq!(found.len(), 1, "{invoice}: {found:?}");
        assert!(found[0].starts_with(&format!("{field}: is not a field of Xendit's")), "{found:?}");
        let hint = if meant.is_empty() {
            "ignores it".to_owned()
        } else {
            format!("did you mean {meant}?")
        };
        assert!(found[0].ends_with(&hint), "{found:?}");
    }
}

#[test]
fn what_is_xendits_or_the_senders_own_is_nobodys_business() {
    let invoice = r#","metadata":{"payerEmail":"x"},"channel_properties":{"cards":{"a":1}},"fixed_va":true,
        "customer":{"given_names":"a","surname":"b","email":"a@b.id","phone_number":"0812345678","mobile_number":"0812345678",
        "id":"1","customer_id":"2","addresses":[{"country":"ID","street_line1":"a","city":"b","postal_code":"1"}]},
        "items":[{"name":"a","quantity":1,"price":1,"category":"c","url":"u","reference_id":"r"}],"fees":[{"type":"t","value":1}]"#;
    assert_eq!(warned(invoice, ""), [""; 0]);
    assert_eq!(
        warned("", r#","customer":{"is_vip":true,"tipe":"x","branch":"y","id":7}"#),
        [""; 0]
    );
}

#[test]
fn an_address_among_the_jobs_own_attributes_is_told_because_it_is_not_sent() {
    for (name, meant) in [
        ("email", "invoice.customer.email"),
        ("mobile_number", "invoice.customer.mobile_number"),
        ("phone", "invoice.customer.mobile_number"),
        ("isVip", "customer.is_vip"),
        ("vip", "customer.is_vip"),
    ] {
        let found = warned("", &format!(r#","customer":{{"{name}":"x"}}"#));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert!(found[0].contains(&format!("did you mean {meant}?")), "{found:?}");
    }
}

#[test]
fn the_field_is_passed_on_and_no_warning_repeats_a_value_or_a_long_name() {
    let invoice = format!(
        r#"{{"external_id":"I","amount":1,"payerEmail":"sari@b.id","{}":1}}"#,
        "n".repeat(9_999)
    );
    let (body, warnings) = create_body(&job_with(&invoice, "").unwrap(), "m", Settings::default());
    assert!(body.contains(r#""payerEmail":"sari@b.id""#));
    let text = serde_json::to_string(&warnings).unwrap();
    assert!(!text.contains("sari") && text.len() < 1_000, "{text}");
    let many: Vec<String> = (0..100).map(|n| format!("\"n{n}\":1")).collect();
    assert_eq!(warned(&format!(",{}", many.join(",")), "").len(), 10);
}
