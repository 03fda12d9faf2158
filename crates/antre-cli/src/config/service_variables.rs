//! The variables that Kubernetes sets in each container for each Service of the namespace.
//!
//! A Service called `antre-redis` makes `ANTRE_REDIS_SERVICE_HOST`, `ANTRE_REDIS_PORT` and more. Nobody
//! wrote them for Antre, and somebody else names the Services, so none of them is ever looked at. The
//! links of Docker have the same names.

/// Returns whether a variable was set for a Service. `name` has the Service's name in front, in capitals.
///
/// The forms are those of Kubernetes' documentation ("Service environment variables"). None of Antre's own
/// variables has such a form; `…_PORT` alone could be somebody's mistake, so its value counts as well.
pub(super) fn is_of_a_service(name: &str, value: &str) -> bool {
    has_service_form(name) || has_link_form(name) || (ends(name, "_PORT") && is_address(value))
}

/// `X_SERVICE_HOST`, `X_SERVICE_PORT`, `X_SERVICE_PORT_HTTP`
fn has_service_form(name: &str) -> bool {
    let named_port = name.split_once("_SERVICE_PORT_").is_some_and(|(service, port)| {
        !service.is_empty() && !port.is_empty() && port.chars().all(is_of_a_name)
    });
    ends(name, "_SERVICE_HOST") || ends(name, "_SERVICE_PORT") || named_port
}

/// `X_PORT_80_TCP`, `X_PORT_80_TCP_ADDR`, `X_PORT_80_TCP_PORT`, `X_PORT_80_TCP_PROTO`
fn has_link_form(name: &str) -> bool {
    let base = ["_ADDR", "_PORT", "_PROTO"].iter().find_map(|end| name.strip_suffix(end));
    let base = base.filter(|base| has_protocol(base)).unwrap_or(name);
    let Some((rest, _protocol)) = base.rsplit_once('_').filter(|_| has_protocol(base)) else {
        return false;
    };
    let Some((rest, number)) = rest.rsplit_once('_') else { return false };
    number.parse::<u16>().is_ok() && ends(rest, "_PORT")
}

fn has_protocol(name: &str) -> bool {
    ["_TCP", "_UDP", "_SCTP"].iter().any(|end| name.ends_with(end))
}

/// `tcp://10.0.0.1:80`
fn is_address(value: &str) -> bool {
    ["tcp://", "udp://", "sctp://"].iter().any(|start| value.trim().starts_with(start))
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
}

/// Returns whether something stands in front of `end`.
fn ends(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|service| !service.is_empty())
}

#[cfg(test)]
pub(super) mod tests;
