export { Antre, type AntreOptions, type CreateOptions, type NewJob } from "./antre.js";
export type { IoRedisClient, NodeRedisClient, RedisClient } from "./clients.js";
export type { End, EndedOptions } from "./ended.js";
export { InvoiceRejected, InvoiceStillQueued, NotServed, Unavailable, type UnavailableDetails } from "./errors.js";
export {
  Invoice,
  type AddressObject,
  type CreateInvoiceOperationRequest,
  type CreateInvoiceRequest,
  type CustomerObject,
  type InvoiceAnswer,
} from "./invoice.js";
export { InvoicePriority, type InvoiceBody, type JobOptions } from "./job.js";
export type { CancelCounts, CancelOptions, OrderOptions, RetryCounts, Target } from "./orders.js";
export {
  createBulkInvoicesWithRateLimit,
  createInvoiceWithRateLimit,
  rateLimiter,
  type BulkQueued,
  type Queued,
} from "./rate-limiter.js";
export type { Job, JobState, Outcome, Result, ResultError, Warning, XenditInvoice } from "./result.js";
export type { Status } from "./status.js";
