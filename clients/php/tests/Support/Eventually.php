<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

use RuntimeException;

final class Eventually
{
    /** Returns once the condition holds, with what it returned; fails with `$what` when the time is over. */
    public static function isTrue(string $what, callable $condition, float $limitS = 30.0): mixed
    {
        $until = microtime(true) + $limitS;
        while (! ($found = $condition())) {
            if (microtime(true) > $until) {
                throw new RuntimeException("it did not happen within $limitS s: $what");
            }
            usleep(10_000);
        }
        return $found;
    }
}
