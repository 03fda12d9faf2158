//! What people call the invoice's fields when they do not know Xendit's words, in English and Indonesian; without the
//! signs between words.

use antre_core::schema::OtherWords;

/// Words for an address or a name, and the customer's field.
pub(super) const CONTACT_WORDS: &[(&[&str], &str)] = &[
    (&["lastname", "familyname", "namabelakang"], "surname"),
    (
        &[
            "phone",
            "mobile",
            "whatsapp",
            "wa",
            "hp",
            "handphone",
            "telepon",
            "telephone",
            "telp",
            "tel",
            "msisdn",
            "cellphone",
            "cell",
            "ponsel",
            "nohp",
            "nowa",
            "notelp",
            "phonenumber",
            "mobilenumber",
            "mobilephone",
        ],
        "mobile_number",
    ),
    (&["email", "mail", "e_mail", "surel"], "email"),
    (
        &["name", "nama", "fullname", "firstname", "first_name", "customername", "given_name"],
        "given_names",
    ),
];

/// A field and other words for it. One word may mean different fields, each in its own object: `jumlah` is the
/// amount of an invoice, and the quantity of an item.
pub(super) const OTHER_WORDS: OtherWords = &[
    (
        "external_id",
        &[
            "invoicenumber",
            "invoiceno",
            "noinvoice",
            "nomorinvoice",
            "nomortagihan",
            "notagihan",
            "invoiceid",
        ],
    ),
    ("amount", &["jumlah", "nominal", "total", "harga", "tagihan", "price"]),
    (
        "description",
        &["keterangan", "deskripsi", "desc", "catatan", "uraian", "notes", "note", "memo"],
    ),
    ("currency", &["matauang"]),
    (
        "invoice_duration",
        &[
            "durasi",
            "expiry",
            "expired",
            "expires",
            "duedate",
            "jatuhtempo",
            "tempo",
            "kedaluwarsa",
            "kadaluarsa",
        ],
    ),
    ("payment_methods", &["pembayaran", "carabayar", "channels", "paymentchannels"]),
    ("items", &["barang", "produk", "products", "rincian"]),
    ("fees", &["biaya"]),
    ("metadata", &["meta"]),
    ("locale", &["bahasa", "language", "lang"]),
    ("customer_notification_preference", &["notifikasi", "notification", "notifications"]),
    ("success_redirect_url", &["returnurl", "redirect"]),
    ("customer", &["pelanggan", "konsumen", "buyer", "payer", "customerdetail", "customerdetails"]),
    ("name", &["nama", "barang", "produk"]),
    ("quantity", &["qty", "kuantitas", "jumlah", "banyak", "count"]),
    ("price", &["harga", "unitprice", "amount", "nominal"]),
    ("type", &["tipe", "jenis", "nama", "name"]),
    ("value", &["nilai", "amount", "jumlah", "nominal", "biaya"]),
    ("addresses", &["alamat", "address"]),
    ("street_line1", &["jalan", "alamat", "street", "address"]),
    ("city", &["kota", "kabupaten"]),
    ("country", &["negara"]),
    ("postal_code", &["kodepos", "zip", "zipcode"]),
];
