use serde_json::json;

use super::*;

#[test]
fn brackets_are_objects_and_lists_and_known_fields_have_their_types() {
    let form = "external_id=INV%2F1&amount=350000&invoice_duration=86400&should_send_email=true\
                &customer[given_names]=Budi+Santoso&customer%5Bemail%5D=budi%40example.com\
                &items[0][name]=Internet&items[0][quantity]=1&items[0][price]=350000.5\
                &items[1][name]=Router&payment_methods[]=BCA&payment_methods[]=OVO\
                &customer_notification_preference[invoice_created][]=email\
                &metadata[amount]=7&description=12&fees[][type]=5&fees[0][value]=5&value=7\
                &customer[addresses][0][postal_code]=40115&reminder_time=3";
    let expected = json!({
        "external_id": "INV/1", "amount": 350_000, "invoice_duration": 86_400,
        "should_send_email": true,
        "customer": {
            "given_names": "Budi Santoso", "email": "budi@example.com",
            "addresses": [{ "postal_code": "40115" }],
        },
        "fees": [{ "type": "5", "value": 5 }], "value": "7", "reminder_time": 3,
        "items": [
            { "name": "Internet", "quantity": 1, "price": 350_000.5 }, { "name": "Router" }
        ],
        "payment_methods": ["BCA", "OVO"],
        "customer_notification_preference": { "invoice_created": ["email"] },
        "metadata": { "amount": "7" }, "description": "12",
    });
    assert_eq!(Value::Object(to_json(form.as_bytes())), expected);
}

#[test]
fn what_is_no_number_stays_a_text_and_nothing_is_an_empty_object() {
    let expected = json!({ "amount": "350.000,00", "should_send_email": "yes" });
    assert_eq!(Value::Object(to_json(b"amount=350.000,00&should_send_email=yes")), expected);
    assert_eq!(Value::Object(to_json(b"")), json!({}));
}
