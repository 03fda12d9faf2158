<?php

declare(strict_types=1);

namespace Antre\Errors;

use RuntimeException;

/** The job ended without an invoice: Xendit refused it, it is no right job, or it was cancelled. */
final class InvoiceRejected extends RuntimeException
{
    /** Antre's code (`conflict`, `invalid`, …), Xendit's own in capitals, or `cancelled`. */
    public readonly string $errorCode;

    /** The HTTP status of Xendit's answer; null if no answer is the reason. */
    public readonly ?int $status;

    /** @param array<string, mixed> $result the whole result, with Xendit's body in `response` */
    public function __construct(public readonly string $job, public readonly array $result)
    {
        $error = $result['error'] ?? [];
        parent::__construct($error['message'] ?? "job $job was cancelled");
        $this->errorCode = $error['code'] ?? $result['state'];
        $this->status = $error['status'] ?? null;
    }
}
