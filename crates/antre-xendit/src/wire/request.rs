//! The requests, as they go over the wire.

use std::fmt;

use antre_core::read::{ReadKind, ReadRequest};
use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    InvalidHeaderValue, USER_AGENT,
};
use http::{Method, Request, Uri};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::api::LOOK_UP_LIMIT;
use crate::key::SecretKey;

/// All but RFC 3986's unreserved characters.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const USER_AGENT_VALUE: &str = concat!("antre/", env!("CARGO_PKG_VERSION"));

/// Names the sub-account for which a request is made.
const FOR_USER_ID: HeaderName = HeaderName::from_static("for-user-id");

/// One request to Xendit.
#[derive(Clone)]
pub enum Call {
    /// `POST /v2/invoices`: make an invoice.
    Create {
        /// The JSON body, sent as it is.
        body: Bytes,
    },
    /// `GET /v2/invoices?external_id=…`: list the invoices of this name.
    LookUp {
        /// The bill's name.
        external_id: String,
    },
    /// `GET /v2/invoices?limit=1`: show the newest invoice, whichever bill it is of.
    ///
    /// It says whose key this is, and changes nothing.
    Newest,
    /// `POST /invoices/<id>/expire!`: make an invoice unpayable.
    Expire {
        /// Xendit's id of the invoice.
        invoice_id: String,
    },
    /// What a program asks: `GET /v2/invoices/<id>`, `GET /v2/invoices?<query>` or an expire. Its answer is passed on.
    Read(ReadRequest),
}

impl Call {
    /// Returns the word for logs and metrics: `create`, `lookup`, `newest`, `expire` or `read`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::LookUp { .. } => "lookup",
            Self::Newest => "newest",
            Self::Expire { .. } => "expire",
            Self::Read(_) => "read",
        }
    }

    /// Returns the length of the longest answer that is read.
    pub(crate) const fn answer_bytes_max(&self) -> usize {
        match self {
            Self::Create { .. } | Self::Expire { .. } | Self::Read(_) => INVOICE_BYTES_MAX,
            Self::LookUp { .. } | Self::Newest => LIST_BYTES_MAX,
        }
    }
}

/// The longest answer that is read to a create, an expire or what a program asks: 1 MiB.
const INVOICE_BYTES_MAX: usize = 1024 * 1024;

/// The longest list that is read: 16 MiB. A hundred invoices with 75 items each need about 8.
const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What all requests of an account have in common.
#[derive(Clone)]
pub(crate) struct RequestForm {
    path_prefix: String,
    headers: HeaderMap,
}

impl RequestForm {
    /// Returns the form for this host (with its port, unless the scheme's own) and path.
    pub(crate) fn new(
        authority: &str,
        path_prefix: &str,
        key: &SecretKey,
        for_user_id: Option<&str>,
    ) -> Result<Self, InvalidHeaderValue> {
        let mut authorization = HeaderValue::try_from(key.authorization())?;
        authorization.set_sensitive(true);
        let headers = [
            (HOST, HeaderValue::try_from(authority)?),
            (AUTHORIZATION, authorization),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (USER_AGENT, HeaderValue::from_static(USER_AGENT_VALUE)),
        ];
        let mut headers: HeaderMap = headers.into_iter().collect();
        if let Some(id) = for_user_id {
            headers.insert(FOR_USER_ID, HeaderValue::try_from(id)?);
        }
        let path_prefix = path_prefix.trim_end_matches('/').to_owned();
        Ok(Self { path_prefix, headers })
    }

    /// Returns the request; nothing if its path is longer than an address can be (64 KiB).
    pub(crate) fn fill(&self, call: &Call) -> Option<Request<Full<Bytes>>> {
        let prefix = &self.path_prefix;
        let (method, path, body) = match call {
            Call::Create { body } => (Method::POST, format!("{prefix}/v2/invoices"), body.clone()),
            Call::LookUp { external_id } => {
                let name = utf8_percent_encode(external_id, &ESCAPED);
                let path = format!("{prefix}/v2/invoices?external_id={name}&limit={LOOK_UP_LIMIT}");
                (Method::GET, path, Bytes::new())
            }
            Call::Newest => (Method::GET, format!("{prefix}/v2/invoices?limit=1"), Bytes::new()),
            Call::Expire { invoice_id } => (Method::POST, expiry(prefix, invoice_id), Bytes::new()),
            Call::Read(ReadRequest { kind, target }) => {
                let (method, path) = match kind {
                    ReadKind::Get => {
                        let id = utf8_percent_encode(target, &ESCAPED);
                        (Method::GET, format!("{prefix}/v2/invoices/{id}"))
                    }
                    ReadKind::List if target.is_empty() => {
                        (Method::GET, format!("{prefix}/v2/invoices"))
                    }
                    ReadKind::List => (Method::GET, format!("{prefix}/v2/invoices?{target}")),
                    ReadKind::Expire => (Method::POST, expiry(prefix, target)),
                };
                (method, path, Bytes::new())
            }
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(path).ok()?;
        *request.headers_mut() = self.headers.clone();
        // Some servers refuse an empty body that is announced as JSON, so only a create announces it.
        if let Call::Create { .. } = call {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        Some(request)
    }
}

fn expiry(prefix: &str, invoice_id: &str) -> String {
    format!("{prefix}/invoices/{}/expire!", utf8_percent_encode(invoice_id, &ESCAPED))
}

/// Leaves out the body, which is full of personal data.
impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { body } => write!(formatter, "Create({} bytes)", body.len()),
            Self::LookUp { external_id } => write!(formatter, "LookUp({external_id:?})"),
            Self::Newest => formatter.write_str("Newest"),
            Self::Expire { invoice_id } => write!(formatter, "Expire({invoice_id:?})"),
            // A query may hold a customer's name.
            Self::Read(read) => write!(formatter, "Read({})", read.kind.as_str()),
        }
    }
}

impl fmt::Debug for RequestForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RequestForm").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
