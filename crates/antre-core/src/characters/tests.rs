use super::{Doubt, doubt, without_invisible};

#[test]
fn names_of_any_letters_are_free_of_doubt() {
    for name in [
        "INV-1",
        "BRAND/ftth/SARI/12-2026/17",
        "Tagihan é ü ñ",
        "\u{8bf7}\u{6c42}",
        "\u{1F600}",
        "a b",
    ] {
        assert_eq!(doubt(name), None, "{name}");
    }
}

#[test]
fn what_cannot_be_seen_is_found_wherever_it_comes_from() {
    for character in [
        '\u{0}',
        '\u{7f}',
        '\u{85}',
        '\u{a0}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{17b4}',
        '\u{180e}',
        '\u{2003}',
        '\u{2007}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{2028}',
        '\u{202a}',
        '\u{202f}',
        '\u{2060}',
        '\u{2066}',
        '\u{2800}',
        '\u{3000}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{e000}',
        '\u{e0020}',
        '\u{e0100}',
        '\t',
        '\n',
    ] {
        let found = doubt(&format!("INV{character}-1"));
        assert_eq!(found, Some(Doubt::Invisible(character)), "{character:?}");
        let text = found.unwrap().to_string();
        assert!(text.contains(&format!("U+{:04X}", u32::from(character))), "{text}");
    }
}

#[test]
fn what_looks_like_a_plain_character_is_found() {
    for (character, like) in [
        ('\u{410}', "A"),
        ('\u{435}', "e"),
        ('\u{39f}', "O"),
        ('\u{2010}', "-"),
        ('\u{2013}', "-"),
        ('\u{2212}', "-"),
        ('\u{ff21}', "A"),
        ('\u{1d400}', "A"),
        ('\u{2044}', "/"),
        ('\u{131}', "i"),
        ('\u{ff11}', "1"),
        ('\u{2460}', "1"),
    ] {
        let found = doubt(&format!("INV{character}1"));
        assert_eq!(found, Some(Doubt::LooksLike(character)), "{character:?}");
        let text = found.unwrap().to_string();
        assert!(text.contains(&format!("looks like \"{like}\"")), "{text}");
    }
    // Other forms of usual characters: a radical, a ligature, a raised digit.
    for character in ['\u{2f00}', '\u{fb01}', '\u{b2}', '\u{2460}', '\u{ff10}'] {
        assert_eq!(
            doubt(&character.to_string()),
            Some(Doubt::LooksLike(character)),
            "{character:?}"
        );
    }
}

#[test]
fn a_letter_and_its_mark_are_one_character() {
    assert_eq!(doubt("Cafe\u{301}"), Some(Doubt::Apart('\u{301}')));
    assert_eq!(doubt("Caf\u{e9}"), None);
    for text in ["i\u{307}nv", "INV-1\u{301}", "INV\u{338}", "-\u{335}1", "é\u{307}"] {
        assert!(matches!(doubt(text), Some(Doubt::Mark(_) | Doubt::Apart(_))), "{text:?}");
    }
    for text in ["\u{e19}\u{e49}\u{e33}", "\u{939}\u{93f}\u{902}", "\u{a98f}\u{a9b6}"] {
        assert_ne!(doubt(text), Some(Doubt::Mark(text.chars().nth(1).unwrap())), "{text:?}");
    }
    assert_eq!(doubt("S\u{fffd}ri"), Some(Doubt::Lost));
    assert!(doubt("Cafe\u{301}").unwrap().to_string().contains("U+0301"));
}

#[test]
fn addresses_lose_what_cannot_be_seen() {
    for (text, clean) in [
        ("\u{202a}+62 812-3456-7890\u{202c}", "+62 812-3456-7890"),
        ("a@b.id\u{200b}", "a@b.id"),
        ("\u{feff}sari@example.com\u{a0}", "sari@example.com"),
        ("sa\u{ad}ri@example.com", "sari@example.com"),
        ("\u{ff10}\u{ff18}12", "0812"),
        ("\u{200b}", ""),
    ] {
        assert_eq!(without_invisible(text), clean, "{text:?}");
    }
}
