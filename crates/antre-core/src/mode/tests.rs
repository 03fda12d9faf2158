use super::Mode;

#[test]
fn each_mode_survives_its_word() {
    for mode in [Mode::Test, Mode::Live, Mode::Unknown] {
        assert_eq!(mode.to_string().parse(), Ok(mode));
    }
    assert!("prod".parse::<Mode>().is_err());
}
