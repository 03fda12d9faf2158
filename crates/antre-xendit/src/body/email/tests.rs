use super::is_address;

#[test]
fn usual_addresses_are_taken() {
    for text in [
        "sari@example.com",
        "sari.dewi+bill@mail.example.co.id",
        "0812@example.id",
        "o'neil_x-1@ex-ample.museum",
    ] {
        assert!(is_address(text), "{text}");
    }
}

#[test]
fn what_cannot_be_an_address_is_not() {
    let long = format!("{}@example.com", "a".repeat(65));
    for text in [
        "",
        "-",
        "sari",
        "@example.com",
        "sari@",
        "sari@localhost",
        "sari@example..com",
        "sari@.example.com",
        "sari@example.com.",
        ".sari@example.com",
        "sa..ri@example.com",
        "sari@@example.com",
        "sari@ex ample.com",
        "sari @example.com",
        "sari@-example.com",
        "sari@example.com, budi@example.com",
        "sari@exämple.com",
        "<sari@example.com>",
        "\"sari\"@example.com",
        "sari@example.com\n",
        long.as_str(),
    ] {
        assert!(!is_address(text), "{text:?}");
    }
}
