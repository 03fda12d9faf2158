// Never run: the compiler reads it. What must not compile is marked, and a mark without an error is one.
import { Redis } from "ioredis";
import OldestIoRedis from "ioredis-oldest";
import { createClient } from "redis";
import { createClient as createOldest } from "redis-oldest";
import {
  Antre,
  Invoice,
  InvoicePriority,
  createBulkInvoicesWithRateLimit,
  createInvoiceWithRateLimit,
  rateLimiter,
  type End,
  type Job,
  type Result,
} from "antre";

export const clients: Antre[] = [
  new Antre({ redis: createClient() }),
  new Antre({ redis: createOldest() }),
  new Antre({ redis: new Redis() }),
  new Antre({ redis: new OldestIoRedis.default(), account: "second-brand", waitMs: 1 }),
];

export async function use(antre: Antre): Promise<void> {
  const job: Job = await antre.enqueue({ external_id: "A", amount: 350000 }, { priority: InvoicePriority.HIGH });
  const jobs: Job[] = await antre.enqueueMany([{ invoice: { external_id: "A", amount: 1n }, reference: "1" }]);
  const result: Result | null = await antre.result(jobs[0] ?? job, 1_000);
  const link: string | null | undefined = result?.invoice_url;
  const url: string = (await antre.create({ external_id: "A", amount: "350000.00" }, { waitMs: 1 })).invoice_url;
  for await (const end of antre.ended({ group: "g", consumer: "c" })) await (end satisfies End).ack();
  const pending: number = (await antre.status()).pending;
  const answer = await new Invoice({ antre }).createInvoice({ data: { externalId: "A", amount: 1 } });
  const expiry: Date = answer.expiryDate;
  rateLimiter.use(antre);
  await createInvoiceWithRateLimit({ external_id: "A", amount: 1 }, "low");
  const { batch }: { batch: string } = await createBulkInvoicesWithRateLimit([{ external_id: "A", amount: 1 }]);
  const { cancelled }: { cancelled: number } = await antre.cancel({ externalId: "A" }, { expire: true, reason: "moved" });
  console.log(link, url, pending, expiry, batch, cancelled, await antre.retryDead("all"));

  // @ts-expect-error an invoice has an amount
  await antre.enqueue({ external_id: "A" });
  // @ts-expect-error a priority is one of three words
  await antre.enqueue({ external_id: "A", amount: 1 }, { priority: "urgent" });
  // @ts-expect-error xendit-node's names have no underscores
  await new Invoice({ antre }).createInvoice({ data: { external_id: "A", amount: 1 } });
  // @ts-expect-error an order names a job, a bill or a batch
  await antre.cancel({});
}
