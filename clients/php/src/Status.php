<?php

declare(strict_types=1);

namespace Antre;

use Antre\Redis\Link;

/** The eight figures of `GET /rate-limiter/status`, computed from what stands in Redis. */
final class Status
{
    private const HOUR_MS = 3_600_000;

    /**
     * Reads the figures; they are no picture of one instant.
     *
     * @return array<string, int|bool|null>
     */
    public static function read(Link $link, Keys $keys): array
    {
        $nowMs = 1_000 * (int) $link->command(['TIME'])[0];
        $commands = [['XLEN', $keys->named('inbox')]];
        foreach (['high', 'normal', 'low', 'leases', 'done', 'dead'] as $set) {
            $commands[] = ['ZCARD', $keys->named($set)];
        }
        $commands[] = ['ZCOUNT', $keys->named('scheduled'), '-inf', (string) ($nowMs + self::HOUR_MS)];
        $commands[] = ['HMGET', $keys->named('totals'), 'done', 'dead'];
        $commands[] = ['HMGET', $keys->named('pacer'), 'paused_by', 'paused_until_ms', 'breaker'];
        $commands[] = ['GET', $keys->named('config')];
        $names = ['inbox', 'high', 'normal', 'low', 'running', 'done', 'dead', 'scheduled_soon', 'totals', 'pacer', 'config'];
        return self::figures(array_combine($names, $link->pipeline($commands)) + ['now_ms' => $nowMs]);
    }

    /**
     * @param array<string, mixed> $seen
     * @return array<string, int|bool|null>
     */
    public static function figures(array $seen): array
    {
        $ready = $seen['inbox'] + $seen['high'] + $seen['normal'] + $seen['low'];
        [$pausedBy, $pausedUntil, $breaker] = $seen['pacer'];
        $isHeld = $pausedBy || $breaker;
        return [
            'pending' => $ready + $seen['scheduled_soon'],
            'processing' => $seen['running'],
            'completed' => $seen['done'],
            'failed' => $seen['dead'],
            'total_processed' => (int) $seen['totals'][0],
            'total_failed' => (int) $seen['totals'][1],
            'is_processing' => $seen['running'] > 0 || ($ready > 0 && ! $isHeld),
            'estimated_wait_time' => $breaker || ($pausedBy && ! $pausedUntil) ? null : self::estimate($seen, (int) $pausedUntil),
        ];
    }

    /**
     * What must pass first: a pause, and one request for each job ahead within every limit. Failures are not foreseen.
     *
     * @param array<string, mixed> $seen
     */
    private static function estimate(array $seen, int $pausedUntilMs): ?int
    {
        // Requests and window in microseconds: `2:1000000,60:60000000`.
        $config = $seen['config'] ? Json::read($seen['config']) : [];
        preg_match_all('/(\d+):(\d+)/', $config['limits'] ?? '', $limits, PREG_SET_ORDER);
        if ($limits === []) {
            return null;
        }
        $ahead = $seen['inbox'] + $seen['high'] + $seen['normal'];
        $intervalS = $limits[0][2] / $limits[0][1] / 1_000_000;
        $longest = $ahead * $intervalS;
        foreach ($limits as [, $requests, $windowUs]) {
            $within = intdiv($ahead, (int) $requests) * $windowUs / 1_000_000 + $ahead % (int) $requests * $intervalS;
            $longest = max($longest, $within);
        }
        return (int) ceil(max(0, $pausedUntilMs - $seen['now_ms']) / 1_000 + $longest);
    }
}
