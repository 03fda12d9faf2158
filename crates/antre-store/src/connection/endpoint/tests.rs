use crate::{StoreError, connection::endpoint::unsettled};

#[test]
fn sentinels_that_name_no_primary_are_told_in_their_own_words() {
    let error = StoreError::from(unsettled(&"no answer within 2 s"));
    let expected = "redis is unavailable: the Sentinels name no primary that can be used: no answer within 2 s";
    assert!(error.is_passing() && error.to_string() == expected, "{error}");
}
