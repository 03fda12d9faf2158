<?php

declare(strict_types=1);

namespace Antre;

use InvalidArgumentException;
use RuntimeException;

/** Cancelling and retrying: entries of the inbox with another field than `job`, each answered with counts. */
final class Orders
{
    public const CANCEL = ['cancelled', 'resolving', 'expired', 'too_late', 'paid', 'not_found'];
    public const RETRY = ['retried', 'not_retryable', 'not_found'];

    /** Returns the text of a `cancel` or `retry` entry. Exactly one of job, bill and batch is named. */
    public static function text(
        ?string $job,
        ?string $externalId,
        ?string $batch,
        ?string $reason = null,
        ?string $by = null,
        bool $expire = false,
    ): string {
        $whose = array_filter(['job' => $job, 'external_id' => $externalId, 'batch' => $batch], fn ($name) => $name !== null);
        if (count($whose) !== 1) {
            throw new InvalidArgumentException('name exactly one of job, externalId and batch');
        }
        $how = array_filter(['reason' => $reason, 'by' => $by], fn ($text) => $text !== null);
        return Json::write($whose + $how + ($expire ? ['expire' => true] : []));
    }

    /**
     * @param list<string> $names
     * @return array<string, int>
     */
    public static function counts(string $text, array $names): array
    {
        $fields = Json::read($text);
        if (isset($fields['state'])) {
            // An older worker takes the entry for a job that is none.
            throw new RuntimeException('this worker does not know cancel and retry over Redis: update it, or use the antre command');
        }
        $counts = [];
        foreach ($names as $name) {
            $counts[$name] = (int) ($fields[$name] ?? 0);
        }
        return $counts;
    }
}
