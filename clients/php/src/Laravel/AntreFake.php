<?php

declare(strict_types=1);

namespace Antre\Laravel;

use Antre\Antre;
use Antre\JobText;
use Antre\Json;
use Antre\Orders;
use Generator;
use PHPUnit\Framework\Assert;

/** A queue for the tests of an application: it checks bills as the real one does, remembers them and answers at once. */
final class AntreFake extends Antre
{
    /** @var array<string, array<string, mixed>> jobs by id, as they would be sent */
    private array $jobs = [];

    public function __construct()
    {
        // No connection: every method that would use one is replaced.
    }

    public function enqueue(array $invoice, mixed ...$options): string
    {
        $id = (count($this->jobs) + 1) . '-0';
        $this->jobs[$id] = Json::read(JobText::of($invoice, $options));
        return $id;
    }

    public function enqueueMany(iterable $jobs, mixed ...$options): array
    {
        $ids = [];
        foreach ($jobs as $job) {
            $own = isset($job['external_id']) ? ['invoice' => $job] : $job;
            $ids[] = $this->enqueue($own['invoice'], ...(array_diff_key($own, ['invoice' => 1]) + $options));
        }
        return $ids;
    }

    public function create(array $invoice, ?float $wait = null, mixed ...$options): array
    {
        return $this->result($this->enqueue($invoice, ...$options))['response'];
    }

    public function result(string $job, float $wait = 0): ?array
    {
        if (! isset($this->jobs[$job])) {
            return null;
        }
        $sent = $this->jobs[$job];
        $invoice = ['id' => "fake-$job", 'status' => 'PENDING', 'invoice_url' => "https://checkout.invalid/web/fake-$job"];
        $invoice += ['expiry_date' => '2099-01-01T00:00:00.000Z'] + $sent['invoice'];
        return [
            'job' => $job,
            'state' => 'done',
            'external_id' => $invoice['external_id'] ?? null,
            'reference' => $sent['reference'] ?? null,
            'amount' => $invoice['amount'] ?? null,
            'currency' => $invoice['currency'] ?? null,
            'invoice_id' => $invoice['id'],
            'invoice_url' => $invoice['invoice_url'],
            'expiry_date' => $invoice['expiry_date'],
            'error' => null,
            'attempts' => 1,
            'warnings' => [],
            'duplicate_of' => null,
            'bill_job' => $job,
            'is_bill_result' => true,
            'response' => $invoice,
        ];
    }

    public function status(): array
    {
        $done = count($this->jobs);
        return [
            'pending' => 0,
            'processing' => 0,
            'completed' => $done,
            'failed' => 0,
            'total_processed' => $done,
            'total_failed' => 0,
            'is_processing' => false,
            'estimated_wait_time' => 0,
        ];
    }

    public function ended(string $group, string $consumer, bool $stopWhenEmpty = false, ?callable $until = null): Generator
    {
        yield from [];
    }

    public function cancel(
        ?string $job = null,
        ?string $externalId = null,
        ?string $batch = null,
        ?string $reason = null,
        ?string $by = null,
        bool $expire = false,
        ?float $wait = null,
    ): array {
        return array_fill_keys(Orders::CANCEL, 0);
    }

    public function retryDead(
        ?string $job = null,
        ?string $externalId = null,
        ?string $batch = null,
        ?string $reason = null,
        ?string $by = null,
        ?float $wait = null,
    ): array {
        return array_fill_keys(Orders::RETRY, 0);
    }

    /** @return list<array<string, mixed>> the jobs as they would be sent */
    public function jobs(): array
    {
        return array_values($this->jobs);
    }

    /** @param string|callable(array<string, mixed>): bool $wanted an external_id, or a test of a job */
    public function assertEnqueued(string|callable $wanted): void
    {
        $isWanted = is_string($wanted) ? fn (array $job) => ($job['invoice']['external_id'] ?? null) === $wanted : $wanted;
        Assert::assertNotEmpty(array_filter($this->jobs, $isWanted), 'the bill was not enqueued');
    }

    public function assertEnqueuedCount(int $count): void
    {
        Assert::assertCount($count, $this->jobs);
    }

    public function assertNothingEnqueued(): void
    {
        Assert::assertSame([], $this->jobs, 'a bill was enqueued');
    }
}
