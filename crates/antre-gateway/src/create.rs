//! `POST /v2/invoices`: a create becomes a job, or joins one, and is held until that ends.

use std::{sync::Arc, time::Duration};

use antre_core::{
    AccountName, JobResult,
    read::{ReadKind, ReadRequest},
};
use antre_store::StoreError;
use axum::{body::Body, http::HeaderMap};
use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    answer::{Answer, JobSeen, Trouble},
    body,
    callers::KnownCaller,
    ending::{self, End},
    gateway::{Gateway, Setup},
    headers::{self, Headers, Hold, hex},
    job_text::{JobText, Look, NoJob},
    line::Line,
    measures::Held,
    placing::{Again, Placed, Placing},
    waits::Waited,
};

/// How long Redis may take to accept a job.
const PLACE_MAX: Duration = Duration::from_secs(3);
/// How long a caller is held before it is told that its job will take longer than it waits.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// A create whose bill is known.
struct Create<'a> {
    gateway: &'a Gateway,
    line: Arc<Line>,
    account: AccountName,
    /// Until when its caller is held.
    deadline: Instant,
    hold: Hold,
}

/// Answers a create.
pub(crate) async fn answer(
    gateway: &Gateway,
    caller: &KnownCaller,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let Some(_place) = gateway.place() else {
        body::drain(body).await;
        return Trouble::Busy.into();
    };
    let setup = gateway.setup();
    let read = match headers::read(&headers, caller, setup.priority) {
        Ok(read) => read,
        Err(trouble) => {
            body::drain(body).await;
            return trouble.into();
        }
    };
    match placeable(&setup, caller, headers, body, read).await {
        Ok(asked) => create(gateway, caller, &setup, asked).await,
        Err(trouble) => trouble.into(),
    }
}

/// A body that a worker would take, and what its caller wants.
struct Asked {
    text: JobText,
    hold: Hold,
    key_digest: Option<String>,
}

async fn placeable(
    setup: &Setup,
    caller: &KnownCaller,
    headers: HeaderMap,
    body: Body,
    read: Headers,
) -> Result<Asked, Trouble> {
    let Headers { treatment, hold, key_digest } = read;
    let bytes = body::read(&headers, body).await?;
    let text = JobText::of(&bytes, treatment, setup.region(&caller.account));
    let text = text.map_err(|no_job| match no_job {
        NoJob::NotJson => Trouble::NotJson,
        NoJob::Invalid(fault) => Trouble::Invalid(fault),
    })?;
    Ok(Asked { text, hold, key_digest })
}

async fn create(gateway: &Gateway, caller: &KnownCaller, setup: &Setup, asked: Asked) -> Answer {
    let Asked { text, hold, key_digest } = asked;
    let wait = match hold {
        Hold::For(wait) => wait,
        Hold::AsConfigured | Hold::Not => setup.wait,
    };
    let create = Create {
        gateway,
        line: gateway.line(&caller.account),
        account: caller.account.clone(),
        deadline: Instant::now() + wait,
        hold,
    };
    if let Some(digest) = key_digest {
        let body_digest = hex(&text.body_digest());
        let first = create.line.queue.remember_caller_key(&digest, &body_digest);
        match timeout(PLACE_MAX, first).await {
            Ok(Ok(first)) if first == body_digest => {}
            Ok(Ok(_other)) => return Trouble::KeyReused.into(),
            Ok(Err(error)) => return unavailable(&create.account, &error),
            Err(_elapsed) => return Trouble::Unavailable.into(),
        }
    }
    create.place(text, setup.look).await
}

