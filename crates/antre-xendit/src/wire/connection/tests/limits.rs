//! How long an answer may be and may take, and what an answer must be about.

use super::*;

const MEBIBYTE: usize = 1024 * 1024;

/// Returns an answer whose body is exactly so long.
fn padded(begin: &str, end: &str, length: usize) -> String {
    let padding = "x".repeat(length - begin.len() - end.len());
    answer("200 OK", "", &format!("{begin}{padding}{end}"))
}

async fn ask(call: Call, bytes: &str) -> (Reply, String, bool) {
    let (mut connection, mut peer) = pair(client).await;
    let (reply, request) =
        join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    (reply, request, connection.is_open().await)
}

fn failed(answer: &Answer) -> &Failure {
    match answer {
        Answer::LookUp(LookUpOutcome::Failed(failure))
        | Answer::Newest(NewestOutcome::Failed(failure))
        | Answer::Expire(ExpireOutcome::Failed(failure)) => failure,
        Answer::Create(_)
        | Answer::LookUp(_)
        | Answer::Expire(_)
        | Answer::Newest(_)
        | Answer::Read(_)
        | Answer::TooLate => panic!("a failure was expected, not {answer:?}"),
    }
}

#[tokio::test]
async fn an_answer_to_a_create_is_read_up_to_one_mebibyte() {
    let created = |length| padded(r#"{"id":"a","invoice_url":"u","x":""#, r#""}"#, length);
    let (reply, _, is_open) = ask(create(), &created(MEBIBYTE)).await;
    assert!(matches!(reply.answer, Answer::Create(CreateOutcome::Created(_))) && is_open);

    let (reply, _, is_open) = ask(create(), &created(MEBIBYTE + 1)).await;
    let fault = AmbiguousCause::UnreadableSuccess(Unreadable::TooLong);
    assert_eq!((ambiguous(&reply), is_open), ((fault, true), false));
}

#[tokio::test]
async fn an_answer_to_an_expire_is_read_up_to_one_mebibyte() {
    let expired = |length| padded(r#"{"id":"a","status":"EXPIRED","x":""#, r#""}"#, length);
    let call = || Call::Expire { invoice_id: "a".to_owned() };
    let (reply, ..) = ask(call(), &expired(MEBIBYTE)).await;
    assert!(matches!(reply.answer, Answer::Expire(ExpireOutcome::Expired(_))));
    let (reply, ..) = ask(call(), &expired(MEBIBYTE + 1)).await;
    assert_eq!(failed(&reply.answer).code, "unreadable_answer");
}

#[tokio::test]
async fn a_list_is_read_up_to_sixteen_mebibytes() {
    let list = |length| padded(r#"[{"id":"a","user_id":"u-1","x":""#, r#""}]"#, length);
    let look_up = || Call::LookUp { external_id: "INV-1".to_owned() };
    let (longest, too_long) = (list(16 * MEBIBYTE), list(16 * MEBIBYTE + 1));

    let (reply, _, is_open) = ask(look_up(), &longest).await;
    let Answer::LookUp(LookUpOutcome::Found { invoices, complete: true }) = reply.answer else {
        panic!("a list was expected");
    };
    assert_eq!((invoices.len(), is_open), (1, true));
    assert!(invoices[0].raw.len() < 1_000, "what is kept of it is short");
    let (reply, ..) = ask(Call::Newest, &longest).await;
    let user_id = Some("u-1".to_owned());
    assert_eq!(reply.answer, Answer::Newest(NewestOutcome::Invoice { user_id }));

    for call in [look_up(), Call::Newest] {
        let (reply, _, is_open) = ask(call, &too_long).await;
        assert_eq!((&*failed(&reply.answer).code, is_open), ("unreadable_answer", false));
    }
}

#[tokio::test]
async fn the_newest_invoice_tells_whose_key_it_is() {
    let (reply, request, _) = ask(Call::Newest, &answer("200 OK", "", "[]")).await;
    assert!(request.starts_with("GET /v2/invoices?limit=1 HTTP/1.1\r\n"), "{request}");
    assert_eq!(reply.answer, Answer::Newest(NewestOutcome::Empty));
    let (reply, ..) = ask(Call::Newest, &answer("401 Unauthorized", "", "{}")).await;
    assert!(matches!(reply.answer, Answer::Newest(NewestOutcome::KeyRefused(_))));
    let (reply, ..) = ask(Call::Newest, &answer("403 Forbidden", "", "{}")).await;
    assert!(matches!(reply.answer, Answer::Newest(NewestOutcome::Forbidden(_))));
}

#[tokio::test]
async fn an_expire_is_answered_only_by_the_invoice_that_was_asked_for() {
    let expired =
        |id: &str| answer("200 OK", "", &format!(r#"{{"id":"{id}","status":"EXPIRED"}}"#));
    let call = || Call::Expire { invoice_id: "inv-1".to_owned() };
    let (reply, ..) = ask(call(), &expired("inv-1")).await;
    assert!(matches!(reply.answer, Answer::Expire(ExpireOutcome::Expired(_))));
    let (reply, ..) = ask(call(), &expired("inv-2")).await;
    assert_eq!(failed(&reply.answer).code, "answer_mismatch");
}

#[tokio::test]
async fn the_shorter_time_out_of_client_and_deadline_holds() {
    let short = Some(Duration::from_millis(50));
    let (mut patient, _peer) = pair(client).await;
    let deadline = SendDeadline { timeout: short, ..in_time() };
    let reply = patient.call(&create(), deadline).await;
    assert_eq!(ambiguous(&reply), (AmbiguousCause::Timeout, false));

    let (mut hasty, _peer) = pair(impatient).await;
    let reply = hasty.call(&create(), SendDeadline { timeout: Some(LONG), ..in_time() }).await;
    assert_eq!(ambiguous(&reply), (AmbiguousCause::Timeout, false));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_kernel_gives_up_undelivered_bytes_with_the_time_out_of_each_call() {
    let (mut connection, mut peer) = pair(client).await;
    let bytes = answer("200 OK", "", CREATED);
    for (timeout, expected) in [
        (Some(LONG / 2), LONG / 2),
        (None, LONG),
        (Some(LONG / 4), LONG / 4),
        (Some(LONG * 2), LONG),
    ] {
        let call = create();
        let deadline = SendDeadline { timeout, ..in_time() };
        join!(connection.call(&call, deadline), respond(&mut peer, bytes.as_bytes())).0;
        let socket = &connection.line.as_ref().expect("an open line").socket;
        assert_eq!(socket.tcp_user_timeout().expect("an option"), Some(expected), "{timeout:?}");
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn after_a_suspend_nothing_is_sent_until_the_connection_is_looked_at_again() {
    let (mut connection, mut peer) = pair(client).await;
    connection.watch = SleepWatch::before_a_suspend_of(Duration::from_mins(1));
    assert!(!connection.is_fresh(), "the server may have ended it in the meantime");
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!((reply.answer, reply.written_at), (Answer::TooLate, None));

    assert!(connection.is_open().await && connection.is_fresh());
    let bytes = answer("200 OK", "", CREATED);
    let call = create();
    let (reply, request) =
        join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    assert!(matches!(reply.answer, Answer::Create(CreateOutcome::Created(_))));
    assert_eq!(request.matches("HTTP/1.1").count(), 1, "{request}");
}
