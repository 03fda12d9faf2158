"""The portal's rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Brand:
    brand: str
    id_brand: str
    xendit_key_name: str


@dataclass
class Customer:
    nama: str
    email: str
    no_telp: str
    harga_layanan: Brand


@dataclass
class Package:
    kecepatan: int


@dataclass
class InvoiceRow:
    id: int
    total_harga: float
    xendit_external_id: str | None = None
    xendit_retry_count: int = 0
