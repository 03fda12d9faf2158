"""What the application asks for: the types of the limiter that is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class InvoicePriority(Enum):
    """How urgent an invoice is."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass
class InvoiceRequest:
    """One invoice that the application wants, with its own rows: bill, customer and package."""

    invoice: Any
    pelanggan: Any
    paket: Any
    deskripsi_xendit: str
    pajak: float
    no_telp_xendit: str = ""
    priority: InvoicePriority = InvoicePriority.NORMAL
    retry_count: int = 0
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.created_at is None:
            self.created_at = datetime.now()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> InvoiceRequest:
        """Reads one entry of a bulk call."""
        return cls(
            invoice=data["invoice"],
            pelanggan=data["pelanggan"],
            paket=data["paket"],
            deskripsi_xendit=data["deskripsi_xendit"],
            pajak=data["pajak"],
            no_telp_xendit=data.get("no_telp_xendit", ""),
            priority=data.get("priority", InvoicePriority.NORMAL),
        )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of the application's own function."""
        return {
            "invoice": self.invoice,
            "pelanggan": self.pelanggan,
            "paket": self.paket,
            "deskripsi_xendit": self.deskripsi_xendit,
            "pajak": self.pajak,
            "no_telp_xendit": self.no_telp_xendit,
        }
