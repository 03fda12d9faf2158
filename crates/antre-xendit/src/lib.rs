//! The HTTP client for Xendit's invoices: one claim, one request.
