<?php

declare(strict_types=1);

namespace Antre;

use InvalidArgumentException;

/** The names of an account's keys. The braces are part of them. */
final class Keys
{
    public function __construct(public readonly string $account)
    {
        if (preg_match('/\A[a-z0-9-]{1,32}\z/', $account) !== 1) {
            throw new InvalidArgumentException("\"$account\" is no account: write 1 to 32 of the characters a-z, 0-9 and -");
        }
    }

    public function named(string $name): string
    {
        return "antre:{{$this->account}}:$name";
    }

    public function result(string $id): string
    {
        return $this->named("result:$id");
    }
}
