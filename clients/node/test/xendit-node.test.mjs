// The class that replaces xendit-node's, measured by xendit-node 7 itself.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Antre, Invoice, InvoiceRejected } from "antre";
import { createClient } from "redis";
import { fromAnswer, toBody } from "../dist/esm/fields.js";
import { Fleet } from "./support/fleet.mjs";

const require = createRequire(import.meta.url);
const models = require("xendit-node/invoice/models");

const DATA = {
  externalId: "XN-1",
  amount: 350000,
  payerEmail: "sari@example.com",
  description: "Internet",
  invoiceDuration: 86400,
  callbackVirtualAccountId: "va-1",
  shouldSendEmail: true,
  customer: {
    ...{ id: "c", phoneNumber: "+628123456789", givenNames: "Sari", surname: "Dewi", email: "sari@example.com" },
    ...{ mobileNumber: "+628123456789", customerId: "cust-1" },
    addresses: [
      { country: "ID", streetLine1: "Jl. A", streetLine2: "2", city: "Depok", province: "JB", state: "x", postalCode: "1" },
    ],
  },
  customerNotificationPreference: { invoiceCreated: ["whatsapp"], invoiceReminder: ["email"], invoicePaid: ["email"] },
  successRedirectUrl: "https://example.com/ok",
  failureRedirectUrl: "https://example.com/no",
  paymentMethods: ["BCA"],
  midLabel: "mid",
  shouldAuthenticateCreditCard: true,
  currency: "IDR",
  reminderTime: 1,
  locale: "id",
  reminderTimeUnit: "days",
  items: [{ name: "a", price: 350000, quantity: 1, referenceId: "r", url: "https://example.com", category: "c" }],
  fees: [{ type: "ADMIN", value: 5000 }],
  channelProperties: {
    cards: {
      allowedBins: ["411111"],
      installmentConfiguration: { allowFullPayment: true, allowedTerms: [{ issuer: "BCA", terms: [3, 6] }] },
    },
  },
  metadata: { externalId: "stays", "other-name": 1 },
};

test("every field of a create has the name that xendit-node gives it", () => {
  const wanted = models.CreateInvoiceRequestToJSON(DATA);
  assert.ok(Object.values(wanted).every((value) => value !== undefined), "the sample lacks a field");
  assert.deepEqual(toBody(DATA), wanted);
});

test("names that xendit-node does not have stay as they are", () => {
  assert.deepEqual(toBody({ externalId: "A", newField: 1, old_field: { innerName: 2 } }), {
    ...{ external_id: "A", newField: 1, old_field: { innerName: 2 } },
  });
});

test("every field of an answer has the name that xendit-node gives it", () => {
  const bank = { bank_code: "BCA", collection_type: "POOL", bank_branch: "x", bank_account_number: "1" };
  const { fees, channel_properties, ...request } = models.CreateInvoiceRequestToJSON(DATA);
  const answer = {
    ...{ ...request, fees, channel_properties, id: "i", user_id: "u", payment_method: "BANK_TRANSFER", status: "PENDING" },
    ...{ merchant_name: "m", merchant_profile_picture_url: "p", invoice_url: "https://x", should_exclude_credit_card: true },
    ...{ created: "2026-11-28T18:11:43.633Z", updated: "2026-11-28T18:11:44.633Z", fixed_va: true },
    ...{ expiry_date: "2026-11-29T18:11:43.633Z", reminder_date: "2026-11-29T01:00:00.000Z" },
    available_banks: [{ ...bank, account_holder_name: "m", transfer_amount: 1, alternative_displays: [] }],
    available_retail_outlets: [{ retail_outlet_name: "ALFAMART", payment_code: "1", transfer_amount: 1, merchant_name: "m" }],
    available_ewallets: [{ ewallet_type: "OVO" }],
    available_qr_codes: [{ qr_code_type: "QRIS" }],
    available_direct_debits: [{ direct_debit_type: "DD_BRI" }],
    available_paylaters: [{ paylater_type: "KREDIVO", should_exclude: false }],
  };
  const wanted = models.InvoiceFromJSON(answer);
  const found = fromAnswer(answer);
  assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, found[name]])), wanted);
});

let fleet;
let redis;
before(async () => {
  fleet = await Fleet.start();
  redis = await createClient({ socket: { path: fleet.socket } }).on("error", () => undefined).connect();
});
after(async () => {
  redis.destroy();
  await fleet.stop();
});

test("createInvoice makes one invoice and answers as xendit-node does", async () => {
  const invoices = new Invoice({ antre: new Antre({ redis }) });
  const data = { externalId: "XN-2", amount: 350000, customer: { givenNames: "Sari" } };
  const found = await invoices.createInvoice({ data });
  const [{ account, ...answer }] = await fleet.invoices("XN-2");
  assert.ok(account);
  const wanted = models.InvoiceFromJSON(answer);
  assert.deepEqual(likeIn(found, wanted), defined(wanted));
  assert.ok(found.expiryDate instanceof Date);
  assert.equal((await invoices.createInvoice({ data })).invoiceUrl, found.invoiceUrl);
  assert.equal((await fleet.invoices("XN-2")).length, 1);
});

test("a refusal can be read with xendit-node's names", async () => {
  const invoices = new Invoice({ antre: new Antre({ redis }) });
  const failing = invoices.createInvoice({ data: { externalId: "XN-3", amount: 1, currency: "EUR" } });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof InvoiceRejected);
    return error.status === 400 && error.errorCode === "UNSUPPORTED_CURRENCY" && error.errorMessage === error.message;
  });
});

test("forUserId throws: without it another merchant would get the money", async () => {
  const invoices = new Invoice({ antre: new Antre({ redis }) });
  const request = { data: { externalId: "XN-4", amount: 1 }, forUserId: "5f9a3fbd571a1c4068aa40ce" };
  await assert.rejects(invoices.createInvoice(request), /forUserId is not supported/);
  assert.deepEqual(await fleet.invoices("XN-4"), []);
  assert.throws(() => new Invoice({ secretKey: "xnd_development_x" }), /needs none/);
});

/** Returns the part of `found` that `wanted` has: what xendit-node does not know, it leaves out. */
function likeIn(found, wanted) {
  if (Array.isArray(wanted)) return found.map((item, index) => likeIn(item, wanted[index]));
  if (!isPlain(wanted)) return found;
  return Object.fromEntries(Object.entries(defined(wanted)).map(([name, value]) => [name, likeIn(found[name], value)]));
}

/** Returns the same without fields that are undefined. */
function defined(value) {
  if (Array.isArray(value)) return value.map(defined);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, defined(inner)]));
}

function isPlain(value) {
  return typeof value === "object" && value !== null && !(value instanceof Date) && !Array.isArray(value);
}
