<?php

declare(strict_types=1);

namespace Antre;

use Closure;

/** The end of one job, for writing its link back. */
final class End
{
    /**
     * @param string $entry the entry's id in `ended`
     * @param string $order the same as a text that sorts like the entries: keep it with the bill, and leave out older entries
     * @param string $state `done`, `dead` or `cancelled`
     * @param int|float|null $amount after cutting decimals; compare it with your bill
     * @param ?string $currency null for rupiah; compare it, too
     * @param ?array{code: string, message: string, status: ?int} $error
     * @param list<array<string, mixed>> $warnings
     * @param bool $isBillResult true: this is what the bill has now. False: leave the bill's link alone
     */
    public function __construct(
        public readonly string $entry,
        public readonly string $order,
        public readonly string $job,
        public readonly string $state,
        public readonly ?string $externalId,
        public readonly ?string $reference,
        public readonly int|float|null $amount,
        public readonly ?string $currency,
        public readonly ?string $invoiceId,
        public readonly ?string $invoiceUrl,
        public readonly ?string $expiryDate,
        public readonly ?array $error,
        public readonly int $attempts,
        public readonly array $warnings,
        public readonly ?string $duplicateOf,
        public readonly ?string $billJob,
        public readonly bool $isBillResult,
        private readonly ?Closure $acknowledge = null,
    ) {
    }

    /** @param array<string, string> $fields an entry of `ended` */
    public static function of(string $entry, array $fields, ?Closure $acknowledge = null): self
    {
        $names = [];
        foreach (Reading::ended($fields) as $name => $value) {
            $names[lcfirst(str_replace('_', '', ucwords($name, '_')))] = $value;
        }
        return new self($entry, Reading::order($entry), ...$names, acknowledge: $acknowledge);
    }

    /** Call it once the link is written and committed. Without it the entry comes again. */
    public function ack(): void
    {
        if ($this->acknowledge !== null) {
            ($this->acknowledge)();
        }
    }
}
