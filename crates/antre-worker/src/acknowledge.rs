//! The last step of every request: the meaning of its answer is written into the queue.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};

use antre_core::backoff::Backoff;
use antre_store::claim::Unused;
use apalis_core::{error::BoxDynError, task::ExecutionContext, worker::ext::ack::Acknowledge};

use crate::{
    account::Account,
    claimer::give_back,
    measures,
    report::{Report, handler_failed},
    running::HeldClaim,
};

/// Tries of a finish that Redis refuses for a reason that does not pass by itself.
const REFUSALS_MAX: u32 = 10;

/// Writes reports; repeats until Redis takes them.
#[derive(Debug, Clone)]
pub struct Acknowledger {
    account: Arc<Account>,
}

impl Acknowledger {
    /// Returns the acknowledger of `account`.
    pub fn new(account: Arc<Account>) -> Self {
        Self { account }
    }
}

impl Acknowledge<Report> for Acknowledger {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<(), Infallible>> + Send>>;

    fn ack(
        &mut self,
        result: &Result<Report, BoxDynError>,
        context: &ExecutionContext,
    ) -> Self::Future {
        let account = Arc::clone(&self.account);
        let held = context.data().get::<Arc<HeldClaim>>().cloned();
        let report = match result {
            Ok(report) => Some(report.clone()),
            Err(error) => {
                tracing::error!(account = account.name(), %error, "a handler failed");
                None
            }
        };
        Box::pin(async move {
            if let Some(held) = held {
                let report = report.unwrap_or_else(|| handler_failed(&held.grant));
                finish(&account, &held, &report).await;
            }
            Ok(())
        })
    }
}

/// Writes `report` until Redis has it, then frees the slot. Waits for Redis as long as it takes: the
/// lease may lapse meanwhile, but an invoice that exists counts whenever it is told.
pub(crate) async fn finish(account: &Account, held: &HeldClaim, report: &Report) {
    let Some(outcome) = &report.outcome else {
        measures::unused_grant(account.name());
        return give_back(account, held, Unused::TooLate).await;
    };
    held.note_ending();
    let mut backoff = Backoff::default();
    let mut refusals = 0;
    loop {
        match account.queue.finish(&held.grant, outcome, report.quota).await {
            Ok(finished) => {
                account.redis_outage.works(account.name());
                tracing::debug!(
                    account = account.name(),
                    job.id = held.grant.id,
                    ?finished,
                    "finished"
                );
                break;
            }
            Err(error) if error.concerns_server() => {
                account.redis_outage.failed(account.name(), &error);
            }
            Err(error) => {
                refusals += 1;
                tracing::error!(account = account.name(), job.id = held.grant.id, %error, "finish refused");
                if refusals >= REFUSALS_MAX {
                    break;
                }
            }
        }
        tokio::time::sleep(backoff.next()).await;
    }
    account.running.release(held);
}
