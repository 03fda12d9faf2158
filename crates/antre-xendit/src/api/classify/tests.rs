use std::time::Duration;

use proptest::prelude::*;

use antre_core::job_outcome::ReadOutcome;
use antre_core::read::{ReadAnswer, ReadKind, ReadRequest};

use super::*;
use crate::api::invoice_view::InvoiceStatus;
use crate::api::outcome::NotSentCause;

const CREATED: &[u8] =
    br#"{"id":"inv-1","status":"PENDING","amount":5,"invoice_url":"https://pay.example/1"}"#;
const REFUSED: &[u8] = br#"{"error_code":"API_VALIDATION_ERROR","message":"no","errors":["x"]}"#;

fn answered(status: u16, body: &[u8]) -> Exchange<'_> {
    answered_with(status, Body::Whole(body))
}

fn answered_with(status: u16, body: Body<'_>) -> Exchange<'_> {
    let headers = AnswerHeaders { retry_after: Some("3"), ..Default::default() };
    Exchange::Answered(Answered { status, headers, body, now_ms: None })
}

fn not_sent(cause: NotSentCause) -> Exchange<'static> {
    Exchange::NotSent(NotSent { cause, detail: String::new() })
}

/// Returns the class in one line, as the tables below write it.
fn create(exchange: Exchange<'_>) -> String {
    match classify_create(exchange) {
        CreateOutcome::Created(invoice) => format!("created {}", invoice.id),
        CreateOutcome::Rejected(refusal) => format!("rejected {} {}", refusal.status, refusal.code),
        CreateOutcome::Limited(limited) => format!("limited {}", limited.wait.as_secs()),
        CreateOutcome::KeyRefused(refusal) => format!("key refused {}", refusal.code),
        CreateOutcome::NotSent(not_sent) => format!("not sent {}", not_sent.cause),
        CreateOutcome::Ambiguous { cause, answered: true, .. } => {
            format!("unclear {}", cause.code())
        }
        CreateOutcome::Ambiguous { cause, answered: false, .. } => {
            format!("silent {}", cause.code())
        }
    }
}

fn look_up(exchange: Exchange<'_>) -> String {
    match classify_look_up(exchange) {
        LookUpOutcome::Found { invoices, complete } => {
            format!("found {} complete {complete}", invoices.len())
        }
        LookUpOutcome::Limited(limited) => format!("limited {}", limited.wait.as_secs()),
        LookUpOutcome::KeyRefused(refusal) => format!("key refused {}", refusal.code),
        LookUpOutcome::NotSent(not_sent) => format!("not sent {}", not_sent.cause),
        LookUpOutcome::Failed(failure) => format!("failed {}", failure.code),
    }
}

fn newest(exchange: Exchange<'_>) -> String {
    match classify_newest(exchange) {
        NewestOutcome::Invoice { user_id } => {
            format!("of {}", user_id.unwrap_or_else(|| "nobody".to_owned()))
        }
        NewestOutcome::Empty => "empty".to_owned(),
        NewestOutcome::Limited(limited) => format!("limited {}", limited.wait.as_secs()),
        NewestOutcome::KeyRefused(refusal) => format!("key refused {}", refusal.code),
        NewestOutcome::Forbidden(refusal) => format!("forbidden {}", refusal.code),
        NewestOutcome::NotSent(not_sent) => format!("not sent {}", not_sent.cause),
        NewestOutcome::Failed(failure) => format!("failed {}", failure.code),
    }
}

fn expire(exchange: Exchange<'_>) -> String {
    match classify_expire(exchange, "a") {
        ExpireOutcome::Expired(invoice) => format!("expired {}", invoice.id),
        ExpireOutcome::NotPending { message } => format!("not pending: {message}"),
        ExpireOutcome::Limited(limited) => format!("limited {}", limited.wait.as_secs()),
        ExpireOutcome::KeyRefused(refusal) => format!("key refused {}", refusal.code),
        ExpireOutcome::NotSent(not_sent) => format!("not sent {}", not_sent.cause),
        ExpireOutcome::Failed(failure) => format!("failed {}", failure.code),
    }
}

