<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Antre;
use Antre\Errors\InvoiceRejected;
use Antre\Errors\InvoiceStillQueued;
use Antre\Errors\NotServed;
use Antre\Errors\Unavailable;
use Antre\InvoicePriority;
use Antre\Reading;
use Antre\Tests\Support\Drivers;
use Antre\Tests\Support\Fleet;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;
use Predis\Client;
use Redis;

/** The same questions to both drivers: bills become invoices, and what goes wrong has its own error. */
final class ClientTest extends TestCase
{
    private const MANY = 10_000;

    private static Fleet $fleet;

    public static function setUpBeforeClass(): void
    {
        self::$fleet = new Fleet(requestTimeout: '20s');
    }

    public static function tearDownAfterClass(): void
    {
        self::$fleet->stop();
    }

    /** @return array<string, array{string}> */
    public function drivers(): array
    {
        return Drivers::NAMES;
    }

    private function antre(string $driver, string $account = 'default'): Antre
    {
        return new Antre(Drivers::connect($driver, self::$fleet->socket), $account);
    }

    /** @dataProvider drivers */
    public function testCreateReturnsTheInvoiceThatXenditHas(string $driver): void
    {
        $answer = $this->antre($driver)->create(['external_id' => "$driver-1", 'amount' => '350000.00'], priority: 'high');
        $this->assertSame([$answer], self::$fleet->invoices("$driver-1"));
    }

    /** @dataProvider drivers */
    public function testTheSecondCreateOfABillReturnsTheSameInvoice(string $driver): void
    {
        $antre = $this->antre($driver);
        $first = $antre->create(['external_id' => "$driver-2", 'amount' => 350000, 'customer' => []]);
        $this->assertSame($first, $antre->create(['external_id' => "$driver-2", 'amount' => 350000.0]));
        $this->assertCount(1, self::$fleet->invoices("$driver-2"));
    }

    /** @dataProvider drivers */
    public function testARefusalHasXenditsCodeTextAndStatus(string $driver): void
    {
        $antre = $this->antre($driver);
        try {
            $antre->create(['external_id' => "$driver-3", 'amount' => 350000, 'currency' => 'EUR']);
            $this->fail('it was not refused');
        } catch (InvoiceRejected $error) {
            $this->assertSame(['UNSUPPORTED_CURRENCY', 400], [$error->errorCode, $error->status]);
            $this->assertSame('UNSUPPORTED_CURRENCY', $error->result['response']['error_code']);
            $this->assertSame($error->getMessage(), $antre->result($error->job)['error']['message']);
        }
    }

    /** @dataProvider drivers */
    public function testAnotherAmountIsAConflictAndNeverReturnsTheFirstInvoice(string $driver): void
    {
        $antre = $this->antre($driver);
        $antre->create(['external_id' => "$driver-4", 'amount' => 350000]);
        try {
            $antre->create(['external_id' => "$driver-4", 'amount' => 400000]);
            $this->fail('it was not refused');
        } catch (InvoiceRejected $error) {
            $this->assertSame(['conflict', false], [$error->errorCode, $error->result['is_bill_result']]);
        }
    }

    /** @dataProvider drivers */
    public function testAnAccountThatWasNeverServedTakesNothing(string $driver): void
    {
        $unserved = $this->antre($driver, 'defualt');
        foreach (['enqueue' => ['external_id' => 'A', 'amount' => 1], 'enqueueMany' => [['external_id' => 'A', 'amount' => 1]]] as $call => $bills) {
            try {
                $unserved->$call($bills);
                $this->fail("$call was taken");
            } catch (NotServed $error) {
                $this->assertSame('defualt', $error->account);
            }
        }
        $this->assertSame('0', self::$fleet->redisCli('EXISTS', 'antre:{defualt}:inbox'));
    }

