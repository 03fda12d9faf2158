use super::*;

#[test]
fn a_reason_that_comes_and_goes_between_two_looks_is_said_once() {
    let mut told = Told::default();
    assert!(told.is_news("unused_grants"));
    assert!(!told.is_news(""));
    assert!(!told.is_news("unused_grants"));
    assert!(told.is_news("paused"));
}

#[test]
fn a_reason_that_was_over_for_long_is_news_again() {
    let Some(earlier) = Instant::now().checked_sub(OVER_AFTER) else { return };
    let mut told = Told(Some(("paused".to_owned(), earlier)));
    assert!(!told.is_news("paused"));
    assert!(!told.is_news(""));
    assert!(told.is_news("paused"));
}