#[test]
fn what_was_never_written_is_not_sent_whatever_was_asked_for() {
    let causes = [
        (NotSentCause::Dns, "not sent dns"),
        (NotSentCause::ConnectionRefused, "not sent connection_refused"),
        (NotSentCause::ConnectTimeout, "not sent connect_timeout"),
        (NotSentCause::Unreachable, "not sent unreachable"),
        (NotSentCause::Tls, "not sent tls"),
        (NotSentCause::ConnectionClosed, "not sent connection_closed"),
        (NotSentCause::InvalidRequest, "not sent invalid_request"),
    ];
    for (cause, class) in causes {
        assert_eq!(create(not_sent(cause)), class);
        assert_eq!(look_up(not_sent(cause)), class);
        assert_eq!(newest(not_sent(cause)), class);
        assert_eq!(expire(not_sent(cause)), class);
    }
}

#[test]
fn what_was_written_without_an_answer_is_ambiguous_and_may_still_arrive() {
    for (exchange, word) in [
        (Exchange::TimedOut, "timeout"),
        (Exchange::Lost, "connection_lost"),
        (Exchange::NotHttp, "not_http"),
    ] {
        assert_eq!(create(exchange.clone()), format!("silent {word}"));
        assert_eq!(look_up(exchange.clone()), format!("failed {word}"));
        assert_eq!(expire(exchange), format!("failed {word}"));
    }
}

