use serde_json::json;

use super::*;

/// Returns the paths at fault of a bill with these fields besides.
fn paths(more: Value) -> Vec<String> {
    let Value::Object(mut fields) = json!({ "external_id": "INV-1", "amount": 350_000 }) else {
        return Vec::new();
    };
    let Value::Object(more) = more else { return Vec::new() };
    fields.extend(more);
    faults(&fields).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_value_of_the_documented_type_is_right() {
    for right in [
        json!({}),
        json!({ "amount": 0.5, "invoice_duration": 86_400.0, "reminder_time": 3, "reminder_time_unit": "days" }),
        json!({ "should_send_email": true, "fixed_va": false, "payment_methods": ["BCA", "OVO"] }),
        json!({ "customer": {}, "items": [], "fees": [], "metadata": {}, "channel_properties": {} }),
        json!({ "customer": { "given_names": "Sari", "mobile_number": null, "addresses": [{ "city": "Bandung" }] } }),
        json!({ "items": [{ "name": "Internet", "quantity": 0, "price": -5.5, "category": null }] }),
        json!({ "fees": [{ "type": "Tax", "value": -1 }], "locale": null, "invented": { "items": 7 } }),
    ] {
        assert_eq!(paths(right.clone()), [""; 0], "{right}");
    }
}

#[test]
fn a_value_of_another_type_is_a_fault_at_every_depth() {
    for (wrong, path) in [
        (json!({ "amount": "350000" }), "amount"),
        (json!({ "amount": true }), "amount"),
        (json!({ "external_id": 7 }), "external_id"),
        (json!({ "invoice_duration": "86400" }), "invoice_duration"),
        (json!({ "reminder_time": "3" }), "reminder_time"),
        (json!({ "reminder_time_unit": "weeks" }), "reminder_time_unit"),
        (json!({ "should_send_email": "true" }), "should_send_email"),
        (json!({ "should_send_email": 1 }), "should_send_email"),
        (json!({ "payment_methods": "BCA" }), "payment_methods"),
        (json!({ "payment_methods": [1] }), "payment_methods"),
        (json!({ "description": "" }), "description"),
        (json!({ "locale": 5 }), "locale"),
        (json!({ "success_redirect_url": "x".repeat(256) }), "success_redirect_url"),
        (json!({ "customer": [] }), "customer"),
        (json!({ "customer": { "given_names": 5 } }), "customer.given_names"),
        (json!({ "customer": { "mobile_number": 628_123 } }), "customer.mobile_number"),
        (json!({ "customer": { "addresses": {} } }), "customer.addresses"),
        (
            json!({ "customer": { "addresses": [{ "postal_code": 40_115 }] } }),
            "customer.addresses[0].postal_code",
        ),
        (json!({ "items": {} }), "items"),
        (json!({ "items": [{ "name": "a", "quantity": "1", "price": 5 }] }), "items[0].quantity"),
        (json!({ "items": [{ "name": "a", "quantity": 1, "price": "5" }] }), "items[0].price"),
        (json!({ "items": [{ "name": "a", "quantity": -1, "price": 5 }] }), "items[0].quantity"),
        (json!({ "items": [{ "name": "", "quantity": 1, "price": 5 }] }), "items[0].name"),
        (json!({ "fees": [{ "type": "Tax", "value": "x" }] }), "fees[0].value"),
        (json!({ "fees": [{ "type": "a", "value": 1 }, { "value": 2 }] }), "fees[1].type"),
        (json!({ "metadata": [] }), "metadata"),
    ] {
        assert_eq!(paths(wrong.clone()), [path], "{wrong}");
    }
}

#[test]
fn each_element_lacks_what_it_must_have() {
    let all = ["items[1].name", "items[1].quantity", "items[1].price"];
    let first = json!({ "name": "Internet", "quantity": 1, "price": 5 });
    assert_eq!(paths(json!({ "items": [first, 7] })), all);
    assert_eq!(faults(&Map::new()).len(), 2, "external_id and amount");
}