impl Create<'_> {
    /// Places the job and answers with its end.
    async fn place(&self, text: JobText, look: Look) -> Answer {
        let placed = self.placed(Placing::new(&text, look), Again::No).await;
        let again = match placed {
            Ok(Placed::Billed { job, invoice_id }) => (job, invoice_id),
            placed => {
                // Nobody needs the body while the job waits.
                drop(text);
                return self.answer_to(placed).await;
            }
        };
        // Xendit says what has become of the invoice: the job looks before anything is created.
        let (job, invoice_id) = again;
        let placing = Placing::new(&text, Look::First);
        drop(text);
        tracing::debug!(account = %self.account, job.id = job, invoice.id = invoice_id, "looking again");
        let placed = self.placed(placing, Again::Yes).await;
        self.answer_to(placed).await
    }

    async fn placed(&self, placing: Placing, again: Again) -> Result<Placed, Answer> {
        match timeout(PLACE_MAX, self.line.placings.place(placing, again)).await {
            Ok(Ok(placed)) => Ok(placed),
            Ok(Err(error)) => Err(unavailable(&self.account, &error)),
            Err(_elapsed) => Err(Trouble::Unavailable.into()),
        }
    }

    async fn answer_to(&self, placed: Result<Placed, Answer>) -> Answer {
        let placed = match placed {
            Ok(placed) => placed,
            Err(answer) => return answer,
        };
        match placed {
            Placed::Unserved => Trouble::NotServed { account: self.account.to_string() }.into(),
            Placed::Conflict { job } => {
                let message = format!(
                    "job {job} bills this external_id with another amount, currency or payer; \
                     expire its invoice first, or give the new bill an external_id of its own"
                );
                Answer::from(Trouble::Conflict { message }).about(self.seen(job, "dead"))
            }
            Placed::Ended { job, result } => self.end(job, &result).await.replayed(),
            // The bill was done between two looks; its caller asks again.
            Placed::Billed { job, .. } => {
                let reason = "its invoice is being looked at".to_owned();
                let trouble = Trouble::StillQueued { reason, estimated_wait_s: None };
                Answer::from(trouble).about(self.seen(job, "done"))
            }
            Placed::Waiting { job, state, .. } if self.hold == Hold::Not => {
                Answer::accepted().about(self.seen(job, state))
            }
            Placed::Waiting { job, is_joined, .. } => {
                let answer = self.wait(job).await;
                if is_joined { answer.replayed() } else { answer }
            }
        }
    }

    /// Holds the caller until the job ends, or it is clear that it will not in time.
    ///
    /// What it asks then is boxed, so that a caller that only waits takes no room for it.
    async fn wait(&self, job: String) -> Answer {
        let _held = Held::begin();
        let mut wait = self.line.waits.subscribe(&job);
        let end = wait.end();
        tokio::pin!(end);
        let first_look = self.deadline.min(Instant::now() + FIRST_LOOK);
        let until = [first_look, self.deadline];
        for instant in until {
            tokio::select! {
                waited = &mut end => return match waited {
                    Waited::Ended(result) => Box::pin(self.end(job, &result)).await,
                    Waited::Unknown => Trouble::Lost.into(),
                },
                () = self.gateway.stopping().cancelled() => {
                    let state = Box::pin(self.state_of(&job)).await;
                    return Answer::from(Trouble::ShuttingDown).about(self.seen(job, state));
                }
                () = sleep_until(instant) => {}
            }
            if instant == self.deadline || Box::pin(self.is_hopeless(&job)).await {
                break;
            }
        }
        Box::pin(self.still_queued(job)).await
    }

    /// Tells whether the job will certainly take longer than its caller waits.
    async fn is_hopeless(&self, job: &str) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let expected = self.line.outlook.of(job).await;
        expected.is_standstill || expected.wait_s.is_some_and(|wait_s| wait_s > left.as_secs())
    }

    async fn still_queued(&self, job: String) -> Answer {
        let expected = self.line.outlook.of(&job).await;
        let state = self.state_of(&job).await;
        let trouble =
            Trouble::StillQueued { reason: expected.reason, estimated_wait_s: expected.wait_s };
        let answer = Answer::from(trouble).about(self.seen(job, state));
        // Who does not want to wait says nothing about how long it takes.
        if self.hold == Hold::For(Duration::ZERO) {
            answer.with_outcome("not_waited")
        } else {
            answer
        }
    }

    /// Returns the answer to a job that has ended.
    async fn end(&self, job: String, result: &JobResult) -> Answer {
        let seen = self.seen(job, result.state.as_str());
        let now_ms = self.line.outlook.now_ms().await;
        match ending::of(result, now_ms) {
            End::Answer(answer) => answer.about(seen),
            End::Invoice { id: Some(id) } => {
                let read = ReadRequest { kind: ReadKind::Get, target: id };
                self.line.reads.ask(read).await.about(seen)
            }
            End::Invoice { id: None } => {
                let message = "the job is done and its invoice is not known".to_owned();
                Answer::from(Trouble::Failed { code: "no_invoice".to_owned(), message }).about(seen)
            }
        }
    }

    fn seen(&self, job: String, state: &'static str) -> JobSeen {
        JobSeen { account: self.account.clone(), job, state }
    }

    async fn state_of(&self, job: &str) -> &'static str {
        self.line.outlook.state(job).await
    }
}

fn unavailable(account: &AccountName, error: &StoreError) -> Answer {
    tracing::warn!(%account, %error, "a create could not be taken in");
    Trouble::Unavailable.into()
}
