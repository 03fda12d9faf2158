use super::advice;

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
