<?php

declare(strict_types=1);

namespace Antre\Redis;

use RuntimeException;

/** An error that Redis itself answered: `NOPERM …`, `OOM …`. The command had no effect. */
final class Refusal extends RuntimeException
{
    public function is(string $code): bool
    {
        return str_starts_with($this->getMessage(), $code);
    }
}
