use super::*;
use axum::response::IntoResponse as _;

const NOW_MS: u64 = 1_796_083_200_000;

/// The end of a dead job with this code and status, and Xendit's body if there was one.
fn dead(code: &str, status: Option<u16>, response: Option<&str>) -> JobResult {
    let mut result = JobResult::new("1-0".parse().unwrap(), EndState::Dead);
    result.response = response.map(|text| RawValue::from_string(text.to_owned()).unwrap());
    result.error = Some(JobError { code: code.to_owned(), message: "as told".to_owned(), status });
    result
}

fn done(invoice: &str) -> JobResult {
    let mut result = JobResult::new("1-0".parse().unwrap(), EndState::Done);
    result.response = Some(RawValue::from_string(invoice.to_owned()).unwrap());
    result
}

fn answer(result: &JobResult) -> Answer {
    match of(result, Some(NOW_MS)) {
        End::Answer(answer) => answer,
        End::Invoice { id } => unreachable!("no answer but invoice {id:?}"),
    }
}

async fn whole(answer: Answer) -> (u16, Option<String>, String) {
    let response = answer.into_response();
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, retry_after, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn every_code_of_a_dead_job_has_its_answer() {
    let rows = [
        ("invalid", None, 400, "API_VALIDATION_ERROR", None),
        ("conflict", None, 409, "ANTRE_CONFLICT", None),
        ("paid_other_amount", None, 409, "ANTRE_PAID_OTHER_AMOUNT", None),
        ("too_many_duplicates", None, 503, "ANTRE_STILL_QUEUED", Some("2")),
        ("expired_before_delivery", None, 503, "ANTRE_GAVE_UP", Some("60")),
        ("limited", Some(429), 503, "ANTRE_GAVE_UP", Some("60")),
        ("crash_loop", None, 503, "ANTRE_GAVE_UP", Some("60")),
        ("lookup_refused", None, 503, "ANTRE_GAVE_UP", Some("60")),
        ("too_many_invoices", None, 500, "ANTRE_FAILED", None),
        ("damaged", None, 500, "ANTRE_FAILED", None),
        ("damaged_bill", None, 500, "ANTRE_FAILED", None),
        ("http_403", Some(403), 403, "http_403", None),
        ("REQUEST_FORBIDDEN_ERROR", Some(403), 403, "REQUEST_FORBIDDEN_ERROR", None),
        ("API_VALIDATION_ERROR", Some(400), 400, "API_VALIDATION_ERROR", None),
        ("UNSUPPORTED_CURRENCY", Some(422), 422, "UNSUPPORTED_CURRENCY", None),
        ("RATE_LIMIT_EXCEEDED", Some(429), 502, "ANTRE_GAVE_UP", Some("60")),
        ("SERVER_ERROR", Some(500), 502, "ANTRE_GAVE_UP", Some("60")),
        ("timeout", None, 502, "ANTRE_GAVE_UP", Some("60")),
        ("connection_lost", None, 502, "ANTRE_GAVE_UP", Some("60")),
        ("http_409", Some(409), 502, "ANTRE_GAVE_UP", Some("60")),
        ("http_502", Some(502), 502, "ANTRE_GAVE_UP", Some("60")),
        ("not_http", None, 502, "ANTRE_GAVE_UP", Some("60")),
        ("unreadable_answer", Some(200), 502, "ANTRE_GAVE_UP", Some("60")),
        ("answer_mismatch", Some(200), 502, "ANTRE_GAVE_UP", Some("60")),
        ("a_code_of_a_later_version", None, 502, "ANTRE_GAVE_UP", Some("60")),
    ];
    for (code, status, expected, error_code, retry_after) in rows {
        let (found, waits, body) = whole(answer(&dead(code, status, None))).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, body["error_code"].as_str()), (expected, Some(error_code)), "{code}");
        assert_eq!(waits.as_deref(), retry_after, "{code}");
        assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{code}");
        assert_eq!(body["antre"]["retryable"], retry_after.is_some(), "{code}");
    }
}

