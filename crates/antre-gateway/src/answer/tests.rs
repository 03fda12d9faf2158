use axum::body::to_bytes;

use super::*;

/// One of each, with whatever it needs.
fn troubles() -> Vec<Trouble> {
    let (code, message) = ("code".to_owned(), "message".to_owned());
    let text = || message.clone();
    let invalid = antre_xendit::body::parse(br#"{"invoice":{"external_id":"INV-1","amount":0}}"#);
    vec![
        Trouble::UnreadableKey,
        Trouble::UnknownKey,
        Trouble::OtherUser,
        Trouble::NotServedHere,
        Trouble::WrongMethod { allow: "GET" },
        Trouble::QueryTooLong,
        Trouble::UnsupportedHeader { name: "for-user-id" },
        Trouble::InvalidHeader { name: "prefer", rule: text() },
        Trouble::KeyReused,
        Trouble::BodyTooLarge,
        Trouble::BodyTooSlow,
        Trouble::BodyCut,
        Trouble::Form,
        Trouble::NotJson,
        Trouble::Invalid(invalid.unwrap_err()),
        Trouble::InvalidToWorker { message: text() },
        Trouble::Busy,
        Trouble::ShuttingDown,
        Trouble::Unavailable,
        Trouble::Lost,
        Trouble::NotServed { account: "default".to_owned() },
        Trouble::StillQueued { reason: text(), estimated_wait_s: Some(700) },
        Trouble::Conflict { message: text() },
        Trouble::PaidOtherAmount { message: text() },
        Trouble::AlreadyPaid { invoice_id: "i1".to_owned() },
        Trouble::Cancelled,
        Trouble::GaveUp { code: code.clone(), message: text() },
        Trouble::NotTried { code: code.clone(), message: text() },
        Trouble::Failed { code: code.clone(), message: text() },
        Trouble::Refused { status: StatusCode::BAD_REQUEST, code, message: text() },
        Trouble::BadGateway { status: 502 },
        Trouble::XenditDown,
    ]
}

async fn sent(answer: Answer) -> (StatusCode, axum::http::HeaderMap, Value) {
    let (parts, body) = answer.into_response().into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn every_answer_is_an_object_with_a_code_and_a_message_and_says_whether_to_repeat() {
    for trouble in troubles() {
        let name = format!("{trouble:?}");
        let retries = trouble.facts().is_retryable;
        let (status, headers, body) = sent(trouble.into()).await;
        assert!(body["error_code"].as_str().is_some_and(|code| !code.is_empty()), "{name}");
        assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        assert_eq!(body["antre"]["retryable"], retries, "{name}");
        assert_eq!(headers.contains_key("retry-after"), retries, "{name}");
        assert_eq!(headers["content-type"], "application/json", "{name}");
        // Callers take a 429 for the account's limit, some take a 202 for an invoice.
        let is_error = status.is_client_error() || status.is_server_error();
        assert!(is_error && status != StatusCode::TOO_MANY_REQUESTS, "{name}: {status}");
    }
}

#[tokio::test]
async fn a_caller_is_told_how_long_to_stay_away_and_about_which_job() {
    let seen =
        JobSeen { account: "default".parse().unwrap(), job: "1-0".to_owned(), state: "waiting" };
    for (estimate, wait) in [(None, "2"), (Some(0), "2"), (Some(12), "12"), (Some(700), "60")] {
        let trouble = Trouble::StillQueued { reason: "so".to_owned(), estimated_wait_s: estimate };
        let (status, headers, body) = sent(Answer::from(trouble).about(seen.clone())).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(headers["retry-after"], wait);
        assert_eq!(
            (&headers["x-antre-job"], &headers["x-antre-state"]),
            (&"default/1-0".parse().unwrap(), &"waiting".parse().unwrap())
        );
        assert_eq!(
            body["antre"],
            json!({ "job": "default/1-0", "state": "waiting", "reason": "so", "retryable": true, "estimated_wait_s": estimate })
        );
    }
}

#[tokio::test]
async fn faults_of_the_invoice_are_listed_by_their_paths() {
    let body = br#"{"invoice":{"amount":0}}"#;
    let fault = antre_xendit::body::parse(body).unwrap_err();
    let (_, _, body) = sent(Trouble::Invalid(fault).into()).await;
    let paths: Vec<&str> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["external_id", "amount"]);
}

#[tokio::test]
async fn who_asked_not_to_wait_gets_the_job() {
    let seen =
        JobSeen { account: "default".parse().unwrap(), job: "1-0".to_owned(), state: "submitted" };
    let (status, _, body) = sent(Answer::accepted().about(seen)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(body, json!({ "antre": { "job": "default/1-0", "state": "submitted" } }));
}
