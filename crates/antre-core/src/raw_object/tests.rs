use super::{Kind, RawObject, decode, encode};

#[test]
fn values_keep_their_text_and_fields_their_order() {
    let object =
        RawObject::parse(r#" { "b" : 3.50e2 , "a":[1, 2],"c\u0041":{"x": null} } "#).unwrap();
    assert_eq!(object.to_json(), r#"{"b":3.50e2,"a":[1, 2],"cA":{"x": null}}"#);
    assert_eq!(object.get("b"), Some("3.50e2"));
    assert_eq!(RawObject::default().to_json(), "{}");
}

#[test]
fn of_two_fields_with_one_name_the_last_counts() {
    let mut object = RawObject::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(object.get("a"), Some("3"));
    object.set("a", "4");
    assert_eq!(object.to_json(), r#"{"a":4,"b":2}"#);
    object.remove("a");
    object.set("c", "5");
    assert_eq!(object.to_json(), r#"{"b":2,"c":5}"#);
}

#[test]
fn the_first_character_tells_the_kind() {
    for (raw, kind) in [
        ("{}", Kind::Object),
        (" []", Kind::Array),
        ("\"x\"", Kind::Text),
        ("-1", Kind::Number),
        ("0", Kind::Number),
        ("true", Kind::Boolean),
        ("false", Kind::Boolean),
        ("null", Kind::Null),
    ] {
        assert_eq!(Kind::of(raw), kind, "{raw}");
    }
}

#[test]
fn texts_survive_their_json() {
    for text in ["", "\"\\\n\u{0}\u{1F600}"] {
        assert_eq!(decode(&encode(text)).as_deref(), Some(text));
    }
    for raw in ["1", "\"\\ud800\"", "null"] {
        assert_eq!(decode(raw), None, "{raw}");
    }
}

#[test]
fn debug_shows_no_value() {
    let object = RawObject::parse(r#"{"email":"sari@example.com"}"#).unwrap();
    assert_eq!(format!("{object:?}"), r#"["email"]"#);
}