    /** @dataProvider drivers */
    public function testAnErrorOfRedisIsNoJobId(string $driver): void
    {
        self::$fleet->redisCli('SET', 'antre:{taken}:inbox', 'a text');
        $antre = $this->antre($driver, 'taken');
        foreach (['enqueue' => ['external_id' => 'A', 'amount' => 1], 'enqueueMany' => [['external_id' => 'A', 'amount' => 1]]] as $call => $bills) {
            try {
                $antre->$call($bills);
                $this->fail("$call was taken");
            } catch (Unavailable $error) {
                $this->assertStringContainsString('WRONGTYPE', $error->getMessage());
            }
        }
    }

    public function testAConnectionUnderWhoseKeysNobodyReadsIsRefusedWithTheLinesToAdd(): void
    {
        $phpredis = Drivers::connect('phpredis', self::$fleet->socket);
        $phpredis->setOption(Redis::OPT_PREFIX, 'laravel_database_');
        $predis = new Client([], ['prefix' => 'laravel_database_']);
        foreach ([$phpredis, $predis] as $client) {
            try {
                new Antre($client);
                $this->fail(get_debug_type($client) . ' was taken');
            } catch (InvalidArgumentException $error) {
                $this->assertStringContainsString("'prefix' => '',\n    'options' => ['prefix' => ''],", $error->getMessage());
            }
        }
    }

    /** @dataProvider drivers */
    public function testWhatIsNotMadeInTimeIsStillQueuedAndItsLinkComesLater(string $driver): void
    {
        $antre = $this->antre($driver);
        self::$fleet->pause();
        try {
            $antre->create(['external_id' => "$driver-5", 'amount' => 350000], wait: 0.3);
            $this->fail('it was made');
        } catch (InvoiceStillQueued $error) {
            $this->assertSame('default', $error->account);
            $this->assertNull($antre->result($error->job));
        } finally {
            self::$fleet->resume();
        }
        $this->assertSame('done', $antre->result($error->job, wait: 30)['state']);
        $this->assertCount(1, self::$fleet->invoices("$driver-5"));
    }

    /** @dataProvider drivers */
    public function testTheFiguresAreThoseOfTheAccount(string $driver): void
    {
        $status = $this->antre($driver)->status();
        $account = json_decode(self::$fleet->antre('status', '--json'), true)['accounts'][0];
        $wanted = [
            'pending' => 0,
            'processing' => 0,
            'completed' => $account['done'],
            'failed' => $account['dead'],
            'total_processed' => $account['totals']['done'],
            'total_failed' => $account['totals']['dead'],
            'is_processing' => false,
            'estimated_wait_time' => 0,
        ];
        $this->assertSame($wanted, $status);
    }

    /** @dataProvider drivers */
    public function testTheRightsOfAProducerAreEnough(string $driver): void
    {
        preg_match('/^user (antre-producer .*>(\S+) .*)$/m', self::$fleet->antre('check', '--acl'), $line);
        self::$fleet->redisCli('ACL', 'SETUSER', ...explode(' ', $line[1]));
        $producer = new Antre(Drivers::connect($driver, self::$fleet->socket, ['antre-producer', $line[2]]));
        $invoice = $producer->create(['external_id' => "$driver-10", 'amount' => 350000]);
        $producer->status();
        $links = [];
        foreach ($producer->ended("rights-$driver", 'w', stopWhenEmpty: true) as $end) {
            $end->ack();
            $links[$end->externalId] = $end->invoiceUrl;
        }
        $this->assertSame($invoice['invoice_url'], $links["$driver-10"]);
        $this->assertSame(1, $producer->cancel(externalId: "$driver-10")['too_late']);
    }

