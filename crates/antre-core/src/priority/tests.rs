use super::{Priority, UnknownPriority};

#[test]
fn each_priority_survives_its_word_and_json() {
    for priority in Priority::ALL {
        assert_eq!(priority.to_string().parse(), Ok(priority));
        let json = serde_json::to_string(&priority).unwrap();
        assert_eq!(json, format!("\"{priority}\""));
        assert_eq!(serde_json::from_str::<Priority>(&json).unwrap(), priority);
    }
}

#[test]
fn other_words_are_refused() {
    for word in ["", "High", "urgent", " low"] {
        assert_eq!(word.parse::<Priority>(), Err(UnknownPriority));
    }
}

#[test]
fn high_is_greater_than_normal_and_low() {
    assert!(Priority::High > Priority::Normal && Priority::Normal > Priority::Low);
    assert_eq!(Priority::default(), Priority::Normal);
}
