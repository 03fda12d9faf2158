use super::super::tests::product;
use super::{Glimpse, MAX_EXTERNAL_ID_CHARACTERS};

fn glimpse(raw: &[u8]) -> Glimpse {
    product("invoice").glimpse(raw)
}

#[test]
fn the_bills_name_is_found_in_whatever_was_sent() {
    for raw in [
        &br#"{"invoice":{"external_id":"INV-1","amount":"a lot"}}"#[..],
        br#"{"invoice":{"externalId":"INV-1","amount":1}}"#,
        br#"{"external_id":"INV-1","amount":1}"#,
        br#"{"invoice":{"external_id" : "INV-1","amount":1"#,
        b"{'invoice':{'external_id':'INV-1'}}",
        br#""{\"invoice\":{\"external_id\":\"INV-1\"}}""#,
        br#"[{"invoice":{"external_id":"INV-1","amount":1}}]"#,
        br#"a:1:{s:7:"invoice";a:1:{s:11:"external_id";s:5:"INV-1";}}"#,
        br#"{"invoice":"{\"external_id\":\"INV-1\",\"amount\":1}"}"#,
        br#"{"invoice":{"external_id":"INV-1","amount":1,}}"#,
        br#"{:invoice=>{:external_id=>"INV-1"}}"#,
        b"{invoice:{external_id:'INV-1',amount:1}}",
        b"invoice:\n  external_id: INV-1\n",
        b"external_id=INV-1&amount=1000",
        b"invoice%5Bexternal_id%5D=INV-1&a=1",
        b"<job><external_id>INV-1</external_id></job>",
        b"map[invoice:map[external_id:INV-1]]",
        b"{&quot;external_id&quot;:&quot;INV-1&quot;}",
        b"%7B%22external_id%22%3A%22INV-1%22%7D",
        b"eyJpbnZvaWNlIjp7ImV4dGVybmFsX2lkIjoiSU5WLTEifX0=",
        b"{\0\"\0e\0x\0t\0e\0r\0n\0a\0l\0_\0i\0d\0\"\0:\0\"\0I\0N\0V\0-\x001\0\"\0",
        b"data:application/json;base64,eyJpbnZvaWNlIjp7ImV4dGVybmFsX2lkIjoiSU5WLTEifX0=",
        b"\x81\xA7invoice\x82\xABexternal_id\xA5INV-1\xA6amount\x01",
        b"\xA1ginvoice\xA2kexternal_ideINV-1famount\x01",
        b"\x80\x04\x95}\x94\x8C\x0Bexternal_id\x94\x8C\x05INV-1\x94",
        b"\xFF\x00{\"invoice\":{\"external_id\":\"INV-1\"}}",
    ] {
        let text = String::from_utf8_lossy(raw);
        assert_eq!(glimpse(raw).external_id.as_deref(), Some("INV-1"), "{text}");
    }
}

#[test]
fn what_is_no_name_is_not_taken_for_one() {
    for raw in [
        &br#"{"invoice":{"external_id":"","amount":1}}"#[..],
        br#"{"invoice":{"external_id":" INV-1"}}"#,
        br#"{"invoice":{"external_id":"INV\u200b-1"}}"#,
        br#"{"invoice":{"external_id":7}}"#,
        br#"{"invoice":{"external_id":"#,
        b"external_id",
        b"external_id\"",
        b"",
        b"\xFF\xFF\xFF",
    ] {
        assert_eq!(glimpse(raw).external_id, None, "{}", String::from_utf8_lossy(raw));
    }
    let long = format!(r#"{{"external_id":"{}"}}"#, "x".repeat(256));
    assert_eq!(glimpse(long.as_bytes()).external_id, None);
}

#[test]
fn batch_and_reference_count_if_they_are_right() {
    let seen = glimpse(br#"{"invoice":{},"batch":"2026-12","reference":"17","priorty":"high"}"#);
    assert_eq!((seen.batch.as_deref(), seen.reference.as_deref()), (Some("2026-12"), Some("17")));
    let seen = glimpse(br#"{"invoice":{},"batch":"a b","reference":""}"#);
    assert_eq!((seen.batch, seen.reference), (None, None));
}

#[test]
fn a_slash_in_a_name_may_be_escaped_and_no_name_is_cut() {
    for raw in [
        &br#"{"invoice":{"external_id":"INV\/2026\/1","amount":1"#[..],
        br#""{\"invoice\":{\"external_id\":\"INV\\/2026\\/1\"}}""#,
        br#"{"invoice":"{\"external_id\":\"INV\\/2026\\/1\"}"}"#,
    ] {
        assert_eq!(glimpse(raw).external_id.as_deref(), Some("INV/2026/1"));
    }
    for raw in [&br#"{"external_id":"INV\u0020-1","amount":1"#[..], br#"{"external_id":"INV-1"#] {
        assert_eq!(glimpse(raw).external_id, None);
    }
}

#[test]
fn nor_is_a_name_in_a_text_of_another_form_that_is_doubtful_too_long_or_padded() {
    let long = "x".repeat(MAX_EXTERNAL_ID_CHARACTERS + 1);
    for name in ["INV\u{200b}-1", " INV-1", "INV-1 ", long.as_str()] {
        let seen = glimpse(format!("external_id: \"{name}\"\namount: 1\n").as_bytes());
        assert_eq!(seen.external_id, None, "{name}");
    }
    let seen = glimpse(b"external_id: \"INV-1\"\namount: 1\n");
    assert_eq!(seen.external_id.as_deref(), Some("INV-1"));
}
