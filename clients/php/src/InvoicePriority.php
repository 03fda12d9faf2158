<?php

declare(strict_types=1);

namespace Antre;

enum InvoicePriority: string
{
    case HIGH = 'high';
    case NORMAL = 'normal';
    case LOW = 'low';
}
