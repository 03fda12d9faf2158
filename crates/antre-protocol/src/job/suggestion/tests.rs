use super::{advice, meant_job_field, unknown_field};

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
        ("zzz", "it has invoice, priority, customer"),
        ("", "it has invoice, priority, customer"),
    ] {
        let advice = advice(unknown);
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
        assert_eq!(meant_job_field(name), meant, "{name}");
    }
    assert_eq!(unknown_field("priority"), None);
    assert!(unknown_field("priorty").unwrap().contains("did you mean priority?"));
}
