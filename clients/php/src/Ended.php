<?php

declare(strict_types=1);

namespace Antre;

use Antre\Errors\Unavailable;
use Antre\Redis\Link;
use Antre\Redis\Refusal;

/** Reads the stream `ended` with a consumer group: own unfinished entries, what others left behind, then what is new. */
final class Ended
{
    private const BATCH = '100';
    private const BLOCK_MS = 1_000;
    private const GRACE_S = 2.0;
    /** An entry that nobody acknowledged for so long is taken over, from a process that is gone or a write that failed. */
    private const TAKEOVER_MS = 60_000;

    private bool $hasGroup = false;
    /** Where the own unfinished entries go on; null once all were read. */
    private ?string $unfinished = '0';
    private ?float $takenOverAt = null;
    private bool $isAtTheEnd = false;
    private readonly string $stream;

    public function __construct(
        private readonly Link $link,
        Keys $keys,
        private readonly string $group,
        private readonly string $consumer,
    ) {
        $this->stream = $keys->named('ended');
    }

    /**
     * Returns a batch of ends; an empty one if nothing came for a second.
     *
     * @return list<End>
     * @throws Unavailable while Redis is away; call it again
     */
    public function batch(): array
    {
        try {
            $this->makeGroup();
            return $this->next();
        } catch (Unavailable $exception) {
            // Redis may have handed out entries in an answer that never came.
            $this->unfinished = '0';
            throw $exception;
        } catch (Refusal $refusal) {
            if (! $refusal->is('NOGROUP')) {
                throw $refusal;
            }
            // Redis came back without its data.
            $this->hasGroup = false;
            $this->unfinished = '0';
            return [];
        }
    }

    /** Whether the last batch was of new entries: nothing older is left. */
    public function isAtTheEnd(): bool
    {
        return $this->isAtTheEnd;
    }

    /** @return list<End> */
    private function next(): array
    {
        $this->isAtTheEnd = false;
        if ($this->unfinished !== null) {
            $entries = $this->read($this->unfinished);
            $this->unfinished = $entries === [] ? null : end($entries)[0];
            return $this->ends($entries);
        }
        if ($this->takenOverAt === null || microtime(true) - $this->takenOverAt >= self::TAKEOVER_MS / 1_000) {
            return $this->ends($this->takeOver());
        }
        $this->isAtTheEnd = true;
        return $this->ends($this->read('>'));
    }

    private function makeGroup(): void
    {
        if ($this->hasGroup) {
            return;
        }
        try {
            $this->link->command(['XGROUP', 'CREATE', $this->stream, $this->group, '0', 'MKSTREAM']);
        } catch (Refusal $refusal) {
            if (! $refusal->is('BUSYGROUP')) {
                throw $refusal;
            }
        }
        $this->hasGroup = true;
    }

    /** @return list<array{string, ?list<string>}> */
    private function read(string $position): array
    {
        $from = ['COUNT', self::BATCH, 'BLOCK', (string) self::BLOCK_MS, 'STREAMS', $this->stream, $position];
        $command = ['XREADGROUP', 'GROUP', $this->group, $this->consumer, ...$from];
        return $this->link->command($command, self::BLOCK_MS / 1_000 + self::GRACE_S)[0][1] ?? [];
    }

    /** @return list<array{string, ?list<string>}> */
    private function takeOver(): array
    {
        $claim = ['XAUTOCLAIM', $this->stream, $this->group, $this->consumer, (string) self::TAKEOVER_MS, '0', 'COUNT', self::BATCH];
        $entries = $this->link->command($claim)[1] ?? [];
        // A full batch: there may be more at once.
        $this->takenOverAt = count($entries) < (int) self::BATCH ? microtime(true) : null;
        return $entries;
    }

    /**
     * @param list<array{string, ?list<string>}> $entries
     * @return list<End>
     */
    private function ends(array $entries): array
    {
        $ends = [];
        foreach ($entries as [$entry, $list]) {
            $acknowledge = fn () => $this->link->command(['XACK', $this->stream, $this->group, $entry]);
            if (! is_array($list) || $list === []) {
                // A stream that was trimmed by hand has entries without fields: there is nothing to write.
                $acknowledge();
                continue;
            }
            $fields = [];
            foreach (array_chunk($list, 2) as [$name, $value]) {
                $fields[$name] = $value;
            }
            $ends[] = End::of($entry, $fields, $acknowledge);
        }
        return $ends;
    }
}
