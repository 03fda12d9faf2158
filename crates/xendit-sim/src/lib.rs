//! A simulated Xendit: the invoice API, scripted faults and a ledger of every arrival.
