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

    public static function cancel(
        ?string $job,
        ?string $externalId,
        ?string $batch,
        ?string $reason = null,
        ?string $by = null,
        bool $expire = false,
    ): string {
        $whose = self::whose($job, $externalId, $batch) ?? throw new InvalidArgumentException('name a job, an externalId or a batch');
        return Json::write($whose + self::texts(['reason' => $reason, 'by' => $by]) + ($expire ? ['expire' => true] : []));
    }

    /** Without a name, all dead jobs are meant. */
    public static function retry(?string $job, ?string $externalId, ?string $batch, ?string $reason = null, ?string $by = null): string
    {
        $whose = self::whose($job, $externalId, $batch) ?? ['all_dead' => true];
        return Json::write($whose + self::texts(['reason' => $reason, 'by' => $by]));
    }

    /** @return ?array<string, string> */
    private static function whose(?string $job, ?string $externalId, ?string $batch): ?array
    {
        $whose = self::texts(['job' => $job, 'external_id' => $externalId, 'batch' => $batch]);
        if (count($whose) > 1) {
            throw new InvalidArgumentException('name only one of job, externalId and batch');
        }
        return $whose === [] ? null : $whose;
    }

    /**
     * @param array<string, ?string> $texts
     * @return array<string, string>
     */
    private static function texts(array $texts): array
    {
        return array_filter($texts, fn ($text) => $text !== null);
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
        if (isset($fields['error'])) {
            throw new RuntimeException('Antre did not take it: ' . ($fields['error']['message'] ?? 'no reason is given'));
        }
        $counts = [];
        foreach ($names as $name) {
            $counts[$name] = (int) ($fields[$name] ?? 0);
        }
        return $counts;
    }
}
