<?php

declare(strict_types=1);

namespace Antre\Errors;

use RuntimeException;
use Throwable;

/** Redis did not answer in time, or refused the command. */
final class Unavailable extends RuntimeException
{
    /**
     * @param bool $mayHaveArrived true: the command may have reached Redis. To send the same bill again is harmless
     * @param list<string> $jobs of `enqueueMany`: the ids of the first bills, which certainly arrived
     */
    public function __construct(
        string $message,
        public readonly bool $mayHaveArrived,
        public readonly array $jobs = [],
        ?Throwable $previous = null,
    ) {
        parent::__construct($message, 0, $previous);
    }
}