    /** @dataProvider drivers */
    public function testTheFunctionsOfALimiterInTheProcess(string $driver): void
    {
        $antre = $this->antre($driver);
        $one = $antre->createInvoiceWithRateLimit(['external_id' => "$driver-6", 'amount' => 350000], InvoicePriority::HIGH);
        $this->assertSame(self::$fleet->invoices("$driver-6")[0]['invoice_url'], $one['invoice_url']);
        $bulk = $antre->createBulkInvoicesWithRateLimit([
            ['external_id' => "$driver-7", 'amount' => 1000],
            ['invoice' => ['external_id' => "$driver-8", 'amount' => 2000], 'priority' => InvoicePriority::LOW, 'reference' => '8'],
        ]);
        $this->assertSame([true, 'Added 2 invoices to processing queue'], [$bulk['success'], $bulk['message']]);
        $this->assertCount(8, $bulk['queue_status']);
        $results = array_map(fn (string $job) => $antre->result($job, 30), $bulk['jobs']);
        $this->assertSame([null, '8'], array_column($results, 'reference'));
        $this->assertSame('2', self::$fleet->redisCli('HGET', "antre:{default}:batch:{$bulk['batch']}", 'done'));
    }

    /** @dataProvider drivers */
    public function testAWaitIsLongerThanTheClientsOwnTimeOut(string $driver): void
    {
        self::$fleet->setLatency('8s');
        try {
            $since = microtime(true);
            $answer = $this->antre($driver)->create(['external_id' => "$driver-9", 'amount' => 350000], wait: 40);
            $this->assertGreaterThan(8, microtime(true) - $since, 'nobody had to wait');
            $this->assertSame("$driver-9", $answer['external_id']);
        } finally {
            self::$fleet->setLatency('0ms');
        }
    }

    /** @dataProvider drivers */
    public function testManyBillsHaveIdsInTheirOrder(string $driver): void
    {
        self::$fleet->pause();
        $bills = (function () use ($driver) {
            for ($number = 0; $number < self::MANY; $number++) {
                yield ['invoice' => ['external_id' => "$driver-many-$number", 'amount' => 350000], 'reference' => (string) $number];
            }
        })();
        $since = microtime(true);
        $orders = array_map(Reading::order(...), $this->antre($driver)->enqueueMany($bills));
        fprintf(STDERR, "%d bills in %d ms with %s\n", self::MANY, (microtime(true) - $since) * 1_000, $driver);
        $sorted = $orders;
        sort($sorted);
        $this->assertSame($sorted, $orders);
        $this->assertCount(self::MANY, array_unique($orders));
    }

    /** @dataProvider drivers */
    public function testWhatArrivedIsNamedWhenRedisIsFullInTheMiddleOfABulk(string $driver): void
    {
        $fleet = new Fleet();
        try {
            // An account without a worker, so that nobody takes jobs out of its inbox.
            $fleet->redisCli('XADD', 'antre:{full}:inbox', '*', 'job', '{}');
            preg_match('/used_memory:(\d+)/', $fleet->redisCli('INFO', 'memory'), $used);
            $fleet->redisCli('CONFIG', 'SET', 'maxmemory', (string) ($used[1] + 2_000_000));
            $antre = new Antre(Drivers::connect($driver, $fleet->socket), 'full');
            $bill = fn (int $number) => ['external_id' => "F-$number", 'amount' => 1, 'description' => str_repeat('x', 500)];
            try {
                $antre->enqueueMany(array_map($bill, range(0, self::MANY)));
                $this->fail('all was taken');
            } catch (Unavailable $error) {
                $this->assertStringContainsString('OOM', $error->getMessage());
                $this->assertNotEmpty($error->jobs);
                $last = count($error->jobs) - 1;
                $entry = $fleet->redisCli('XRANGE', 'antre:{full}:inbox', $error->jobs[$last], $error->jobs[$last]);
                $this->assertStringContainsString("\"F-$last\"", $entry);
                // What came later may have arrived, too.
                $this->assertGreaterThan($last, (int) $fleet->redisCli('XLEN', 'antre:{full}:inbox'));
            }
        } finally {
            $fleet->stop();
        }
    }
}
