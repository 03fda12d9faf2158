use antre_core::schema::{Field, Shape, find};

use super::FIELDS;
use crate::body::INVOICE;

fn nearest(fields: &[Field], place: &str, name: &str) -> Option<String> {
    INVOICE.nearest(fields, place, name)
}

#[test]
fn the_nearest_right_field_is_named() {
    for (unknown, meant) in [
        ("prioriy", "did you mean priority?"),
        ("Priority", "did you mean priority?"),
        ("runAt", "did you mean run_at?"),
        ("maxRetries", "did you mean max_retries?"),
        ("check-first", "did you mean check_first?"),
        ("invoces", "did you mean invoice?"),
        ("external_id", "put external_id inside invoice"),
        ("externalId", "put external_id inside invoice"),
        ("ammount", "put amount inside invoice"),
        ("nama", "put customer.given_names inside invoice"),
        ("telepon", "put customer.mobile_number inside invoice"),
        ("jumlah", "put amount inside invoice"),
        ("is_vip", "put is_vip inside customer"),
        ("isVip", "put is_vip inside customer"),
        ("ref", "did you mean reference?"),
        ("scheduledAt", "did you mean run_at?"),
        ("zzz", "it has invoice, priority, customer"),
        ("", "it has invoice, priority, customer"),
    ] {
        let advice = INVOICE.unknown_job_field(unknown).unwrap();
        assert!(advice.contains(meant), "{unknown}: {advice}");
    }
}

#[test]
fn a_name_among_fields_of_the_invoice_may_mean_one_of_the_job() {
    for (name, meant) in [
        ("priorty", Some("priority")),
        ("prioritas", Some("priority")),
        ("run_att", Some("run_at")),
        ("max_retry", Some("max_retries")),
        ("priority", None),
        ("external_id", None),
        ("amuont", None),
        ("locale", None),
        ("branch_office", None),
    ] {
        assert_eq!(INVOICE.meant_job_field(name), meant, "{name}");
    }
    assert_eq!(INVOICE.unknown_job_field("priority"), None);
    assert!(INVOICE.unknown_job_field("priorty").unwrap().contains("did you mean priority?"));
}

#[test]
fn what_people_call_a_field_is_known_at_every_depth() {
    for (name, meant) in [
        ("payerEmail", "payer_email"),
        ("PayerEmail", "payer_email"),
        ("payer-email", "payer_email"),
        ("invoiceDuration", "invoice_duration"),
        ("duration", "invoice_duration"),
        ("shouldSendEmail", "should_send_email"),
        ("name", "customer.given_names"),
        ("nama", "customer.given_names"),
        ("customerName", "customer.given_names"),
        ("phone", "customer.mobile_number"),
        ("no_hp", "customer.mobile_number"),
        ("whatsapp", "customer.mobile_number"),
        ("email", "customer.email"),
        ("e-mail", "customer.email"),
        ("mobile_number", "customer.mobile_number"),
        ("mobileNumber", "customer.mobile_number"),
        ("given_names", "customer.given_names"),
        ("postalCode", "invoice.postal_code"),
        ("descripton", "description"),
        ("successRedirectUrl", "success_redirect_url"),
        ("paymentMethods", "payment_methods"),
        ("notification_preference", "customer_notification_preference"),
    ] {
        let meant = (meant != "invoice.postal_code").then(|| meant.to_owned());
        assert_eq!(nearest(FIELDS, "", name), meant, "{name}");
    }
    let Some(Shape::Object(customer)) = find(FIELDS, "customer") else { unreachable!() };
    for (name, meant) in [
        ("mobileNumber", "customer.mobile_number"),
        ("mobile", "customer.mobile_number"),
        ("phone", "customer.mobile_number"),
        ("phoneNumber", "customer.phone_number"),
        ("Email", "customer.email"),
        ("emial", "customer.email"),
        ("name", "customer.given_names"),
        ("givenNames", "customer.given_names"),
        ("last_name", "customer.surname"),
        ("address", "customer.addresses"),
    ] {
        let found = nearest(customer, "customer", name);
        assert_eq!(found.as_deref(), Some(meant), "{name}");
    }
    for name in ["zzz", "x", "", "branch_office"] {
        assert_eq!(nearest(FIELDS, "", name), None, "{name}");
    }
}

#[test]
fn words_that_people_use_in_english_and_indonesian_are_known() {
    for (name, meant) in [
        ("jumlah", "amount"),
        ("Jumlah Tagihan", "amount"),
        ("nominal", "amount"),
        ("keterangan", "description"),
        ("mataUang", "currency"),
        ("tanggal_jatuh_tempo", "invoice_duration"),
        ("metode_pembayaran", "payment_methods"),
        ("biaya_admin", "fees"),
        ("pelanggan", "customer"),
        ("nomor_tagihan", "external_id"),
        ("payer\u{200b}_email", "payer_email"),
        (" amount", "amount"),
        ("alamat", "customer.addresses"),
    ] {
        assert_eq!(nearest(FIELDS, "", name).as_deref(), Some(meant), "{name}");
    }
    for (name, meant) in
        [("qty", "quantity"), ("jumlah", "quantity"), ("harga_satuan", "price"), ("nama", "name")]
    {
        let Some(Shape::Objects(item)) = find(FIELDS, "items") else { unreachable!() };
        let meant = format!("items[1].{meant}");
        assert_eq!(nearest(item, "items[1]", name), Some(meant), "{name}");
    }
    for (name, meant) in [("nilai", "value"), ("amount", "value"), ("jenis", "type")] {
        let Some(Shape::Objects(fee)) = find(FIELDS, "fees") else { unreachable!() };
        assert_eq!(nearest(fee, "fees[0]", name), Some(format!("fees[0].{meant}")), "{name}");
    }
}

#[test]
fn the_kind_of_a_field_is_found_by_its_path_from_the_job_on() {
    let shape_at = |path: &[&str]| INVOICE.shape_at(path);
    assert_eq!(shape_at(&["invoice"]), Some(Shape::Object(FIELDS)));
    assert_eq!(shape_at(&["invoice", "items", "*", "price"]), Some(Shape::Number));
    assert_eq!(shape_at(&["customer", "is_vip"]), Some(Shape::Boolean));
    assert_eq!(shape_at(&["batch"]), Some(Shape::Text));
    for unknown in [&["invoice", "payerEmail"][..], &["invoice", "items", "price"], &["items"], &[]]
    {
        assert_eq!(shape_at(unknown), None, "{unknown:?}");
    }
}
