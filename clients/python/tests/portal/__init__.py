"""A billing portal in miniature: rows, a function that sends invoices to Xendit, and its limiter, replaced."""
