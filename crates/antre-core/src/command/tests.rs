use super::*;

fn cancel(text: &str) -> Result<Command, String> {
    parse(CommandKind::Cancel, text.as_bytes()).map_err(|invalid| invalid.to_string())
}

fn retry(text: &str) -> Result<Command, String> {
    parse(CommandKind::Retry, text.as_bytes()).map_err(|invalid| invalid.to_string())
}

#[test]
fn a_command_names_its_jobs_in_one_of_several_ways() {
    let job = "1795413600000-7".parse::<JobId>().unwrap();
    for (text, target) in [
        (r#"{"job":"1795413600000-7"}"#, Target::Job(job)),
        (r#"{"external_id":" INV 1"}"#, Target::ExternalId(" INV 1".to_owned())),
        (r#"{"batch":"2026-12"}"#, Target::Batch("2026-12".to_owned())),
    ] {
        assert_eq!(cancel(text).unwrap().target, target);
        assert_eq!(retry(text).unwrap().target, target);
    }
    assert_eq!(retry(r#"{"all_dead":true}"#).unwrap().target, Target::AllDead);
}

#[test]
fn a_cancel_may_ask_for_expiry_and_say_why_and_who() {
    let text = r#"{"external_id":"A","expire":true,"reason":"moved away","by":"desk"}"#;
    let command = cancel(text).unwrap();
    assert!(command.expire);
    assert_eq!(command.reason.as_deref(), Some("moved away"));
    assert_eq!(command.by.as_deref(), Some("desk"));
    assert!(!cancel(r#"{"external_id":"A","expire":false}"#).unwrap().expire);
    assert!(!cancel(r#"{"external_id":"A"}"#).unwrap().expire);
}

#[test]
fn what_is_wrong_is_told() {
    let one_of = "must name its jobs by exactly one of job, external_id, batch";
    let long = format!(r#"{{"batch":"{}"}}"#, "b".repeat(65));
    for (told, said) in [
        (cancel("{}"), format!("cancel {one_of}")),
        (cancel(r#"{"job":"1-1","batch":"b"}"#), format!("cancel {one_of}")),
        (retry("{}"), format!("retry {one_of}, or all_dead")),
        (retry(r#"{"all_dead":false}"#), format!("retry {one_of}, or all_dead")),
        (cancel(r#"{"job":"abc"}"#), "job must be a job id: XADD answers one such as".to_owned()),
        (cancel(r#"{"job":7}"#), "job must be a text in quotes, not a number".to_owned()),
        (
            cancel(r#"{"all_dead":true}"#),
            "all_dead is not a field of a cancel; it has job,".to_owned(),
        ),
        (retry(r#"{"batch":"b","expire":true}"#), "expire is not a field of a retry".to_owned()),
        (cancel(r#"{"batch":"b","by":"a\nb"}"#), "by must be one line".to_owned()),
        (cancel(&long), "batch must have 1 to 64 characters; it has 65".to_owned()),
        (cancel("[]"), "cancel must be a JSON object, not an array".to_owned()),
        (cancel("{"), "cancel is not valid JSON".to_owned()),
        (cancel(""), "cancel is empty".to_owned()),
    ] {
        let told = told.unwrap_err();
        assert!(told.contains(&said), "{said}: {told}");
    }
}

#[test]
fn bytes_of_any_kind_are_read() {
    for bytes in [&b"\xff\xfe"[..], b"{\"job\":\"\xe9\"}", b"\0", b"{\"job\":null}"] {
        for kind in CommandKind::ALL {
            parse(kind, bytes).unwrap_err();
        }
    }
    assert_eq!(CommandKind::of_field(b"cancel"), Some(CommandKind::Cancel));
    assert_eq!(CommandKind::of_field(b"retry"), Some(CommandKind::Retry));
    assert_eq!(CommandKind::of_field(b"job"), None);
}

#[test]
fn what_is_written_is_what_is_read() {
    let job = Target::Job("1795413600000-7".parse().unwrap());
    let named = [Target::ExternalId("INV \"1\"".to_owned()), Target::Batch("b".to_owned()), job];
    for target in named {
        let mut command = Command::cancel(target.clone());
        assert_eq!(cancel(&command.to_json()).unwrap(), command);
        (command.expire, command.reason) = (true, Some("moved away".to_owned()));
        command.by = Some("desk".to_owned());
        assert_eq!(cancel(&command.to_json()).unwrap(), command);
        let command = Command::retry(target);
        assert_eq!(retry(&command.to_json()).unwrap(), command);
    }
    let all = Command::retry(Target::AllDead);
    assert_eq!(retry(&all.to_json()).unwrap(), all);
}

#[test]
fn an_answer_has_the_counts_of_its_kind_and_later_fields_are_passed_by() {
    let text = r#"{"command":"1-1","kind":"retry","retried":2,"not_retryable":1,"not_found":0,"error":null,"new":1}"#;
    let answer: CommandAnswer = serde_json::from_str(text).unwrap();
    assert_eq!((answer.retried, answer.not_retryable, answer.cancelled), (2, 1, 0));
    let text = r#"{"command":"1-1","kind":"cancel","error":{"code":"invalid","message":"m"}}"#;
    let answer: CommandAnswer = serde_json::from_str(text).unwrap();
    assert_eq!(answer.error.unwrap().code, "invalid");
}
