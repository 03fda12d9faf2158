// A class shaped like `Invoice` of xendit-node 7: swap the import, and the rest of the program stays.
import type { Antre, CreateOptions } from "./antre.js";
import { fromAnswer, toBody } from "./fields.js";
import type { InvoiceBody } from "./job.js";

export interface AddressObject {
  country?: string;
  streetLine1?: string;
  streetLine2?: string;
  city?: string;
  province?: string;
  state?: string;
  postalCode?: string;
}

export interface CustomerObject {
  id?: string | null;
  phoneNumber?: string | null;
  givenNames?: string | null;
  surname?: string | null;
  email?: string | null;
  mobileNumber?: string | null;
  customerId?: string | null;
  addresses?: AddressObject[] | null;
}

export interface CreateInvoiceRequest {
  externalId: string;
  amount: number;
  payerEmail?: string;
  description?: string;
  invoiceDuration?: number;
  callbackVirtualAccountId?: string;
  shouldSendEmail?: boolean;
  customer?: CustomerObject;
  customerNotificationPreference?: { invoiceCreated?: string[]; invoiceReminder?: string[]; invoicePaid?: string[] };
  successRedirectUrl?: string;
  failureRedirectUrl?: string;
  paymentMethods?: string[];
  midLabel?: string;
  shouldAuthenticateCreditCard?: boolean;
  currency?: string;
  reminderTime?: number;
  locale?: string;
  reminderTimeUnit?: string;
  items?: { name: string; price: number; quantity: number; referenceId?: string; url?: string; category?: string }[];
  fees?: { type: string; value: number }[];
  channelProperties?: object;
  metadata?: object;
}

/** Xendit's answer with xendit-node's names. */
export interface InvoiceAnswer {
  id?: string;
  externalId: string;
  status: string;
  amount: number;
  invoiceUrl: string;
  expiryDate: Date;
  created: Date;
  updated: Date;
  currency?: string;
  [field: string]: unknown;
}

export interface CreateInvoiceOperationRequest {
  data: CreateInvoiceRequest;
  forUserId?: string;
}

export class Invoice {
  private readonly antre: Antre;

  constructor({ antre }: { antre: Antre }) {
    if (!antre) throw new TypeError("write new Invoice({ antre }): the worker has the secret key, this program needs none");
    this.antre = antre;
  }

  /** Returns the invoice once it is made. Throws as `Antre.create` does. */
  async createInvoice(request: CreateInvoiceOperationRequest, options?: CreateOptions): Promise<InvoiceAnswer> {
    if (request.forUserId) {
      // Left out, it would bill for the wrong merchant.
      throw new TypeError("forUserId is not supported: give that sub-account an account of its own in Antre");
    }
    const answer = await this.antre.create(toBody(request.data) as InvoiceBody, options);
    return fromAnswer(answer) as InvoiceAnswer;
  }
}
