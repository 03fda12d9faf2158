use super::Mode;

#[test]
fn the_prefix_of_the_key_tells_the_mode() {
    for (key, mode) in [
        ("xnd_development_abc", Mode::Test),
        ("xnd_production_abc", Mode::Live),
        ("xnd_public_development_abc", Mode::Unknown),
        ("XND_PRODUCTION_abc", Mode::Unknown),
        ("", Mode::Unknown),
    ] {
        assert_eq!(Mode::of_key_prefix(key), mode, "{key}");
    }
}

#[test]
fn each_mode_survives_its_word() {
    for mode in [Mode::Test, Mode::Live, Mode::Unknown] {
        assert_eq!(mode.to_string().parse(), Ok(mode));
    }
    assert!("prod".parse::<Mode>().is_err());
}