#[tokio::test]
async fn a_refusal_is_xendits_word_for_word() {
    let text = r#"{"error_code": "API_VALIDATION_ERROR","errors":[{"path":["amount"]}],"message":"\/ no"}"#;
    let found = whole(answer(&dead("API_VALIDATION_ERROR", Some(400), Some(text)))).await;
    assert_eq!(found, (400, None, text.to_owned()));
    // A body that SDKs would stumble over is told in one that they take.
    let (status, _, body) = whole(answer(&dead("A_REFUSAL", Some(404), Some("[]")))).await;
    assert_eq!(status, 404);
    assert!(body.starts_with(r#"{"antre":"#), "{body}");
    // What failed on the way is no refusal, whatever came with it.
    let (status, _, body) = whole(answer(&dead("http_502", Some(502), Some(text)))).await;
    assert_eq!(status, 502);
    assert!(body.contains("ANTRE_GAVE_UP"), "{body}");
}

#[tokio::test]
async fn an_invoice_is_xendits_word_for_word_unless_it_was_paid_long_ago() {
    for text in [
        r#"{"id":"1", "status":"PENDING","empty":[],"url":"https:\/\/x"}"#,
        r#"{"id":"1","status":"PAID","paid_at":"2026-11-30T23:59:00.000Z"}"#,
        r#"{"id":"1","status":"EXPIRED"}"#,
        r#"{"no":"status"}"#,
    ] {
        assert_eq!(whole(answer(&done(text))).await, (200, None, text.to_owned()), "{text}");
    }
    for text in [
        r#"{"id":"1","status":"PAID","paid_at":"2026-11-29T23:59:00.000Z"}"#,
        r#"{"id":"1","status":"SETTLED","paid_at":"2026-11-01T00:00:00Z"}"#,
        r#"{"id":"1","status":"PAID"}"#,
    ] {
        let (status, _, body) = whole(answer(&done(text))).await;
        assert_eq!(status, 409, "{text}");
        assert!(body.contains("ANTRE_ALREADY_PAID"), "{body}");
        // Without a clock nobody knows, and nobody is told that it is billed.
        let End::Answer(unknown) = of(&done(text), None) else { unreachable!("it has an answer") };
        let (status, _, body) = whole(unknown).await;
        assert_eq!(status, 503, "{body}");
    }
    let pending = done(r#"{"id":"1","status":"PENDING"}"#);
    let End::Answer(told) = of(&pending, None) else { unreachable!("it has an answer") };
    assert_eq!(whole(told).await.0, 200);
}

#[tokio::test]
async fn a_cancelled_job_is_told_and_a_lost_answer_is_asked_for() {
    let cancelled = JobResult::new("1-0".parse().unwrap(), EndState::Cancelled);
    let (status, _, body) = whole(answer(&cancelled)).await;
    assert_eq!(status, 409);
    assert!(body.contains("ANTRE_CANCELLED"), "{body}");
    let mut silent = JobResult::new("1-0".parse().unwrap(), EndState::Done);
    silent.invoice_id = Some("i1".to_owned());
    assert!(
        matches!(of(&silent, Some(NOW_MS)), End::Invoice { id } if id.as_deref() == Some("i1"))
    );
}

#[test]
fn a_refusal_is_told_again_for_two_minutes_and_a_failure_until_its_caller_may_return() {
    assert_eq!(replayed_for(&dead("API_VALIDATION_ERROR", Some(400), None)), REFUSAL_REPLAYED);
    assert_eq!(replayed_for(&dead("timeout", None, None)), GIVING_UP_REPLAYED);
    assert_eq!(replayed_for(&dead("crash_loop", None, None)), GIVING_UP_REPLAYED);
    let cancelled = JobResult::new("1-0".parse().unwrap(), EndState::Cancelled);
    assert_eq!(replayed_for(&cancelled), REFUSAL_REPLAYED);
}