#[test]
fn every_answer_to_a_create_has_its_class() {
    let bare: &[u8] = br#"{"message":"no code"}"#;
    let html: &[u8] = b"<html>Bad Gateway</html>";
    let server: &[u8] = br#"{"error_code":"SERVER_ERROR","message":"?"}"#;
    let linked: &[u8] = br#"{"id":"inv-1","invoice_url":"https://pay.example/1"}"#;
    let cases: [(u16, &[u8], &str); 40] = [
        (200, CREATED, "created inv-1"),
        (201, CREATED, "created inv-1"),
        (200, linked, "created inv-1"),
        (200, br#"{"id":"inv-1","status":"PAID"}"#, "created inv-1"),
        (200, br#"{"id":"inv-1","status":"SETTLED"}"#, "created inv-1"),
        (200, br#"{"id":"inv-1","status":"PENDING"}"#, "unclear unreadable_answer"),
        (200, br#"{"id":"inv-1","status":"NEWLY_INVENTED"}"#, "unclear unreadable_answer"),
        (200, br#"{"id":"inv-1","invoice_url":""}"#, "unclear unreadable_answer"),
        (200, br#"{"id":"inv-1","invoice_url":7}"#, "unclear unreadable_answer"),
        (200, br#"{"id":"a","status":"EXPIRED","invoice_url":"u"}"#, "unclear unreadable_answer"),
        (200, b"", "unclear unreadable_answer"),
        (200, b"OK", "unclear unreadable_answer"),
        (200, br#"{"id":"inv-1","#, "unclear unreadable_answer"),
        (200, br#"{"status":"PENDING"}"#, "unclear unreadable_answer"),
        (200, br#"{"id":7}"#, "unclear unreadable_answer"),
        (200, br#"[{"id":"inv-1"}]"#, "unclear unreadable_answer"),
        (204, b"", "unclear unreadable_answer"),
        (100, b"", "unclear http_100"),
        (301, CREATED, "unclear http_301"),
        (307, b"", "unclear http_307"),
        (400, REFUSED, "rejected 400 API_VALIDATION_ERROR"),
        (400, br#"{"error":"BROKEN"}"#, "rejected 400 BROKEN"),
        (400, br#"{"errorCode":"BROKEN"}"#, "rejected 400 BROKEN"),
        (404, br#"{"error_code":"GONE"}"#, "rejected 404 GONE"),
        (422, br#"{"error_code":"ODD"}"#, "rejected 422 ODD"),
        (400, bare, "unclear http_400"),
        (400, br#"{"error_code":400}"#, "unclear http_400"),
        (400, br#"{"error_code":" "}"#, "unclear http_400"),
        (404, html, "unclear http_404"),
        (413, b"", "unclear http_413"),
        (401, br#"{"error_code":"INVALID_API_KEY"}"#, "key refused INVALID_API_KEY"),
        (401, b"", "key refused http_401"),
        (403, html, "key refused http_403"),
        (408, REFUSED, "unclear http_408"),
        (409, REFUSED, "unclear http_409"),
        (429, b"", "limited 3"),
        (500, server, "unclear http_500"),
        (502, html, "unclear http_502"),
        (503, b"", "unclear http_503"),
        (999, CREATED, "unclear http_999"),
    ];
    for (status, body, class) in cases {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(create(answered(status, body)), class, "{status} {shown}");
    }
}

#[test]
fn a_body_that_did_not_come_whole_hides_everything_but_the_status() {
    for body in [Body::Truncated, Body::TooLong] {
        assert_eq!(create(answered_with(200, body)), "unclear unreadable_answer");
        assert_eq!(create(answered_with(400, body)), "unclear http_400");
        assert_eq!(create(answered_with(401, body)), "key refused http_401");
        assert_eq!(create(answered_with(429, body)), "limited 3");
        assert_eq!(create(answered_with(500, body)), "unclear http_500");
        assert_eq!(look_up(answered_with(200, body)), "failed unreadable_answer");
        assert_eq!(expire(answered_with(200, body)), "failed unreadable_answer");
    }
}

#[test]
fn only_a_200_with_a_whole_list_answers_a_look_up() {
    let cases: [(u16, &[u8], &str); 13] = [
        (200, b"[]", "found 0 complete true"),
        (200, br#"[{"id":"a"},{"id":"b"}]"#, "found 2 complete true"),
        (200, br#"[{"id":"a"},{}]"#, "failed unreadable_answer"),
        (200, br#"{"data":[]}"#, "failed unreadable_answer"),
        (200, b"", "failed unreadable_answer"),
        (206, b"[]", "failed http_206"),
        (301, b"[]", "failed http_301"),
        (400, REFUSED, "failed API_VALIDATION_ERROR"),
        (404, b"", "failed http_404"),
        (401, REFUSED, "key refused API_VALIDATION_ERROR"),
        (403, b"", "key refused http_403"),
        (429, b"", "limited 3"),
        (500, b"", "failed http_500"),
    ];
    for (status, body, class) in cases {
        assert_eq!(look_up(answered(status, body)), class, "{status}");
    }
}

#[test]
fn a_list_as_long_as_one_answer_can_be_is_not_complete() {
    let list = |length: usize| {
        let items: Vec<String> = (0..length).map(|n| format!(r#"{{"id":"inv-{n}"}}"#)).collect();
        format!("[{}]", items.join(","))
    };
    assert_eq!(look_up(answered(200, list(99).as_bytes())), "found 99 complete true");
    assert_eq!(look_up(answered(200, list(100).as_bytes())), "found 100 complete false");
}

#[test]
fn what_nobody_could_pay_by_is_said_with_its_reason() {
    let why = |body: &[u8]| {
        let outcome = classify_create(answered(200, body));
        let CreateOutcome::Ambiguous { cause, answered: true, .. } = outcome else {
            panic!("an answered ambiguity was expected, not {outcome:?}");
        };
        cause
    };
    let expired = br#"{"id":"a","status":"EXPIRED","invoice_url":"u"}"#;
    let linkless = br#"{"id":"a","status":"PENDING"}"#;
    assert_eq!(why(expired), AmbiguousCause::UnreadableSuccess(Unreadable::Expired));
    assert_eq!(why(linkless), AmbiguousCause::UnreadableSuccess(Unreadable::WithoutLink));
    assert!(why(expired).text().contains("expired") && why(linkless).text().contains("link"));
}

#[test]
fn every_answer_about_the_newest_invoice_has_its_class() {
    let cases: [(u16, &[u8], &str); 18] = [
        (200, b"[]", "empty"),
        (200, br#"[{"id":"a","user_id":"u-1"}]"#, "of u-1"),
        (200, br#"[{"id":"a"}]"#, "of nobody"),
        (200, br#"[{"id":"a","user_id":7}]"#, "of nobody"),
        (200, br#"[{"id":"a","user_id":"u-1"},{"id":"b","user_id":"u-2"}]"#, "of u-1"),
        (200, br#"[{"user_id":"u-1"},{"id":"b","user_id":"u-2"}]"#, "of u-2"),
        (200, br#"[{"user_id":"u-1"}]"#, "failed unreadable_answer"),
        (200, br"[null]", "failed unreadable_answer"),
        (200, br#"[{"id":"a"},7]"#, "failed unreadable_answer"),
        (200, br#"{"id":"a"}"#, "failed unreadable_answer"),
        (200, b"", "failed unreadable_answer"),
        (206, b"[]", "failed http_206"),
        (301, b"[]", "failed http_301"),
        (401, REFUSED, "key refused API_VALIDATION_ERROR"),
        (403, b"", "forbidden http_403"),
        (404, REFUSED, "failed API_VALIDATION_ERROR"),
        (429, b"", "limited 3"),
        (500, b"[]", "failed http_500"),
    ];
    for (status, body, class) in cases {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(newest(answered(status, body)), class, "{status} {shown}");
    }
    assert_eq!(newest(Exchange::TimedOut), "failed timeout");
    assert_eq!(newest(answered_with(200, Body::TooLong)), "failed unreadable_answer");
}

#[test]
fn every_answer_to_an_expire_has_its_class() {
    let not_found: &[u8] = br#"{"error_code":"INVOICE_NOT_FOUND_ERROR","message":"gone"}"#;
    let cases: [(u16, &[u8], &str); 15] = [
        (200, br#"{"id":"a","status":"EXPIRED"}"#, "expired a"),
        (200, br#"{"id":"b","status":"EXPIRED"}"#, "failed answer_mismatch"),
        (200, br#"{"id":"b","status":"PAID"}"#, "failed answer_mismatch"),
        (200, br#"{"id":"a","status":"SETTLED"}"#, "not pending: the invoice has been paid"),
        (200, br#"{"id":"a","status":"PENDING"}"#, "failed not_expired"),
        (200, br#"{"id":"a","status":"ODD"}"#, "failed not_expired"),
        (200, b"", "failed unreadable_answer"),
        (404, not_found, "not pending: gone"),
        (400, not_found, "not pending: gone"),
        (404, b"", "failed http_404"),
        (409, not_found, "failed http_409"),
        (422, not_found, "failed INVOICE_NOT_FOUND_ERROR"),
        (401, b"", "key refused http_401"),
        (429, b"", "limited 3"),
        (500, not_found, "failed http_500"),
    ];
    for (status, body, class) in cases {
        assert_eq!(expire(answered(status, body)), class, "{status}");
    }
}

#[test]
fn a_429_waits_for_what_its_headers_name() {
    for (reset, retry_after, seconds) in
        [(None, None, 10), (Some("4"), None, 4), (None, Some("6"), 6), (Some("4"), Some("6"), 6)]
    {
        let headers = AnswerHeaders { reset, retry_after, ..Default::default() };
        let answered = Answered { status: 429, headers, body: Body::Whole(b""), now_ms: None };
        let CreateOutcome::Limited(limited) = classify_create(Exchange::Answered(answered)) else {
            panic!("a 429 is limited");
        };
        assert_eq!(limited.wait, Duration::from_secs(seconds));
    }
}

#[test]
fn a_refusal_keeps_code_and_message_within_bounds_and_its_body_as_it_was() {
    let long = "é\"".repeat(5_000);
    let body = serde_json::json!({ "errorCode": long, "errorMessage": long, "errors": [long] });
    let CreateOutcome::Rejected(refusal) =
        classify_create(answered(400, body.to_string().as_bytes()))
    else {
        panic!("a code makes a refusal");
    };
    assert!(refusal.code.len() <= 100 && refusal.message.len() <= 1_000);
    assert_eq!(refusal.body.as_deref(), Some(body.to_string().as_str()), "as it was");

    let CreateOutcome::Rejected(refusal) = classify_create(answered(400, REFUSED)) else {
        panic!("a code makes a refusal");
    };
    assert_eq!(refusal.message, "no");
    assert!(refusal.body.is_some_and(|body| body.as_bytes() == REFUSED));
}

#[test]
fn of_a_body_that_is_too_large_what_matters_is_kept() {
    let long = "é\"".repeat(40_000);
    let body = serde_json::json!({ "error_code": "ODD", "message": long, "errors": [long] });
    let CreateOutcome::Rejected(refusal) =
        classify_create(answered(400, body.to_string().as_bytes()))
    else {
        panic!("a code makes a refusal");
    };
    let kept = refusal.body.expect("a part is kept");
    assert!(kept.len() <= 8 * 1024, "{}", kept.len());
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["error_code"], "ODD");
    assert!(kept["errors"].as_str().is_some_and(|text| text.starts_with("[\"é")));
}

#[test]
fn a_refusal_that_is_no_json_has_no_body() {
    let CreateOutcome::KeyRefused(refusal) = classify_create(answered(403, b"<html>no</html>"))
    else {
        panic!("a 403 refuses");
    };
    assert_eq!((refusal.body, refusal.status), (None, 403));
}

#[test]
fn what_may_be_logged_repeats_no_text_of_an_answer() {
    let body =
        br#"{"error_code":"ODD","message":"siti@example.com","errors":["siti@example.com"]}"#;
    let outcome = format!("{:?} {:?}", classify_create(answered(400, body)), answered(400, body));
    assert!(outcome.contains("ODD") && !outcome.contains("siti"), "{outcome}");
    let failed = format!("{:?}", classify_look_up(answered(400, body)));
    assert!(failed.contains("ODD") && !failed.contains("siti"), "{failed}");
}

#[test]
fn an_unknown_status_with_an_id_and_a_link_is_created_all_the_same() {
    let body = br#"{"id":"inv-1","status":"NEWLY_INVENTED","invoice_url":"u"}"#;
    let CreateOutcome::Created(invoice) = classify_create(answered(200, body)) else {
        panic!("id and link are enough");
    };
    assert_eq!(invoice.status, InvoiceStatus::Unknown("NEWLY_INVENTED".to_owned()));
}

proptest! {
    #[test]
    fn no_answer_panics_and_only_a_success_creates(
        status in any::<u16>(),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let is_success = (200..300).contains(&status);
        let is_created = create(answered(status, &body)).starts_with("created");
        prop_assert!(is_success || !is_created);
        prop_assert_eq!(create(answered(status, CREATED)) == "created inv-1", is_success);
        prop_assert_eq!(look_up(answered(status, b"[]")).starts_with("found"), status == 200);
        prop_assert!(!expire(answered(status, &body)).is_empty());
        prop_assert!(status == 200 || newest(answered(status, b"[]")) != "empty");
        prop_assert!(!newest(answered(status, &body)).is_empty());
    }
}

#[test]
fn a_cause_has_the_status_that_its_code_names() {
    let causes = [
        AmbiguousCause::RequestTimeout,
        AmbiguousCause::Conflict,
        AmbiguousCause::Redirect(302),
        AmbiguousCause::ServerError(502),
        AmbiguousCause::BareClientError(418),
        AmbiguousCause::UnexpectedStatus(299),
        AmbiguousCause::Timeout,
        AmbiguousCause::ConnectionLost,
        AmbiguousCause::NotHttp,
    ];
    for cause in causes {
        let code = cause.code();
        let named = code.strip_prefix("http_").and_then(|status| status.parse().ok());
        assert_eq!(cause.status(), named, "{code}");
    }
}

#[test]
fn the_errors_of_a_body_that_is_too_large_are_cut_to_their_bound() {
    // Each character is escaped, so that it takes as much room as can be.
    let errors = format!("[\"{}\"]", "\\\"".repeat(40_000));
    let body = format!("{{\"error_code\":\"ODD\",\"errors\":{errors}}}");
    let CreateOutcome::Rejected(refusal) = classify_create(answered(400, body.as_bytes())) else {
        panic!("a code makes a refusal");
    };
    let kept: serde_json::Value =
        serde_json::from_str(&refusal.body.expect("a part is kept")).unwrap();
    let kept = kept["errors"].to_string();
    assert!((4_090..=4_096).contains(&kept.len()), "{}", kept.len());
}

fn read_of(kind: ReadKind, exchange: Exchange<'_>) -> String {
    let whole =
        if let Exchange::Answered(Answered { status, body: Body::Whole(body), .. }) = &exchange {
            Some((*status, *body))
        } else {
            None
        };
    let answer = whole.map(|(status, body)| ReadAnswer {
        status,
        headers: Vec::new(),
        body: String::from_utf8_lossy(body).into_owned(),
    });
    let asked = ReadRequest { kind, target: "inv-1".to_owned() };
    let (word, code, answer) = match classify_read(exchange, &asked, answer) {
        ReadOutcome::Answered { answer, expired } => {
            let expired = expired.map(|it| format!("{} of {}", it.id, it.external_id));
            ("answered", expired.unwrap_or_default(), Some(answer))
        }
        ReadOutcome::NotSent { code } => ("not sent", code, None),
        ReadOutcome::LookUpFailed { code, answer } => ("failed", code, answer),
        ReadOutcome::KeyRefused { code, answer } => ("key refused", code, answer),
        ReadOutcome::Limited { limited, answer } => ("limited", limited.code, answer),
    };
    let status = answer.map(|answer| answer.status.to_string()).unwrap_or_default();
    format!("{word} {code} {status}")
}

#[test]
fn what_a_program_asked_is_passed_on_and_looked_at_only_for_the_fleet() {
    let expired = br#"{"id":"inv-1","status":"EXPIRED","external_id":"A"}"#;
    let another = br#"{"id":"inv-2","status":"EXPIRED","external_id":"A"}"#;
    let all = [ReadKind::Get, ReadKind::List, ReadKind::Expire];
    let table: [(&[ReadKind], Exchange<'_>, &str); 18] = [
        (&all, not_sent(NotSentCause::Dns), "not sent dns "),
        (&all, Exchange::TimedOut, "failed timeout "),
        (&all, Exchange::Lost, "failed connection_lost "),
        (&all, answered(401, REFUSED), "key refused API_VALIDATION_ERROR 401"),
        (&all, answered(403, REFUSED), "failed API_VALIDATION_ERROR 403"),
        (&all, answered(404, REFUSED), "answered  404"),
        (&all, answered(404, b"<html>"), "failed http_404 404"),
        (&all, answered(503, b"<html>"), "failed http_503 503"),
        (&all, answered(302, b""), "failed http_302 302"),
        (&all, answered_with(200, Body::Truncated), "failed unreadable_answer "),
        (&all, answered_with(200, Body::TooLong), "failed unreadable_answer "),
        (&all, answered(200, b"<html>"), "failed unreadable_answer "),
        (&[ReadKind::List], answered(200, b"[]"), "answered  200"),
        (&[ReadKind::List], answered(200, b"[{\"id\":\"x\"}]"), "answered  200"),
        (&[ReadKind::Get], answered(200, CREATED), "answered  200"),
        (&[ReadKind::Get], answered(200, expired), "answered  200"),
        (&[ReadKind::Expire], answered(200, expired), "answered inv-1 of A 200"),
        (&[ReadKind::Get, ReadKind::Expire], answered(200, another), "failed answer_mismatch "),
    ];
    for (kinds, exchange, class) in table {
        for kind in kinds {
            assert_eq!(read_of(*kind, exchange.clone()), class, "{kind:?}");
        }
    }
    assert!(read_of(ReadKind::Get, answered(429, REFUSED)).starts_with("limited "));
}
