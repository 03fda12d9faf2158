use super::super::FaultCode;
use super::super::tests::parse;

const JOB: &[u8] = br#"{"invoice":{"external_id":"INV-1","amount":350000}}"#;

fn with(beginning: &[u8]) -> Vec<u8> {
    [beginning, JOB].concat()
}

#[test]
fn what_a_client_compressed_or_serialized_is_called_that() {
    let bson = {
        let length = u32::try_from(JOB.len() + 5).unwrap();
        [&length.to_le_bytes(), JOB, b"\0"].concat()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("gzip", with(b"\x1F\x8B\x08\x00\x00\x00")),
        ("zlib", with(b"\x78\x9C\xAB\xE6")),
        ("zlib", with(b"\x78\x01\xAB\xE6")),
        ("zlib", with(b"\x78\xDA\xAB\xE6")),
        ("zstd", with(b"\x28\xB5\x2F\xFD\x24")),
        ("lz4", with(b"\x04\x22\x4D\x18\x64")),
        ("snappy", with(b"\xFF\x06\x00\x00sNaPpY\x00")),
        ("igbinary", with(b"\x00\x00\x00\x02\x14\x01\x11\x07")),
        ("MessagePack", with(b"\x81\xA7invoice\x82")),
        ("MessagePack", with(b"\xDE\x00\x11\xA7invoice")),
        ("CBOR", with(b"\xA1\x67invoice\xA2")),
        (
            "PHP's serialize",
            br#"a:1:{s:7:"invoice";a:2:{s:11:"external_id";s:5:"INV-1";}}"#.to_vec(),
        ),
        ("PHP's serialize", br#"s:51:"{"invoice":{}}";"#.to_vec()),
        ("PHP's serialize", br#"O:8:"stdClass":1:{}"#.to_vec()),
        ("pickle", with(b"\x80\x04\x95\x1E\x00")),
        ("pickle", b"(dp0\nVinvoice\n".to_vec()),
        ("Java", with(b"\xAC\xED\x00\x05sr\x00")),
        (".NET", with(b"\x00\x01\x00\x00\x00\xFF\xFF\xFF\xFF")),
        ("Marshal", with(b"\x04\x08{\x06")),
        ("BSON", bson),
        ("base64", b"eyJpbnZvaWNlIjp7fX0=".to_vec()),
        ("base64", b"ewogICJpbnZvaWNlIjoge30KfQ==".to_vec()),
        ("base64", b"H4sIAAAAAAAAA6tWysyrSi1KVbKqBgCbJJ2cDgAAAA==".to_vec()),
        ("base64", b"YToxOntzOjc6Imludm9pY2UiO047fQ==".to_vec()),
        ("base64", b"data:application/json;base64,eyJpbnZvaWNlIjp7fX0=".to_vec()),
        ("hexadecimal", b"7b22696e766f696365223a7b7d7d".to_vec()),
        ("PHP's serialize", b"b:1;".to_vec()),
        ("PHP's serialize", b"N;".to_vec()),
        ("LZMA", with(b"\x5D\x00\x00\x80\x00")),
        ("CBOR", with(b"\xD9\xD9\xF7\xA1")),
        ("percent", b"%7B%22invoice%22%3A%7B%7D%7D".to_vec()),
        ("JavaScript", b"[object Object]".to_vec()),
        // LZF and a Snappy block without a frame: literals behind a length.
        ("no text", with(b"\x1F")),
    ];
    for raw in [
        with(b"\xAC\x00\x00\x00\xF0\x20"),
        with(b"\x33\xC8"),
        vec![0x9F, 0x13, 0x77, 0xE1, 0x02],
        vec![0xFF; 20_000],
    ] {
        let text = parse(&raw).unwrap_err().to_string();
        assert!(text.contains("is not UTF-8 from byte"), "{text}");
        assert!(text.contains("compressed or serialized by the client's Redis options"), "{text}");
    }
    for (name, raw) in cases {
        let invalid = parse(&raw).unwrap_err();
        assert_eq!(invalid.code(), FaultCode::Encoded, "{name}: {invalid}");
        let text = invalid.to_string();
        assert!(text.contains(name), "{name}: {text}");
        assert!(text.contains("compressed or serialized by the client's Redis options"), "{text}");
        assert!(text.contains("send plain JSON"), "{text}");
    }
}

#[test]
fn broken_json_and_text_in_another_encoding_are_not_called_that() {
    for raw in [
        &b"{\"a\":\"\xFF\"}"[..],
        b"{\0}\0",
        b"\xFF\xFE{\0}\0",
        b"\0{\0}",
        b"\xEF\xBB\xBF{}",
        b"hello",
        b"a:1",
        b"  {\"a\":1",
        b"x",
        b"",
    ] {
        let invalid = parse(raw).unwrap_err();
        assert_ne!(invalid.code(), FaultCode::Encoded, "{raw:?}: {invalid}");
    }
}

#[test]
fn what_a_language_prints_is_told_with_how_to_write_json() {
    for (raw, hint) in [
        (r#"{"invoice"=>{"external_id"=>"INV-1"}}"#, "to_json"),
        ("{:invoice=>{}}", "to_json"),
        ("map[invoice:map[]]", "json.Marshal"),
        ("Array", "json_encode"),
        ("array (\n  'invoice' =>", "json_encode"),
        ("{'invoice': {}}", "double quotes"),
        ("{\u{201C}invoice\u{201D}:1}", "typographic"),
        ("b'{}'", "decode them first"),
        ("<job/>", "XML"),
        (r#"{\"invoice\":1}"#, "escaped once too often"),
        ("{&quot;invoice&quot;:1}", "HTML"),
        ("external_id=1&amount=2", "a form"),
        ("{invoice:1}", "names of fields"),
        ("undefined", "no value"),
    ] {
        let invalid = parse(raw.as_bytes()).unwrap_err();
        assert_eq!(invalid.code(), FaultCode::NotJson, "{raw}: {invalid}");
        assert!(invalid.to_string().contains(hint), "{raw}: {invalid}");
    }
}
