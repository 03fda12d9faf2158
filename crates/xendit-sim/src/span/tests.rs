use super::*;

#[test]
fn spans_are_read_in_every_unit_and_written_back() {
    for (text, us) in [
        ("300us", 300),
        ("20ms", 20_000),
        ("1s", 1_000_000),
        ("1500ms", 1_500_000),
        ("1m", 60_000_000),
        ("2h", 7_200_000_000),
    ] {
        let span = parse_span(text).unwrap();
        assert_eq!(span, Duration::from_micros(us), "{text}");
        assert_eq!(format_span(span), text);
    }
    assert_eq!(parse_span("1.5s").unwrap(), Duration::from_millis(1_500));
    assert_eq!(parse_span("0").unwrap(), Duration::ZERO);
    assert_eq!(format_span(Duration::ZERO), "0ms");
}

#[test]
fn what_is_no_span_is_refused_by_its_reason() {
    assert_eq!(parse_span("20"), Err(SpanError::Unit("20".to_owned())));
    assert_eq!(parse_span("2 weeks"), Err(SpanError::Unit("2 weeks".to_owned())));
    assert_eq!(parse_span("ms"), Err(SpanError::Number("ms".to_owned())));
    assert_eq!(parse_span("1.2.3s"), Err(SpanError::Number("1.2.3s".to_owned())));
    assert_eq!(parse_span("99999999999h"), Err(SpanError::Number("99999999999h".to_owned())));
    assert_eq!(parse_span("-1s"), Err(SpanError::Unit("-1s".to_owned())));
}
