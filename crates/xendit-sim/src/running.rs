//! The handle of a running simulator.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::account::{Merchant, Rights};
use crate::book::{Invoice, NotPending};
use crate::faults::{Fault, FaultError, ScriptedFault};
use crate::latency::Latency;
use crate::ledger::{Ledger, Summary};
use crate::limits::Limits;
use crate::locked::locked;
use crate::options::{Options, SecretKey};
use crate::server::{Command, Listener, StartError, start};
use crate::simulation::Simulation;

/// Starts simulators.
#[derive(Debug)]
#[non_exhaustive]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator on a thread of its own and returns when it listens.
    ///
    /// # Errors
    /// [`StartError::Listen`] if the address cannot be had, [`StartError::Thread`] if the system
    /// gives no thread.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let addresses = [&[options.listen], &options.also_listen[..]].concat();
        let simulation = Arc::new(Simulation::new(options));
        let (commands, received) = mpsc::channel(4);
        start(Arc::clone(&simulation), addresses, received).await?;
        let address = locked(&simulation.listeners).first().copied();
        let address = address.ok_or_else(|| StartError::Thread(io::ErrorKind::Other.into()))?;
        Ok(Running { simulation, address, commands })
    }
}

/// A running simulator. It stops when this is dropped; [`Running::stop`] also waits for the end.
#[derive(Debug)]
pub struct Running {
    simulation: Arc<Simulation>,
    address: SocketAddr,
    commands: mpsc::Sender<Command>,
}

impl Running {
    /// Returns the base URL, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address it listens on; the first one, if there are several.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens on one more loopback port, for clients that a fault is to strike apart from the others
    /// ([`Fault::at_listener`]).
    ///
    /// # Errors
    /// The error of the system if there is no port, or if the simulator has ended.
    pub async fn add_listener(&self) -> io::Result<Listener> {
        self.ask(Command::Listen).await.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Returns all addresses it listens on, or listened on before an outage.
    pub fn listeners(&self) -> Vec<Listener> {
        self.simulation.listeners()
    }

    /// Gives a merchant's account its keys; those that it has stay. A key with an account of its own
    /// leaves its invoices behind.
    pub fn add_merchant(&self, merchant: &Merchant) {
        self.simulation.accounts.add(merchant);
    }

    /// Returns the name of the account that a key belongs to: that of the key
    /// ([`account_of`](crate::account_of)), or `NAME:test` and `NAME:live` of a [`Merchant`].
    pub fn account_of(&self, secret_key: impl Into<SecretKey>) -> String {
        self.simulation.accounts.account_of(&secret_key.into()).to_string()
    }

    /// Changes what a key may do, for requests that arrive from now on.
    pub fn set_rights(&self, secret_key: impl Into<SecretKey>, rights: Rights) {
        self.simulation.accounts.set_rights(&secret_key.into(), rights);
    }

    /// Returns the ledger; it outlives the simulator.
    pub fn ledger(&self) -> Ledger {
        self.simulation.ledger.clone()
    }

    /// Sums up all arrivals and invoices, with windows of this length.
    pub fn summary(&self, window: Duration) -> Summary {
        self.simulation.summarize(window)
    }

    /// Scripts a fault and returns its id.
    ///
    /// # Errors
    /// [`FaultError`] names what cannot happen.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, FaultError> {
        self.simulation.script.add(fault)
    }

    /// Returns the faults in force.
    pub fn faults(&self) -> Vec<ScriptedFault> {
        self.simulation.script.list()
    }

    /// Removes a fault. Returns whether it was in force.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.simulation.script.remove(id)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.simulation.script.clear();
    }

    /// Changes how long answers take, for requests that arrive from now on.
    pub fn set_latency(&self, latency: Latency) {
        locked(&self.simulation.tempo).latency = latency;
    }

    /// Changes how long new invoices stay invisible in lists, also for those made before.
    pub fn set_list_lag(&self, list_lag: Duration) {
        locked(&self.simulation.tempo).list_lag = list_lag;
    }

    /// Changes the limits; what arrived under the old ones still counts as far as it was remembered.
    pub fn set_limits(&self, limits: Limits) {
        self.simulation.gate.set_limits(limits);
    }

    /// Returns all invoices with this external id, of all accounts, oldest first.
    pub fn invoices(&self, external_id: &str) -> Vec<Invoice> {
        locked(&self.simulation.book).all(Some(external_id))
    }

    /// Pays an invoice.
    ///
    /// # Errors
    /// [`NotPending`] if it is paid or expired, or unknown.
    pub fn pay(&self, invoice_id: &str) -> Result<Invoice, NotPending> {
        locked(&self.simulation.book).pay(invoice_id, self.simulation.clock.now()).cloned()
    }

    /// Expires an invoice as if its time had run out.
    ///
    /// # Errors
    /// [`NotPending`] if it is paid or expired, or unknown.
    pub fn expire(&self, invoice_id: &str) -> Result<Invoice, NotPending> {
        locked(&self.simulation.book).run_out(invoice_id, self.simulation.clock.now()).cloned()
    }

    /// Expires an invoice as a person does in the dashboard: its expiry date stays in the future.
    ///
    /// # Errors
    /// [`NotPending`] if it is paid or expired, or unknown.
    pub fn expire_by_hand(&self, invoice_id: &str) -> Result<Invoice, NotPending> {
        locked(&self.simulation.book)
            .expire_by_hand(invoice_id, self.simulation.clock.now())
            .cloned()
    }

    /// Expires all pending invoices with this external id, of all accounts, as a person does in the
    /// dashboard. Returns them, oldest first.
    pub fn expire_all_by_hand(&self, external_id: &str) -> Vec<Invoice> {
        self.simulation.expire_all_by_hand(external_id)
    }

    /// Refuses connections and breaks those that are open, until [`Running::come_back`]. Requests that
    /// have been read to their end still take effect.
    pub async fn go_down(&self) {
        self.ask(Command::GoDown).await;
    }

    /// Listens again on the same addresses.
    ///
    /// # Errors
    /// The error of the system if another process has taken one of them.
    pub async fn come_back(&self) -> io::Result<()> {
        self.ask(Command::ComeBack).await.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Stops listening, waits up to one second for answers under way, and ends.
    pub async fn stop(self) {
        self.ask(Command::Stop).await;
    }

    /// Returns what the server answered; `None` if it has ended.
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (done, is_done) = oneshot::channel();
        self.commands.send(command(done)).await.ok()?;
        is_done.await.ok()
    }
}
