use super::Family;

#[test]
fn a_family_has_its_meaning_once_and_a_line_per_sample() {
    let mut family = Family::gauge("antre_jobs", "Jobs by state.");
    family.add(&[("account", "default"), ("state", "done")], 3);
    family.add(&[("account", "a\"b\\c\nd"), ("state", "dead")], 0);
    let mut text = String::new();
    family.write(&mut text);
    assert_eq!(
        text,
        "# HELP antre_jobs Jobs by state.\n\
         # TYPE antre_jobs gauge\n\
         antre_jobs{account=\"default\",state=\"done\"} 3\n\
         antre_jobs{account=\"a\\\"b\\\\c\\nd\",state=\"dead\"} 0\n"
    );
}

#[test]
fn without_labels_there_are_no_braces_and_without_samples_nothing() {
    let mut text = String::new();
    let mut up = Family::gauge("antre_redis_up", "Whether Redis answers.");
    Family::counter("antre_events_total", "Nothing yet.").write(&mut text);
    up.add(&[], 1);
    up.write(&mut text);
    assert_eq!(
        text,
        "# HELP antre_redis_up Whether Redis answers.\n# TYPE antre_redis_up gauge\nantre_redis_up 1\n"
    );
}
