<?php

declare(strict_types=1);

namespace Antre\Errors;

use RuntimeException;

/** No worker has ever been started for this account, so its name is probably mistyped. Nothing was stored. */
final class NotServed extends RuntimeException
{
    public function __construct(public readonly string $account)
    {
        parent::__construct("no worker has ever been started for the account $account: "
            . 'correct the name, or start "antre worker" for it');
    }
}
