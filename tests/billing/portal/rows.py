"""The portal's tables in SQLite. The bill's row has the payment link, once there is one."""

from __future__ import annotations

import os
import time

from sqlalchemy import ForeignKey, UniqueConstraint, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

engine = create_engine(f"sqlite:///{os.environ['PORTAL_DATABASE']}")
Session = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Brand(Base):
    __tablename__ = "brands"
    id_brand: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str]
    xendit_key_name: Mapped[str]


class Package(Base):
    __tablename__ = "packages"
    id: Mapped[int] = mapped_column(primary_key=True)
    kecepatan: Mapped[int]
    price: Mapped[int]


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    nama: Mapped[str]
    email: Mapped[str]
    no_telp: Mapped[str]
    is_vip: Mapped[bool]
    brand_id: Mapped[str] = mapped_column(ForeignKey("brands.id_brand"))
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    harga_layanan: Mapped[Brand] = relationship(lazy="joined")
    package: Mapped[Package] = relationship(lazy="joined")


class InvoiceRow(Base):
    __tablename__ = "invoices"
    __table_args__ = (UniqueConstraint("customer_id", "period"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    period: Mapped[str]
    total_harga: Mapped[int]
    pajak: Mapped[int]
    xendit_external_id: Mapped[str | None]
    xendit_retry_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    link: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=time.time)
    linked_at: Mapped[float | None]
    customer: Mapped[Customer] = relationship(lazy="joined")


def prepare(customers: int) -> None:
    """Makes the tables, and so many customers if there are none yet. One in ten is a VIP."""
    Base.metadata.create_all(engine)
    with Session.begin() as session:
        if session.get(Brand, "ajn-01") is not None:
            return
        session.add(Brand(id_brand="ajn-01", brand="Jakinet", xendit_key_name="JAKINET"))
        session.add(Package(id=1, kecepatan=50, price=350_000))
        session.flush()
        for number in range(1, customers + 1):
            session.add(
                Customer(
                    id=number,
                    nama=f"Pelanggan {number}",
                    email=f"pelanggan{number}@example.com",
                    no_telp=f"0812{number:08}",
                    is_vip=number % 10 == 0,
                    brand_id="ajn-01",
                    package_id=1,
                )
            )
