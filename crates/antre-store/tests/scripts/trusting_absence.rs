//! Trusting an absence, to the millisecond, with the clock stopped: when a look-up that finds nothing is believed.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::Outcome;
use antre_core::state::NextRequest;
use antre_store::claim::{Claim, Grant};
use antre_store::finish::Finished;
use antre_store::settings::Settings;
use antre_testkit::queue::{QueueFixture, absent, ambiguous, quick_settings};

const TRUST_ABSENCE_ANSWERED: Duration = Duration::from_millis(700);
const TRUST_ABSENCE_UNANSWERED: Duration = Duration::from_millis(900);

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}

fn settings() -> Settings {
    let (trust_absence_answered, trust_absence_unanswered) =
        (TRUST_ABSENCE_ANSWERED, TRUST_ABSENCE_UNANSWERED);
    Settings { trust_absence_answered, trust_absence_unanswered, ..quick_settings() }
}

/// A queue whose clock stands still until it is set.
struct Stopped {
    fixture: QueueFixture,
    start_ms: u64,
}

impl Stopped {
    async fn start() -> Self {
        let fixture = QueueFixture::start_with(&settings()).await;
        let start_ms = fixture.queue.redis().time_us().await.unwrap() / 1_000;
        let stopped = Self { fixture, start_ms };
        stopped.set(start_ms).await;
        // A server that nobody knows counts its short windows as full.
        let first = stopped.claim("first").await;
        assert!(matches!(first, Claim::Wait { .. } | Claim::Idle { .. }), "{first:?}");
        stopped
    }

    async fn set(&self, at_ms: u64) {
        self.fixture.queue.set_clock(Some(at_ms * 1_000)).await.unwrap();
    }

    async fn claim(&self, claim_token: &str) -> Claim {
        self.fixture.queue.claim_next(claim_token, &self.fixture.worker, 0).await.unwrap()
    }

    /// Claims the only job at this instant.
    async fn granted(&self, at_ms: u64) -> Grant {
        self.set(at_ms).await;
        let claim = self.claim(&format!("at-{at_ms}")).await;
        let Claim::Granted(grant) = claim else { unreachable!("not granted: {claim:?}") };
        *grant
    }

    async fn finish(&self, grant: &Grant, outcome: &Outcome) -> Finished {
        self.fixture.queue.finish(grant, outcome, Quota::default()).await.unwrap()
    }

    /// A create whose end nobody knows, claimed a second after the start; returns when it can have had
    /// its effect at the latest.
    async fn ambiguous_create(&self, is_answered: bool) -> u64 {
        let id = self.fixture.accept("INV-1", |_| {}).await;
        let create = self.granted(self.start_ms + 1_000).await;
        assert_eq!(create.request, NextRequest::Create);
        assert_eq!(self.finish(&create, &ambiguous(is_answered)).await, Finished::Scheduled);
        self.fixture.field(&id, "effective_until").await.parse().unwrap()
    }

    /// A look-up that is claimed at the very millisecond is not believed; one
    /// that is claimed a millisecond later is.
    async fn is_believed_one_ms_after(&self, until_ms: u64) {
        let early = self.granted(until_ms).await;
        assert_eq!(early.request, NextRequest::LookUp);
        assert_eq!(self.finish(&early, &absent()).await, Finished::Scheduled);
        let waits = self.claim("too-early").await;
        let one_ms = Duration::from_millis(1);
        assert!(matches!(waits, Claim::Idle { due: Some(due) } if due == one_ms), "{waits:?}");

        let late = self.granted(until_ms + 1).await;
        assert_eq!(late.request, NextRequest::LookUp);
        assert_eq!(self.finish(&late, &absent()).await, Finished::Waiting);
        assert_eq!(self.granted(until_ms + 2).await.request, NextRequest::Create);
    }
}

#[tokio::test]
async fn after_no_answer_a_look_up_is_believed_one_ms_after_the_trusted_time() {
    let stopped = Stopped::start().await;
    let until_ms = stopped.ambiguous_create(false).await;
    let settings = settings();
    let allowed_ms = ms(settings.send_within) + ms(settings.request_timeout);
    assert_eq!(until_ms, stopped.start_ms + 1_000 + allowed_ms);
    stopped.is_believed_one_ms_after(until_ms + ms(TRUST_ABSENCE_UNANSWERED)).await;
}

#[tokio::test]
async fn after_an_unclear_answer_a_look_up_is_believed_one_ms_after_the_shorter_trusted_time() {
    let stopped = Stopped::start().await;
    let until_ms = stopped.ambiguous_create(true).await;
    assert_eq!(until_ms, stopped.start_ms + 1_000, "the answer shows that nothing comes later");
    stopped.is_believed_one_ms_after(until_ms + ms(TRUST_ABSENCE_ANSWERED)).await;
}
