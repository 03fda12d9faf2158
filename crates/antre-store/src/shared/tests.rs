use std::time::Duration;

use redis::{ErrorKind, RedisError, Value, make_extension_error};
use tokio::time::Instant;

use super::{
    state::{AGE_MIN, PATIENCE, STUCK_AFTER, State, TRY_PERIOD},
    verdict::Verdict,
};

const LITTLE: Duration = Duration::from_millis(1);
const UNFIT: Verdict = Verdict::Unfit("a replica");
const FAILED: Verdict = Verdict::Failed("an error");

/// A state whose connections are numbers.
fn opened(at: Instant) -> State<u8> {
    let mut state = State::default();
    assert_eq!(state.opened(7, at), 1);
    state
}

fn is_open(state: &State<u8>) -> bool {
    state.lend().is_some()
}

#[test]
fn a_broken_connection_is_given_up_at_once_and_only_once() {
    let start = Instant::now();
    let mut state = opened(start);
    assert!(state.note(1, Verdict::Broken, start).is_some());
    assert!(!is_open(&state));
    state.opened(8, start);
    assert!(state.note(1, Verdict::Broken, start).is_none(), "its successor is another one");
    assert_eq!(state.lend(), Some((8, 2)));
}

#[test]
fn one_that_no_longer_serves_is_given_up_unless_it_is_new() {
    let start = Instant::now();
    let mut state = opened(start);
    assert!(state.note(1, UNFIT, start + AGE_MIN - LITTLE).is_none());
    assert!(is_open(&state));
    assert!(state.note(1, UNFIT, start + AGE_MIN).is_some());
    assert!(!is_open(&state));
}

#[test]
fn a_refused_command_speaks_against_it_only_when_nothing_works_for_ten_seconds() {
    let start = Instant::now() + PATIENCE;
    let mut state = opened(start - PATIENCE);
    assert!(state.note(1, FAILED, start).is_none());
    assert!(state.note(1, FAILED, start + PATIENCE - LITTLE).is_none());
    state.note(1, Verdict::Fine, start + PATIENCE - LITTLE);
    let again = start + PATIENCE;
    assert!(state.note(1, FAILED, again).is_none());
    assert!(state.note(1, Verdict::Neutral, again + PATIENCE).is_none());
    assert!(state.note(1, FAILED, again + PATIENCE).is_some());
}

#[test]
fn a_failed_opening_is_told_to_all_until_the_next_try_is_due() {
    let start = Instant::now();
    let mut state = State::<u8>::default();
    assert!(state.recent_failure(start).is_none());
    let error: RedisError = (ErrorKind::Io, "refused").into();
    state.could_not_open(error.clone(), start);
    assert_eq!(state.recent_failure(start + TRY_PERIOD - LITTLE), Some(error));
    assert_eq!(state.recent_failure(start + TRY_PERIOD), None);
}

#[test]
fn calls_that_fail_for_minutes_until_now_are_stuck() {
    let start = Instant::now();
    let mut state = opened(start);
    state.note(1, UNFIT, start);
    let late = start + STUCK_AFTER;
    assert!(!state.fails_for_long(late), "one failure and then nobody who called");
    state.note(1, UNFIT, late);
    assert!(state.fails_for_long(late));
    assert!(!state.fails_for_long(late + Duration::from_hours(1)), "nobody has called since");
    state.note(1, Verdict::Fine, late);
    assert!(!state.fails_for_long(late));
}

#[test]
fn answers_are_judged_by_their_code() {
    let of = |code: &str| {
        let error = make_extension_error(code.to_owned(), None);
        Verdict::of_error(&error)
    };
    for code in ["READONLY", "NOAUTH", "WRONGPASS", "NOPERM", "MASTERDOWN", "UNBLOCKED"] {
        assert!(matches!(of(code), Verdict::Unfit(_)), "{code}");
    }
    for code in ["OOM", "NOSCRIPT", "BUSY", "MOVED", "ASK", "TRYAGAIN"] {
        assert_eq!(of(code), Verdict::Neutral, "{code}");
    }
    assert!(matches!(of("ERR"), Verdict::Failed(_)));
    assert_eq!(Verdict::of_values(&[Value::Okay, Value::Nil]), Verdict::Fine);
    assert_eq!(Verdict::of_error(&(ErrorKind::Parse, "x").into()), Verdict::Broken);
}

mod stuck {
    use std::cell::Cell;

    use redis::IntoConnectionInfo;

    use super::{super::Shared, *};
    use crate::connection::endpoint::Endpoint;

    fn shared() -> Shared {
        let info = "redis://127.0.0.1:1".into_connection_info().unwrap();
        Shared::new(Endpoint::Single(Box::new(info)))
    }

    async fn is_stuck(shared: &Shared, works: bool, asked: &Cell<u32>) -> bool {
        let ask = async || {
            asked.set(asked.get() + 1);
            works
        };
        shared.is_stuck(ask).await
    }

    /// Makes it look as if nothing had worked for so long.
    fn fail_since(shared: &Shared, ago: Duration) {
        let now = Instant::now();
        let mut state = shared.state();
        for at in [now.checked_sub(ago).unwrap(), now] {
            state.could_not_open((ErrorKind::Io, "refused").into(), at);
        }
    }

    #[tokio::test]
    async fn a_process_is_stuck_when_only_its_own_connection_fails_and_the_check_is_not_repeated() {
        let (shared, asked) = (shared(), Cell::new(0));
        assert!(!is_stuck(&shared, true, &asked).await);
        assert_eq!(asked.get(), 0, "nothing has failed");
        fail_since(&shared, STUCK_AFTER);
        assert!(is_stuck(&shared, true, &asked).await);
        assert!(is_stuck(&shared, false, &asked).await, "what was found 10 s ago holds");
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test]
    async fn a_redis_that_is_gone_for_all_does_not_make_a_process_stuck() {
        let (shared, asked) = (shared(), Cell::new(0));
        fail_since(&shared, STUCK_AFTER);
        assert!(!is_stuck(&shared, false, &asked).await);
        assert_eq!(asked.get(), 1);
    }
}
