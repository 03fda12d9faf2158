<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Antre as Queue;
use Antre\Errors\InvoiceRejected;
use Antre\Laravel\Events\InvoiceFailed;
use Antre\Laravel\Events\InvoiceReady;
use Antre\Laravel\Facades\Antre;
use Antre\Tests\Support\Fleet;
use Antre\Tests\Support\LaravelApplication;
use Illuminate\Support\Facades\DB;
use PHPUnit\Framework\AssertionFailedError;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/** The package in a Laravel application, with either driver. */
final class LaravelTest extends TestCase
{
    private static Fleet $fleet;

    public static function setUpBeforeClass(): void
    {
        self::$fleet = new Fleet();
    }

    public static function tearDownAfterClass(): void
    {
        self::$fleet->stop();
    }

    /** @return array<string, array{string}> */
    public function clients(): array
    {
        return ['phpredis' => ['phpredis'], 'predis' => ['predis']];
    }

    private function application(string $client, array $changes = []): LaravelApplication
    {
        return new LaravelApplication(self::$fleet->directory, LaravelApplication::redis($client, self::$fleet->socket, $changes));
    }

    /** @dataProvider clients */
    public function testTheFacadeMakesInvoices(string $client): void
    {
        $this->application($client);
        $invoice = Antre::create(['external_id' => "L-$client-1", 'amount' => '350000.00'], reference: 'invoices:1');
        $this->assertSame([$invoice], self::$fleet->invoices("L-$client-1"));
        $this->assertSame('invoices:2', Antre::result(Antre::enqueue(['external_id' => "L-$client-2", 'amount' => 1], reference: 'invoices:2'), 30)['reference']);
    }

    /** @dataProvider clients */
    public function testAConnectionWithAPrefixIsRefusedWithTheLinesToAdd(string $client): void
    {
        $application = $this->application($client, ['prefix' => 'laravel_', 'options' => ['prefix' => 'laravel_']]);
        [$code, $output] = $application->artisan('antre:check');
        $this->assertSame(1, $code);
        $this->assertStringContainsString("'options' => ['prefix' => '']", $output);
        $this->expectExceptionMessage("'options' => ['prefix' => '']");
        Antre::status();
    }

    /** @dataProvider clients */
    public function testTheCheckSaysWhatIsMissing(string $client): void
    {
        $application = $this->application($client);
        $this->assertSame(0, $application->artisan('antre:check')[0]);
        $application->app['config']->set('antre.account', 'defualt');
        [$code, $output] = $application->artisan('antre:check');
        $this->assertSame(1, $code);
        $this->assertStringContainsString('no worker has ever been started for the account defualt', $output);
        $application->app['config']->set('antre.connection', 'elsewhere');
        $this->assertStringContainsString("has no Redis connection 'elsewhere'", $application->artisan('antre:check')[1]);
    }

    /** @dataProvider clients */
    public function testTheStatusHasTheEightFigures(string $client): void
    {
        $application = $this->application($client);
        [$code, $output] = $application->artisan('antre:status', ['--json' => true]);
        $this->assertSame(0, $code);
        $this->assertSame(Antre::status(), json_decode($output, true));
        $this->assertStringContainsString('total_processed', $application->artisan('antre:status')[1]);
    }

