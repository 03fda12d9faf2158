use super::{advice, distance};

#[test]
fn the_distance_counts_edits() {
    for (left, right, edits) in [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("priority", "priority", 0),
        ("prioriy", "priority", 1),
        ("kitten", "sitting", 3),
        ("ab", "ba", 2),
    ] {
        assert_eq!(distance(left, right), edits, "{left} {right}");
    }
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
        ("zzz", "it has invoice, priority, customer"),
        ("", "it has invoice, priority, customer"),
    ] {
        let advice = advice(unknown);
        assert!(advice.contains(meant), "{unknown}: {advice}");
    }
}
