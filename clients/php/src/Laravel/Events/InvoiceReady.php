<?php

declare(strict_types=1);

namespace Antre\Laravel\Events;

use Antre\End;

/** The bill has its invoice: write the link. It may come more than once, and late: compare `$end->order`. */
final class InvoiceReady
{
    public function __construct(public readonly End $end)
    {
    }
}
