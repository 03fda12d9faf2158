use super::*;

/// Returns what Kubernetes sets for a Service, as `makeEnvVariableName` of the kubelet does.
pub(in crate::config) fn variables_of(service: &str) -> Vec<(String, String)> {
    let name = service.to_uppercase().replace('-', "_");
    let mut variables = vec![
        (format!("{name}_SERVICE_HOST"), "10.96.0.17".to_owned()),
        (format!("{name}_SERVICE_PORT"), "80".to_owned()),
        (format!("{name}_SERVICE_PORT_HTTP"), "80".to_owned()),
        (format!("{name}_SERVICE_PORT_LIMITS_GRPC"), "81".to_owned()),
        (format!("{name}_PORT"), "tcp://10.96.0.17:80".to_owned()),
    ];
    for (port, protocol) in [(80, "tcp"), (53, "udp"), (9_899, "sctp")] {
        let link = format!("{name}_PORT_{port}_{}", protocol.to_uppercase());
        variables.extend([
            (link.clone(), format!("{protocol}://[fd00::17]:{port}")),
            (format!("{link}_PROTO"), protocol.to_owned()),
            (format!("{link}_PORT"), port.to_string()),
            (format!("{link}_ADDR"), "fd00::17".to_owned()),
        ]);
    }
    variables
}

#[test]
fn every_variable_of_every_service_is_told_apart() {
    for service in
        ["antre", "antre-redis", "antre-send", "redis", "xendit", "a", "antre-port-80-tcp"]
    {
        for (name, value) in variables_of(service) {
            assert!(is_of_a_service(&name, &value), "{name}={value}");
        }
    }
}

#[test]
fn other_variables_are_none_of_a_service() {
    for (name, value) in [
        ("ANTRE_HTTP_PORT", "8080"),
        ("ANTRE_PORT", "6379"),
        ("ANTRE_REDIS_URL", "tcp://10.0.0.1:6379"),
        ("ANTRE_LIMIT", "2/1s"),
        ("ANTRE_PORT_80", "tcp://10.0.0.1:80"),
        ("ANTRE_PORT_HTTP_TCP", "tcp://10.0.0.1:80"),
        ("ANTRE_SERVICE", "10.0.0.1"),
        ("ANTRE_TCP_ADDR", "10.0.0.1"),
        ("_SERVICE_HOST", "10.0.0.1"),
        ("_PORT", "tcp://10.0.0.1:80"),
        ("ANTRE_SERVICE_PORT_", "80"),
    ] {
        assert!(!is_of_a_service(name, value), "{name}={value}");
    }
}