    /** @dataProvider clients */
    public function testWriteBackFiresEventsAndAcknowledgesAfterTheListeners(string $client): void
    {
        $application = $this->application($client);
        Antre::create(['external_id' => "L-$client-3", 'amount' => 350000]);
        try {
            Antre::create(['external_id' => "L-$client-3", 'amount' => 1]);
        } catch (InvoiceRejected) {
            // A conflict: it must not touch the bill's link.
        }
        $links = [];
        $isBroken = true;
        $application->app['events']->listen(InvoiceReady::class, function (InvoiceReady $event) use (&$links, &$isBroken, $client): void {
            if ($event->end->externalId === "L-$client-3" && $isBroken) {
                throw new RuntimeException('the database is away');
            }
            $links[$event->end->externalId] = $event->end->invoiceUrl;
        });
        $failed = [];
        $application->app['events']->listen(InvoiceFailed::class, function (InvoiceFailed $event) use (&$failed): void {
            $failed[$event->end->externalId] = [$event->end->error['code'], $event->end->isBillResult];
        });
        $application->app['log'] = new \Psr\Log\NullLogger();

        $run = fn () => $application->artisan('antre:write-back', ['--group' => $client, '--consumer' => 'w', '--stop-when-empty' => true]);
        [, $output] = $run();
        $this->assertStringContainsString('the database is away', $output);
        $this->assertArrayNotHasKey("L-$client-3", $links);
        $this->assertSame(['conflict', false], $failed["L-$client-3"]);

        $isBroken = false;
        [$code] = $run();
        $this->assertSame(0, $code);
        $this->assertSame(self::$fleet->invoices("L-$client-3")[0]['invoice_url'], $links["L-$client-3"]);
        $this->assertSame('0', strtok(self::$fleet->redisCli('XPENDING', 'antre:{default}:ended', $client), "\n"));
    }

    public function testAfterCommitEnqueuesAfterTheCommitAndNotAfterARollback(): void
    {
        $this->application('phpredis');
        $fake = Antre::fake();
        DB::transaction(function () use ($fake): void {
            Antre::afterCommit(['external_id' => 'A', 'amount' => '350000.00'], priority: 'high');
            $fake->assertNothingEnqueued();
        });
        $fake->assertEnqueued(fn (array $job) => $job === ['invoice' => ['external_id' => 'A', 'amount' => 350000], 'priority' => 'high']);

        try {
            DB::transaction(function (): void {
                Antre::afterCommit(['external_id' => 'B', 'amount' => 1]);
                throw new RuntimeException('rolled back');
            });
        } catch (RuntimeException) {
            // As intended.
        }
        Antre::afterCommit(['external_id' => 'C', 'amount' => 1]);
        $fake->assertEnqueued('C');
        $fake->assertEnqueuedCount(2);
    }

    public function testTheFakeAnswersInTheRealShapeAndSendsNothing(): void
    {
        $this->application('phpredis');
        $real = Antre::result(Antre::enqueue(['external_id' => 'L-real', 'amount' => 1]), 30);
        $figures = Antre::status();
        $fake = Antre::fake();
        $invoice = Antre::create(['external_id' => 'L-fake', 'amount' => 350000]);
        $this->assertSame(['L-fake', 350000, 'PENDING'], [$invoice['external_id'], $invoice['amount'], $invoice['status']]);
        $result = Antre::result(Antre::enqueue(['external_id' => 'L-fake-2', 'amount' => 1], reference: '2'));
        $this->assertEqualsCanonicalizing(array_keys($real), array_keys($result));
        $this->assertSame(array_keys($figures), array_keys(Antre::status()));
        $this->assertCount(2, Antre::createBulkInvoicesWithRateLimit([['external_id' => 'X', 'amount' => 1], ['external_id' => 'Y', 'amount' => 1]])['jobs']);
        $fake->assertEnqueuedCount(4);
        $this->assertSame([], self::$fleet->invoices('L-fake'));
        $this->expectException(AssertionFailedError::class);
        $fake->assertEnqueued('Z');
    }

    /** @dataProvider clients */
    public function testTheConnectionIsOpenedAgainAfterRedisWasAway(string $client): void
    {
        $application = $this->application($client);
        Antre::create(['external_id' => "L-$client-4", 'amount' => 350000]);
        self::$fleet->redis()->end(SIGTERM);
        self::$fleet->startRedis();
        $queue = $application->app->make(Queue::class);
        try {
            $queue->status();
        } catch (\Antre\Errors\Unavailable) {
            // The first command meets the lost connection.
        }
        $this->assertSame("L-$client-5", Antre::create(['external_id' => "L-$client-5", 'amount' => 1], wait: 30)['external_id']);
    }
}
