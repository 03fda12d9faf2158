// A program that uses Xendit's Node SDK. Only the URL is the gateway's.
import { Xendit } from "xendit-node";

const [url, key, name] = process.argv.slice(2);
const { Invoice } = new Xendit({ secretKey: key, xenditURL: url });

const told = {};
const data = { externalId: name, amount: 350000, description: "Internet" };
const made = await Invoice.createInvoice({ data });
told.made = { id: made.id, url: made.invoiceUrl, status: made.status };
told.again = (await Invoice.createInvoice({ data })).id;
told.read = (await Invoice.getInvoiceById({ invoiceId: made.id })).id;
told.listed = (await Invoice.getInvoices({ externalId: name })).map((invoice) => invoice.id);
told.expired = (await Invoice.expireInvoice({ invoiceId: made.id })).status;
told.anew = (await Invoice.createInvoice({ data })).id;

// Each is the SDK's own error, with the status and the code of the answer.
const failed = async (data, forUserId) => {
  try {
    await Invoice.createInvoice({ data, forUserId });
    return "no error";
  } catch (error) {
    return [error.status, error.errorCode];
  }
};
told.refused = await failed({ externalId: `${name}-refused`, amount: 1, currency: "XXX" });
told.conflict = await failed({ ...data, amount: 1 });
told.otherUser = await failed(data, "somebody");
console.log(JSON.stringify(told));
