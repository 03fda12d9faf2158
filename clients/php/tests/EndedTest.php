<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Antre;
use Antre\End;
use Antre\Errors\InvoiceRejected;
use Antre\Tests\Support\Drivers;
use Antre\Tests\Support\Fleet;
use PHPUnit\Framework\TestCase;

/** The consumer of `ended`: every end comes, until it is acknowledged. */
final class EndedTest extends TestCase
{
    private const ENDED = 'antre:{default}:ended';

    private Fleet $fleet;

    protected function setUp(): void
    {
        $this->fleet = new Fleet();
    }

    protected function tearDown(): void
    {
        $this->fleet->stop();
    }

    /** @return array<string, array{string}> */
    public function drivers(): array
    {
        return Drivers::NAMES;
    }

    /** @return list<End> what comes until nothing new came for a second */
    private function read(Antre $antre, string $group, string $consumer = 'writer-1', bool $acknowledges = true): array
    {
        $ends = [];
        foreach ($antre->ended($group, $consumer, stopWhenEmpty: true) as $end) {
            $ends[] = $end;
            if ($acknowledges) {
                $end->ack();
            }
        }
        return $ends;
    }

    private function assertPending(int $count, string $group): void
    {
        $this->assertSame((string) $count, strtok($this->fleet->redisCli('XPENDING', self::ENDED, $group), "\n"));
    }

    /** @return list<?string> */
    private static function bills(array $ends): array
    {
        return array_map(fn (End $end) => $end->externalId, $ends);
    }

    /** @dataProvider drivers */
    public function testEveryEndComesUntilItIsAcknowledged(string $driver): void
    {
        $antre = new Antre(Drivers::connect($driver, $this->fleet->socket));
        $antre->create(['external_id' => 'E-1', 'amount' => 350000.5], reference: 'row 1');
        try {
            $antre->create(['external_id' => 'E-1', 'amount' => 1]);
            $this->fail('it was not refused');
        } catch (InvoiceRejected) {
            // The second entry.
        }

        // An end has what its result has.
        [$done, $conflict] = $this->read($antre, 'first');
        $result = $antre->result($done->job);
        $this->assertSame([$result['invoice_url'], 'row 1', 350000, null], [$done->invoiceUrl, $done->reference, $done->amount, $done->currency]);
        $this->assertSame(['decimals_cut', true], [$done->warnings[0]['code'], $done->isBillResult]);
        $this->assertSame(['conflict', false, $done->job], [$conflict->error['code'], $conflict->isBillResult, $conflict->billJob]);
        $this->assertPending(0, 'first');

        // What was not acknowledged comes again, before what is new.
        $this->read($antre, 'again', acknowledges: false);
        $this->assertPending(2, 'again');
        $antre->create(['external_id' => 'E-2', 'amount' => 350000]);
        $this->assertSame(['E-1', 'E-1', 'E-2'], self::bills($this->read($antre, 'again')));
        $this->assertPending(0, 'again');

        // What another consumer left behind a minute ago is taken over.
        $left = $this->read($antre, 'left', 'gone', acknowledges: false);
        $entries = array_map(fn (End $end) => $end->entry, $left);
        $this->assertSame([], $this->read($antre, 'left', 'writer-2'));
        $this->fleet->redisCli('XCLAIM', self::ENDED, 'left', 'gone', '0', ...[...$entries, 'IDLE', '120000']);
        $this->assertSame(['E-1', 'E-1', 'E-2'], self::bills($this->read($antre, 'left', 'writer-2')));
        $this->assertPending(0, 'left');

        // It is told to end.
        $isTold = false;
        foreach ($antre->ended('until', 'w', until: function () use (&$isTold): bool {
            return $isTold;
        }) as $end) {
            $seen[] = $end->externalId;
            $isTold = true;
        }
        $this->assertSame(['E-1'], $seen);

        // Redis is restarted, and the group is gone.
        $ends = $antre->ended('on', 'w');
        $this->assertSame('E-1', $ends->current()->externalId);
        $this->fleet->redis()->end(SIGTERM);
        $this->fleet->startRedis();
        $this->fleet->redisCli('XGROUP', 'DESTROY', self::ENDED, 'on');
        for ($seen = []; count($seen) < 5;) {
            $ends->next();
            $seen[] = $ends->current()->externalId;
        }
        $this->assertSame(['E-1', 'E-2', 'E-1', 'E-1', 'E-2'], $seen, 'a new group begins at the beginning');
    }
}
