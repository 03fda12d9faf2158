//! A machine's network of its own, with a simulated Xendit. Every usual port is free there.

use std::process::Command;
use std::time::Duration;

use antre_testkit::{ChildProcess, built_binary};
use antre_tests::machine::{Cable, Network, tool};

/// Where the simulated Xendit is.
pub(crate) const XENDIT: &str = "127.0.0.1:8900";
/// The most a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Any key of Xendit's test mode is an account there.
pub(crate) const KEY: &str = "xnd_development_packages";

/// The network. What runs in it ends before it goes.
pub(crate) struct Stage {
    _xendit: ChildProcess,
    cable: Cable,
    _network: Network,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let network = Network::make();
        let cable = network.plug();
        let mut command = entered(&cable);
        command.arg(built_binary("antre").unwrap()).args(["xendit-sim", "--listen", XENDIT]);
        let mut xendit = ChildProcess::start(command).unwrap();
        xendit.wait_for_line(XENDIT, PATIENCE).await.unwrap();
        Self { _xendit: xendit, cable, _network: network }
    }

    /// Returns the option by which `systemd-nspawn` puts a machine into this network.
    pub(crate) fn of_a_machine(&self) -> String {
        format!("--network-namespace-path={}", path(&self.cable))
    }

    /// Returns a command that runs the program and arguments to come in this network.
    pub(crate) fn command(&self) -> Command {
        entered(&self.cable)
    }
}

fn entered(cable: &Cable) -> Command {
    let mut command = Command::new(tool("nsenter"));
    command.arg(format!("--net={}", path(cable)));
    command
}

fn path(cable: &Cable) -> String {
    format!("/run/netns/{}", cable.namespace)
}
