<?php

declare(strict_types=1);

namespace Antre\Laravel\Events;

use Antre\End;

/**
 * A job ended without an invoice. If `$end->isBillResult` is false, this is about one job only (a conflict, for example):
 * leave the bill's link alone, and show the error to a person.
 */
final class InvoiceFailed
{
    public function __construct(public readonly End $end)
    {
    }
}
