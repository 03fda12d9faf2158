use std::convert::Infallible;
use std::time::Duration;

use super::eventually;

const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn the_value_is_returned_as_soon_as_it_is_there() {
    let mut looks = 0;
    let found = eventually(LIMIT, "three looks", async || {
        looks += 1;
        (looks == 3).then_some(looks)
    });
    assert_eq!(found.await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_means_not_yet() {
    let mut looks = 0;
    let found = eventually(LIMIT, "no error", async || {
        looks += 1;
        if looks < 3 { Err("still down") } else { Ok(true) }
    });
    found.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_message_names_the_condition_and_the_last_error() {
    let error = eventually(LIMIT, "the worker is ready", async || Err::<bool, _>("status 503"))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "not within 10s: the worker is ready; last: status 503");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_probe_ends_with_the_limit() {
    let error = eventually(LIMIT, "an answer", async || std::future::pending::<bool>().await)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "not within 10s: an answer");
}

#[tokio::test(start_paused = true)]
async fn a_result_may_hold_an_option() {
    let found = eventually(LIMIT, "seven", async || Ok::<_, Infallible>(Some(7)));
    assert_eq!(found.await.unwrap(), 7);
}
