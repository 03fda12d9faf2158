//! Which route a request means: SDKs write their paths in several ways.

use antre_core::read::{ReadKind, ReadRequest};
use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::answer::Trouble;

/// The longest query that is passed on.
const QUERY_BYTES_MAX: usize = 8 * 1024;
const ID_BYTES_MAX: usize = 255;

/// What is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// A new invoice.
    Create,
    /// What Xendit is asked.
    Read(ReadRequest),
    /// The process lives.
    Alive,
    /// It can do its work.
    Ready,
}

impl Route {
    /// Returns its word in metrics and logs.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read(read) => read.kind.as_str(),
            Self::Alive | Self::Ready => "probe",
        }
    }
}

/// Returns the route, after runs of slashes became one and a slash at the end is gone.
pub(super) fn route(method: &Method, path: &str, query: Option<&str>) -> Result<Route, Trouble> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (get, post) = (*method == Method::GET, *method == Method::POST);
    match parts.as_slice() {
        ["v2", "invoices"] if post => Ok(Route::Create),
        ["v2", "invoices"] if get => list(query.unwrap_or_default()),
        ["v2", "invoices"] => Err(Trouble::WrongMethod { allow: "GET, POST" }),
        ["v2", "invoices", id] if get => Ok(read(ReadKind::Get, invoice_id(id)?)),
        ["invoices", id, "expire!" | "expire%21"] if post => {
            Ok(read(ReadKind::Expire, invoice_id(id)?))
        }
        ["invoices", _, "expire!" | "expire%21"] => Err(Trouble::WrongMethod { allow: "POST" }),
        ["healthz"] if get => Ok(Route::Alive),
        ["readyz"] if get => Ok(Route::Ready),
        ["v2", "invoices", _] | ["healthz" | "readyz"] => {
            Err(Trouble::WrongMethod { allow: "GET" })
        }
        _ => Err(Trouble::NotServedHere),
    }
}

const fn read(kind: ReadKind, target: String) -> Route {
    Route::Read(ReadRequest { kind, target })
}

fn list(query: &str) -> Result<Route, Trouble> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(Trouble::QueryTooLong);
    }
    Ok(read(ReadKind::List, query.to_owned()))
}

/// Returns an invoice's id, decoded. One that would be another path at Xendit is none.
fn invoice_id(part: &str) -> Result<String, Trouble> {
    let id = percent_decode_str(part).decode_utf8().map_err(|_error| Trouble::NotServedHere)?;
    let is_one = !matches!(id.as_ref(), "." | "..") && id.len() <= ID_BYTES_MAX;
    let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b'\\');
    if is_one && is_plain { Ok(id.into_owned()) } else { Err(Trouble::NotServedHere) }
}

#[cfg(test)]
mod tests;
