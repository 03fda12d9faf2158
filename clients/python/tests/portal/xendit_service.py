"""How the portal sent an invoice until now: building and sending in one function. Nothing here knows Antre."""

from __future__ import annotations

import os
from typing import Any

import httpx

from portal.rows import Customer, InvoiceRow, Package


def invoice_body(
    invoice: InvoiceRow,
    pelanggan: Customer,
    paket: Package,
    deskripsi_xendit: str,
    pajak: float,
    no_telp_xendit: str = "",
) -> dict[str, Any]:
    """Builds the body alone, as a portal does that has a function for it."""
    if invoice.total_harga <= 0:
        raise ValueError("the bill has no amount")
    return {
        "external_id": f"{pelanggan.harga_layanan.brand}/{invoice.id}",
        "amount": float(invoice.total_harga),
        "description": deskripsi_xendit,
        "customer": {
            "given_names": pelanggan.nama,
            "email": pelanggan.email,
            "mobile_number": no_telp_xendit or pelanggan.no_telp,
        },
        "items": [{"name": f"Internet {paket.kecepatan} Mbps", "price": invoice.total_harga - pajak, "quantity": 1}],
        "fees": [{"type": "Tax", "value": pajak}],
    }


async def create_xendit_invoice(
    invoice: InvoiceRow,
    pelanggan: Customer,
    paket: Package,
    deskripsi_xendit: str,
    pajak: float,
    no_telp_xendit: str = "",
) -> dict[str, Any]:
    """Builds and sends."""
    payload = invoice_body(invoice, pelanggan, paket, deskripsi_xendit, pajak, no_telp_xendit)
    async with httpx.AsyncClient(timeout=30.0) as client:
        try:
            key = os.environ.get("PORTAL_XENDIT_KEY", "portal")
            response = await client.post(os.environ["PORTAL_XENDIT_URL"], json=payload, auth=(key, ""))
            response.raise_for_status()
            result: dict[str, Any] = response.json()
            return result
        except httpx.HTTPStatusError as error:
            raise ValueError(f"Xendit refused: {error.response.text}") from error
        except Exception as error:
            raise ValueError(f"the network failed: {error}") from error
