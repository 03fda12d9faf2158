//! A pod as the YAML has it. A field that is not here is one that the runner does not know: it fails on it, so that
//! nothing of what a cluster would do is left out in silence.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Pod {
    pub(crate) containers: [Container; 1],
    pub(crate) security_context: PodSecurity,
    pub(crate) termination_grace_period_seconds: u64,
    pub(crate) volumes: Vec<Volume>,
    // What only a cluster has a meaning for; `promises` looks at the first two.
    #[serde(rename = "automountServiceAccountToken")]
    _token: Value,
    #[serde(rename = "enableServiceLinks")]
    _links: Value,
    #[serde(rename = "serviceAccountName")]
    _account: Value,
    #[serde(rename = "topologySpreadConstraints", default)]
    _spread: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PodSecurity {
    pub(crate) run_as_user: u32,
    pub(crate) run_as_group: u32,
    pub(crate) fs_group: u32,
    pub(crate) run_as_non_root: bool,
    // The filter of a container runtime is not there; systemd's units are tried with one of their own.
    #[serde(rename = "seccompProfile")]
    _filter: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Container {
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) env: Vec<Variable>,
    #[serde(default)]
    pub(crate) env_from: Vec<VariablesFrom>,
    pub(crate) ports: [Port; 1],
    pub(crate) liveness_probe: Probe,
    pub(crate) readiness_probe: Probe,
    pub(crate) security_context: Security,
    pub(crate) volume_mounts: Vec<Mount>,
    pub(crate) resources: Resources,
    #[serde(rename = "name")]
    _name: Value,
    #[serde(rename = "image")]
    _image: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resources {
    pub(crate) limits: Limits,
    #[serde(rename = "requests")]
    _requests: Value,
}

/// Only memory: a processor's limit would hold a worker back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) memory: String,
}

impl Limits {
    /// Returns the bytes; these files count in mebibytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory.strip_suffix("Mi").unwrap().parse::<u64>().unwrap() * 1024 * 1024
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    pub(crate) value_from: Option<ValueFrom>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ValueFrom {
    pub(crate) secret_key_ref: KeyOf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyOf {
    pub(crate) name: String,
    pub(crate) key: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct VariablesFrom {
    pub(crate) config_map_ref: Named,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) container_port: u16,
}

/// What the kubelet asks. What is left out has Kubernetes' defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Probe {
    pub(crate) http_get: HttpGet,
    pub(crate) period_seconds: u64,
    pub(crate) timeout_seconds: u64,
    pub(crate) failure_threshold: u32,
}

impl Probe {
    pub(crate) fn period(&self) -> Duration {
        Duration::from_secs(self.period_seconds)
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpGet {
    pub(crate) path: String,
    pub(crate) port: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Security {
    pub(crate) allow_privilege_escalation: bool,
    pub(crate) read_only_root_filesystem: bool,
    pub(crate) capabilities: Capabilities,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capabilities {
    pub(crate) drop: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Mount {
    pub(crate) name: String,
    #[serde(rename = "mountPath")]
    pub(crate) path: String,
    pub(crate) read_only: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) config_map: Option<Named>,
    pub(crate) projected: Option<Projected>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Projected {
    pub(crate) default_mode: u32,
    pub(crate) sources: Vec<Source>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) secret: SecretFiles,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretFiles {
    pub(crate) name: String,
    pub(crate) items: Vec<SecretFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretFile {
    pub(crate) key: String,
    pub(crate) path: String,
}

/// Secrets by name, each with its keys.
pub(crate) type Secrets = BTreeMap<&'static str, BTreeMap<&'static str, String>>;
