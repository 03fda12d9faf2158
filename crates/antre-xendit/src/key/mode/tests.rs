use antre_core::Mode;

#[test]
fn the_prefix_of_the_key_tells_the_mode() {
    for (key, mode) in [
        ("xnd_development_abc", Mode::Test),
        ("xnd_production_abc", Mode::Live),
        ("xnd_public_development_abc", Mode::Unknown),
        ("XND_PRODUCTION_abc", Mode::Unknown),
        ("", Mode::Unknown),
    ] {
        assert_eq!(super::of(key), mode, "{key}");
    }
}
