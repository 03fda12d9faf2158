//! A network of the test's own: a bridge, and a namespace for each pod at the end of a cable.
//!
//! All of it lives in namespaces; nothing of it is seen on the machine, and it goes with the value.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::JoinHandle;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::{outcome, run};

/// Addresses that only these namespaces know.
const NODE: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);

/// The node's namespace and its bridge.
#[derive(Debug)]
pub struct Network {
    node: String,
    /// How many pods were ever plugged in.
    pods: AtomicU8,
}

/// A pod's namespace.
#[derive(Debug)]
pub struct Cable {
    node: String,
    /// Its name for `ip netns`.
    pub namespace: String,
    end: String,
    /// The address in it.
    pub address: IpAddr,
}

fn ip(arguments: &str) {
    run("ip", &arguments.split(' ').collect::<Vec<_>>());
}

impl Network {
    /// Makes the node's namespace.
    pub fn make() -> Self {
        static MADE: AtomicU8 = AtomicU8::new(0);
        assert!(
            rustix::process::geteuid().is_root(),
            "these tests make network namespaces: run them as root"
        );
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let node = format!("antre-pods-{}-{number}", std::process::id());
        ip(&format!("netns add {node}"));
        let network = Self { node, pods: AtomicU8::new(0) };
        let node = &network.node;
        ip(&format!("-n {node} link set lo up"));
        ip(&format!("-n {node} link add bridge type bridge"));
        ip(&format!("-n {node} addr add {NODE}/24 dev bridge"));
        ip(&format!("-n {node} link set bridge up"));
        network
    }

    /// Returns an address of the node.
    pub fn node(port: u16) -> SocketAddr {
        SocketAddr::from((NODE, port))
    }

    /// Runs `work` on a thread that stands on the node; what it starts stands there, too.
    pub fn on_node(&self, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        let namespace = self.node.clone();
        std::thread::spawn(move || {
            enter(&namespace);
            work();
        })
    }

    /// Makes a namespace for a pod and plugs it in.
    pub fn plug(&self) -> Cable {
        let number = self.pods.fetch_add(1, Ordering::Relaxed) + 11;
        let (node, namespace) = (self.node.clone(), format!("{}-{number}", self.node));
        let (end, address) = (format!("pod{number}"), Ipv4Addr::new(10, 99, 0, number));
        ip(&format!("netns add {namespace}"));
        let cable = Cable { node, namespace, end, address: address.into() };
        let Cable { node, namespace, end, .. } = &cable;
        ip(&format!("-n {namespace} link set lo up"));
        ip(&format!("-n {node} link add {end} type veth peer name eth0 netns {namespace}"));
        ip(&format!("-n {namespace} addr add {address}/24 dev eth0"));
        ip(&format!("-n {namespace} link set eth0 up"));
        ip(&format!("-n {node} link set {end} master bridge up"));
        cable
    }
}

impl Cable {
    /// Pulls the plug: nothing comes in or goes out, and nobody is told.
    pub fn pull(&self) {
        ip(&format!("-n {} link set {} down", self.node, self.end));
    }

    /// Plugs it in again.
    pub fn put_back(&self) {
        ip(&format!("-n {} link set {} up", self.node, self.end));
    }

    /// Runs `work` on a thread that stands in the pod.
    pub fn inside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let namespace = self.namespace.clone();
        std::thread::spawn(move || {
            enter(&namespace);
            work()
        })
    }
}

/// Moves this thread into a namespace.
fn enter(namespace: &str) {
    let file = File::open(format!("/run/netns/{namespace}")).unwrap();
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
}

impl Drop for Cable {
    fn drop(&mut self) {
        outcome("ip", &["netns", "del", &self.namespace]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        outcome("ip", &["netns", "del", &self.node]);
    }
}
