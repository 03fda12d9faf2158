// The field names of xendit-node 7 (camelCase) and those of Xendit (snake_case): one table for both directions.

/** The fields of an object of xendit-node's. Those in `inner` hold objects, or lists of objects, with fields of their own. */
interface Shape {
  readonly wire: ReadonlyMap<string, string>;
  readonly camel: ReadonlyMap<string, string>;
  readonly inner: ReadonlyMap<string, Shape>;
}

function shape(names: string, inner: Record<string, Shape> = {}): Shape {
  const all = [...names.split(" "), ...Object.keys(inner)];
  const pairs = all.map((camel) => [camel, camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] as const);
  return {
    wire: new Map(pairs),
    camel: new Map(pairs.map(([camel, wire]) => [wire, camel])),
    inner: new Map(Object.entries(inner)),
  };
}

const ADDRESS = shape("country streetLine1 streetLine2 city province state postalCode");
const CUSTOMER = shape("id phoneNumber givenNames surname email mobileNumber customerId", { addresses: ADDRESS });
const NOTIFICATIONS = shape("invoiceCreated invoiceReminder invoicePaid");
const ITEM = shape("name price quantity referenceId url category");
const FEE = shape("type value");
const TERMS = shape("issuer terms");
const INSTALLMENTS = shape("allowFullPayment", { allowedTerms: TERMS });
const CARDS = shape("allowedBins", { installmentConfiguration: INSTALLMENTS });
const CHANNELS = shape("", { cards: CARDS });
const PARTS = {
  customer: CUSTOMER,
  customerNotificationPreference: NOTIFICATIONS,
  items: ITEM,
  fees: FEE,
  channelProperties: CHANNELS,
};

const REQUEST = shape(
  "externalId amount payerEmail description invoiceDuration callbackVirtualAccountId shouldSendEmail " +
    "successRedirectUrl failureRedirectUrl paymentMethods midLabel shouldAuthenticateCreditCard currency " +
    "reminderTime locale reminderTimeUnit metadata",
  PARTS,
);

const INVOICE = shape(
  "id externalId userId payerEmail description paymentMethod status merchantName merchantProfilePictureUrl locale " +
    "amount expiryDate invoiceUrl shouldExcludeCreditCard shouldSendEmail created updated successRedirectUrl " +
    "failureRedirectUrl shouldAuthenticateCreditCard currency fixedVa reminderDate metadata",
  {
    ...PARTS,
    availableBanks: shape(
      "bankCode collectionType bankBranch bankAccountNumber accountHolderName transferAmount alternativeDisplays",
    ),
    availableRetailOutlets: shape("retailOutletName paymentCode transferAmount merchantName"),
    availableEwallets: shape("ewalletType"),
    availableQrCodes: shape("qrCodeType"),
    availableDirectDebits: shape("directDebitType"),
    availablePaylaters: shape("paylaterType shouldExclude"),
  },
);

/** xendit-node makes Date objects of these. */
const DATES = ["created", "updated", "expiryDate", "reminderDate"];

type Fields = Record<string, unknown>;

/** Returns the body of a create; names that are not in the table stay as they are. */
export function toBody(data: object): Fields {
  return renamed(data, REQUEST, "wire") as Fields;
}

/** Returns Xendit's answer as xendit-node shows it; names that are not in the table stay as they are. */
export function fromAnswer(answer: object): Fields {
  const invoice = renamed(answer, INVOICE, "camel") as Fields;
  for (const name of DATES) {
    const text = invoice[name];
    if (typeof text === "string" && text !== "") invoice[name] = new Date(text);
  }
  return invoice;
}

function renamed(value: unknown, shape: Shape, to: "wire" | "camel"): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, shape, to));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const other = shape[to].get(name) ?? name;
    const below = shape.inner.get(to === "wire" ? name : other);
    return [other, below ? renamed(inner, below, to) : inner];
  });
  return Object.fromEntries(entries);
}
