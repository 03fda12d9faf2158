<?php

declare(strict_types=1);

namespace Antre\Errors;

use RuntimeException;

/** The invoice is not made yet, but the job is safe: it goes on, and `result()` or `ended` has its link later. */
final class InvoiceStillQueued extends RuntimeException
{
    public function __construct(public readonly string $job, public readonly string $account)
    {
        parent::__construct("job $job of the account $account is still queued: "
            . 'ask for its result later, do not bill anew');
    }
}
