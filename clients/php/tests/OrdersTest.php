<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Antre;
use Antre\Errors\InvoiceRejected;
use Antre\Tests\Support\Drivers;
use Antre\Tests\Support\Eventually;
use Antre\Tests\Support\Fleet;
use PHPUnit\Framework\TestCase;

/** Cancelling and retrying over Redis. */
final class OrdersTest extends TestCase
{
    private const NONE = ['cancelled' => 0, 'resolving' => 0, 'expired' => 0, 'too_late' => 0, 'paid' => 0, 'not_found' => 0];

    private Fleet $fleet;
    private Antre $antre;

    protected function setUp(): void
    {
        $this->fleet = new Fleet();
        $this->antre = new Antre(Drivers::connect('phpredis', $this->fleet->socket));
    }

    protected function tearDown(): void
    {
        $this->fleet->stop();
    }

    public function testWhatWasNotSentIsCancelled(): void
    {
        $this->fleet->pause();
        $job = $this->antre->enqueue(['external_id' => 'C-1', 'amount' => 350000]);
        $batch = $this->antre->enqueueMany([['external_id' => 'C-2', 'amount' => 1], ['external_id' => 'C-3', 'amount' => 1]], batch: 'moved');
        $this->assertSame(['cancelled' => 1] + self::NONE, $this->antre->cancel(job: $job, reason: 'moved', by: 'a test'));
        $this->assertSame(['cancelled' => 2] + self::NONE, $this->antre->cancel(batch: 'moved'));
        $this->fleet->resume();
        foreach ([$job, ...$batch] as $id) {
            $this->assertSame('cancelled', $this->antre->result($id, 30)['state']);
        }
        $this->assertSame([], $this->fleet->invoices());
    }

    public function testADoneJobIsTooLateAndWithExpireNoOpenInvoiceIsLeft(): void
    {
        $this->antre->create(['external_id' => 'C-4', 'amount' => 350000]);
        $this->assertSame(1, $this->antre->cancel(externalId: 'C-4')['too_late']);
        $this->assertSame(1, $this->antre->cancel(externalId: 'C-4', expire: true)['expired']);
        $this->assertSame('EXPIRED', $this->fleet->invoices('C-4')[0]['status']);
        $this->assertSame(1, $this->antre->cancel(externalId: 'C-5')['not_found']);
    }

    public function testDeadJobsAreRetriedOneOrAll(): void
    {
        try {
            $this->antre->create(['external_id' => 'C-6', 'amount' => 350000, 'currency' => 'EUR']);
            $this->fail('it was not refused');
        } catch (InvoiceRejected $error) {
            $wanted = ['retried' => 1, 'not_retryable' => 0, 'not_found' => 0];
            $this->assertSame($wanted, $this->antre->retryDead(job: $error->job));
            Eventually::isTrue('it is dead again', fn () => $this->antre->status()['failed'] === 1);
            $this->assertSame($wanted, $this->antre->retryDead());
        }
    }
}
