use std::collections::BTreeSet;

use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::ProbeOutcome;

use super::*;

#[test]
fn every_outcome_is_counted_from_the_start_and_nothing_else() {
    let of_steps = OUTCOMES.iter().flat_map(|(_step, words)| *words);
    let counted: BTreeSet<&str> =
        of_steps.chain(&OF_EACH_STEP).chain([&REFUSED]).copied().collect();
    let outcomes = [JobOutcome::WORDS, FollowUpOutcome::WORDS, ProbeOutcome::WORDS].concat();
    // Whoever lets go of a claim has no answer, and so no request to count.
    let outcomes = outcomes.into_iter().filter(|word| *word != "abandoned");
    assert_eq!(counted, outcomes.chain(["too_late"]).collect());
}
