//! Turns queued jobs into Xendit invoices: the apalis backend, the handler and the services around them.
