use super::{Column, Kind};

#[track_caller]
fn assert_is(name: &str, field: &str, kind: Kind) {
    let column = Column::parse(name).unwrap();
    assert_eq!((column.field.as_str(), column.kind), (field, kind), "{name}");
}

#[test]
fn job_fields_are_the_jobs_and_all_others_the_invoices() {
    assert_is("priority", "priority", Kind::Text);
    assert_is("check_first", "check_first", Kind::Boolean);
    assert_is("max_retries", "max_retries", Kind::Number);
    assert_is("external_id", "invoice.external_id", Kind::Identity);
    assert_is("amount", "invoice.amount", Kind::Number);
    assert_is("customer.mobile_number", "invoice.customer.mobile_number", Kind::Phone);
    assert_is("anything.new", "invoice.anything.new", Kind::Free);
}

#[test]
fn attributes_for_the_priority_go_to_the_jobs_customer() {
    for name in ["is_vip", "customer.is_vip", "job.customer.is_vip"] {
        assert_is(name, "customer.is_vip", Kind::Boolean);
    }
    assert_is("tipe", "customer.tipe", Kind::Text);
    assert_is("customer.type", "customer.type", Kind::Text);
    assert_is("invoice.customer.type", "invoice.customer.type", Kind::Free);
}

#[test]
fn a_prefix_says_it_explicitly() {
    assert_is("job.batch", "batch", Kind::Identity);
    assert_is("invoice.batch", "invoice.batch", Kind::Free);
}

#[test]
fn numbers_count_the_entries_of_a_list_except_below_metadata() {
    assert_is("items.0.price", "invoice.items.0.price", Kind::Number);
    assert_is("items.12.name", "invoice.items.12.name", Kind::Text);
    assert_is("fees.1.value", "invoice.fees.1.value", Kind::Number);
    assert_is("metadata.2026", "invoice.metadata.2026", Kind::Text);
    assert!(Column::parse("items.100.name").unwrap_err().contains("beyond 99"));
}

#[test]
fn a_near_miss_is_refused_because_it_would_pass_unnoticed() {
    for (name, meant) in [
        ("Priority", "priority"),
        ("run at", "run_at"),
        ("External-ID", "external_id"),
        ("externalId", "external_id"),
        ("Customer.email", "customer"),
    ] {
        assert_eq!(Column::parse(name).unwrap_err(), format!("is not a field; write {meant}"));
    }
}

#[test]
fn paths_need_every_part() {
    for name in ["customer.", ".amount", "a..b"] {
        assert!(Column::parse(name).unwrap_err().contains("empty part"), "{name}");
    }
    for name in ["job", "invoice"] {
        assert!(Column::parse(name).is_err(), "{name}");
    }
}

#[test]
fn parts_that_a_field_does_not_have_are_refused() {
    for (name, why) in [
        ("items.name", "invoice.items is a list; number its entries, as in invoice.items.0.name"),
        ("customer.addresses.city", "as in invoice.customer.addresses.0.city"),
        ("payment_methods.first", "invoice.payment_methods is a list"),
        ("customer.0.given_names", "invoice.customer is no list; leave out the number"),
        ("amount.value", "invoice.amount is one value, without parts; write invoice.amount"),
        ("description.0", "invoice.description is one value"),
        ("items.0.price.idr", "invoice.items.0.price is one value"),
    ] {
        let found = Column::parse(name).unwrap_err();
        assert!(found.contains(why), "{name}: {found}");
    }
    assert_is("customer", "invoice.customer", Kind::Object);
    assert_is("metadata", "invoice.metadata", Kind::Object);
    assert_is("items", "invoice.items", Kind::Objects);
    assert_is("items.0", "invoice.items.0", Kind::Object);
    for name in ["payment_methods.0", "metadata.a.0.b", "channel_properties.cards.x", "new.0.a"] {
        assert!(Column::parse(name).is_ok(), "{name}");
    }
}
