//! The apalis backend: yields claimed work, and acknowledges through [`crate::acknowledge`].
//!
//! It never returns an error, because that would end the worker: everything is retried in the
//! claimer. It yields at most as much work as there are slots, and gives back what it still holds
//! when the worker closes.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use antre_store::claim::Unused;
use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::{context::WorkerContext, ext::ack::AcknowledgeLayer},
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    account::Account,
    acknowledge::Acknowledger,
    claimer::{Work, claim_until_stopped, give_back},
};

type Closing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Yields the work of one account.
pub struct AccountBackend {
    account: Arc<Account>,
    work: mpsc::Receiver<Work>,
    claimer: Option<JoinHandle<()>>,
    closing: Option<Closing>,
}

impl std::fmt::Debug for AccountBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountBackend")
            .field("account", &self.account.name())
            .finish_non_exhaustive()
    }
}

impl AccountBackend {
    /// Starts claiming for `account`, on a task of its own: a claim in flight must not wait for the
    /// handlers that share the worker's task.
    pub fn start(account: Arc<Account>) -> Self {
        let (sink, work) = mpsc::channel(1);
        let claimer = tokio::spawn(claim_until_stopped(Arc::clone(&account), sink));
        Self { account, work, claimer: Some(claimer), closing: None }
    }

    /// Waits for the claimer to end and gives back what it handed over in the meantime.
    fn close(&mut self) -> Closing {
        let account = Arc::clone(&self.account);
        let claimer = self.claimer.take();
        account.stopping.cancel();
        let mut left = Vec::new();
        self.work.close();
        while let Ok(work) = self.work.try_recv() {
            left.push(work);
        }
        Box::pin(async move {
            for work in left {
                give_back(&account, &work.held, Unused::Stopping).await;
            }
            if let Some(Err(error)) = match claimer {
                Some(claimer) => Some(claimer.await),
                None => None,
            } {
                tracing::error!(account = account.name(), %error, "the claimer failed");
            }
        })
    }
}

impl Backend for AccountBackend {
    type Task = Task<Work>;
    type Error = Infallible;

    fn poll_ready(
        &mut self,
        _cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Option<Result<Task<Work>, Infallible>>> {
        Poll::Ready(ready!(self.work.poll_recv(cx)).map(|work| Ok(task_of(work))))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        if self.closing.is_none() {
            self.closing = Some(self.close());
        }
        if let Some(closing) = self.closing.as_mut() {
            ready!(closing.as_mut().poll(cx));
        }
        Poll::Ready(Ok(()))
    }
}

fn task_of(work: Work) -> Task<Work> {
    let grant = &work.held.grant;
    let id = TaskId::from_string(&grant.id);
    let attempt = usize::try_from(grant.job.attempts).unwrap_or(usize::MAX);
    let held = Arc::clone(&work.held);
    TaskBuilder::new(work).task_id(id).attempt(attempt).data(held).build()
}

impl BackendConfig for AccountBackend {
    type Args = Work;
    type Id = String;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = AcknowledgeLayer<Acknowledger>;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _worker: &mut WorkerContext) -> Self::Layer {
        AcknowledgeLayer::new(Acknowledger::new(Arc::clone(&self.account)))
    }
}
