use antre_core::Mode;

use super::default_limits;

#[test]
fn the_defaults_follow_the_mode_of_the_key() {
    for (mode, text) in
        [(Mode::Test, "2/1s,60/1m"), (Mode::Live, "2/1s,600/1m"), (Mode::Unknown, "2/1s,60/1m")]
    {
        assert_eq!(default_limits(mode), text.parse().unwrap(), "{mode}");
    }
}
