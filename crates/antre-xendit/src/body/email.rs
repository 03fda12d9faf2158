//! E-mail addresses: can this text be one?

/// The most characters of an address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_LENGTH: usize = 254;
/// The most characters before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_LENGTH: usize = 64;

/// Tells whether the text has the usual form `name@host.domain`.
///
/// Quoted names, addresses by IP number and letters beyond ASCII are refused: billing data holds
/// them by mistake far more often than on purpose.
///
/// # Examples
/// ```
/// use antre_xendit::body::email::is_address;
///
/// assert!(is_address("sari@example.co.id"));
/// assert!(!is_address("sari@localhost"));
/// ```
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= MAX_LENGTH
        && local.len() <= MAX_LOCAL_LENGTH
        && local.split('.').all(is_local_atom)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn is_local_atom(atom: &str) -> bool {
    let is_text = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    !atom.is_empty() && atom.bytes().all(is_text)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests;
