use super::{JobId, JobIdError};

#[test]
fn a_stream_id_is_a_job_id() {
    for (text, unix_ms) in [
        ("1795413600000-0", 1_795_413_600_000),
        ("0-1", 0),
        ("9223372036854775807-18446744073709551615", i64::MAX),
    ] {
        let id: JobId = text.parse().unwrap();
        assert_eq!((id.as_str(), id.unix_ms()), (text, unix_ms));
        assert_eq!(id.to_string(), text);
    }
}

#[test]
fn any_other_text_is_refused() {
    for text in [
        "",
        "-",
        "1795413600000",
        "1-",
        "-1",
        "1-2-3",
        "01-0",
        "1-00",
        "+1-0",
        "1-+1",
        " 1-0",
        "1-0\n",
        "9223372036854775808-0",
        "1-18446744073709551616",
        "INV-2026",
    ] {
        assert_eq!(text.parse::<JobId>(), Err(JobIdError), "{text:?}");
    }
}

#[test]
fn ids_are_ordered_as_the_stream_is() {
    let order = ["999-5", "1000-2", "1000-10"].map(|text| text.parse::<JobId>().unwrap());
    assert!(order.is_sorted());
}

#[test]
fn json_holds_the_id_as_text() {
    let id: JobId = "5-1".parse().unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"5-1\"");
    assert_eq!(serde_json::from_str::<JobId>("\"5-1\"").unwrap(), id);
}
