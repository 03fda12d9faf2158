<?php

declare(strict_types=1);

namespace Antre;

use Antre\Errors\InvoiceRejected;
use Antre\Errors\InvoiceStillQueued;
use Antre\Errors\NotServed;
use Antre\Errors\Unavailable;
use Antre\Redis\Link;
use Antre\Redis\Refusal;
use Generator;

/**
 * Antre's queue as a program uses it: jobs in, links out.
 *
 * The options of a job are named arguments: priority, customer, runAt, batch, reference, checkFirst, maxRetries, traceparent.
 */
class Antre
{
    /** A web request holds a process of the server while it waits. */
    private const WAIT_WEB_S = 5;
    private const WAIT_CONSOLE_S = 45;
    private const CHUNK = 500;
    /** A wait asks again after that. */
    private const TURN_S = 5.0;
    private const GRACE_S = 2.0;
    /** Between attempts while Redis is away. */
    private const PAUSE_US = 250_000;
    private const ENDED_PAUSE_US = 1_000_000;
    private const LOOK_AGAIN_US = 500_000;

    private readonly Keys $keys;
    private readonly Link $link;
    private readonly float $waitS;

    /**
     * @param object $redis phpredis' `Redis`, a `Predis\Client`, a connection of Laravel's, or a function that opens one of them;
     *     used for nothing else, and without a prefix
     * @param ?float $wait how many seconds `create` waits; by default 5 in a web request, else 45
     */
    public function __construct(object $redis, string $account = 'default', ?float $wait = null)
    {
        $this->keys = new Keys($account);
        $this->link = Link::to($redis);
        $this->waitS = $wait ?? (PHP_SAPI === 'cli' ? self::WAIT_CONSOLE_S : self::WAIT_WEB_S);
    }

    /**
     * Puts a bill into the queue and returns its job's id. Once it returns, the job is safe.
     *
     * Save the bill with its `external_id` and commit, then enqueue: never inside a transaction. To repeat it is harmless.
     *
     * @param array<string, mixed> $invoice the body of Xendit's create-invoice call
     * @throws NotServed|Unavailable
     */
    public function enqueue(array $invoice, mixed ...$options): string
    {
        return $this->submit('job', JobText::of($invoice, $options));
    }

    /**
     * Puts many bills into the queue, sent together, and returns the ids of their jobs in the same order.
     *
     * @param iterable<array<string, mixed>> $jobs each an invoice, or `['invoice' => …, 'priority' => …]`
     * @return list<string>
     * @throws NotServed|Unavailable its `jobs` are the ids of the first bills, which certainly arrived
     */
    public function enqueueMany(iterable $jobs, mixed ...$options): array
    {
        // All texts first: a bill that cannot be written must not stop the others half way.
        $texts = [];
        foreach ($jobs as $job) {
            $own = isset($job['external_id']) ? ['invoice' => $job] : $job;
            $texts[] = JobText::of($own['invoice'], array_diff_key($own, ['invoice' => 1]) + $options);
        }
        $ids = [];
        foreach (array_chunk($texts, self::CHUNK) as $chunk) {
            try {
                $answers = $this->link->pipeline(array_map(fn ($text) => $this->adding('job', $text), $chunk));
                array_push($ids, ...array_map($this->id(...), $answers));
            } catch (Refusal $refusal) {
                throw new Unavailable("Redis refused a job: {$refusal->getMessage()}", true, $ids, $refusal);
            } catch (Unavailable $exception) {
                throw new Unavailable($exception->getMessage(), true, $ids, $exception);
            }
        }
        return $ids;
    }

    /**
     * Puts a bill into the queue and waits for Xendit's answer, which it returns.
     *
     * @param array<string, mixed> $invoice
     * @param ?float $wait seconds
     * @return array<string, mixed>
     * @throws InvoiceRejected|InvoiceStillQueued|NotServed|Unavailable
     */
    public function create(array $invoice, ?float $wait = null, mixed ...$options): array
    {
        $job = $this->enqueue($invoice, ...$options);
        try {
            $result = $this->result($job, $wait ?? $this->waitS);
        } catch (Unavailable) {
            // The job is in Redis already: a Redis that is away in the end does not change that.
            $result = null;
        }
        if ($result === null) {
            throw new InvoiceStillQueued($job, $this->keys->account);
        }
        if ($result['state'] !== 'done') {
            throw new InvoiceRejected($job, $result);
        }
        return $this->answerIn($result);
    }

    /**
     * Returns how a job ended, or null if it has not ended within that time; without `$wait` it does not wait.
     *
     * @param float $wait seconds
     * @return ?array<string, mixed> the fields of the protocol's result
     * @throws Unavailable
     */
    public function result(string $job, float $wait = 0): ?array
    {
        $list = $this->keys->result($job);
        $text = $wait > 0 ? $this->first($list, $wait) : $this->link->command(['LINDEX', $list, '0']);
        return $text === null ? null : Reading::result($text);
    }

    /**
     * Returns the eight figures that `GET /rate-limiter/status` has.
     *
     * @return array<string, int|bool|null>
     * @throws Unavailable
     */
    public function status(): array
    {
        return Status::read($this->link, $this->keys);
    }

    /**
     * Yields every end of a job: write its link, commit, then `$end->ack()`. While Redis is away, it waits for it.
     *
     * @param string $group what you do with the entries, such as "billing"; each group gets every entry
     * @param string $consumer this process: two processes with one name get the same entries
     * @param bool $stopWhenEmpty end when nothing new came for a second; else it goes on for ever
     * @param ?callable(): bool $until asked between entries, and each second: true ends it
     * @return Generator<int, End>
     */
    public function ended(string $group, string $consumer, bool $stopWhenEmpty = false, ?callable $until = null): Generator
    {
        $reader = new Ended($this->link, $this->keys, $group, $consumer);
        do {
            try {
                $ends = $reader->batch();
            } catch (Unavailable) {
                usleep(self::ENDED_PAUSE_US);
                continue;
            }
            foreach ($ends as $end) {
                if ($until !== null && $until()) {
                    return;
                }
                yield $end;
            }
            if ($stopWhenEmpty && $ends === [] && $reader->isAtTheEnd()) {
                return;
            }
        } while ($until === null || ! $until());
    }

    /**
     * Returns Xendit's answer. Throws where a limiter in the process returned `['success' => false]`.
     *
     * @param array<string, mixed> $invoice
     * @return array<string, mixed>
     */
    public function createInvoiceWithRateLimit(array $invoice, InvoicePriority $priority = InvoicePriority::NORMAL): array
    {
        return $this->create($invoice, priority: $priority);
    }

    /**
     * Puts all invoices into the queue and returns at once.
     *
     * @param iterable<array<string, mixed>> $invoices each an invoice, or `['invoice' => …, 'priority' => …]`
     * @return array{success: true, message: string, queue_status: array<string, mixed>, jobs: list<string>, batch: string}
     */
    public function createBulkInvoicesWithRateLimit(iterable $invoices, ?string $batch = null, mixed ...$options): array
    {
        $batch ??= 'bulk-' . bin2hex(random_bytes(8));
        $jobs = $this->enqueueMany($invoices, ...$options, batch: $batch);
        return [
            'success' => true,
            'message' => 'Added ' . count($jobs) . ' invoices to processing queue',
            'queue_status' => $this->status(),
            'jobs' => $jobs,
            'batch' => $batch,
        ];
    }

    /**
     * Cancels what has certainly not been sent; with `expire`, no open invoice of these bills is left.
     *
     * @param ?float $wait how many seconds to wait for the answer, and until nothing is `resolving`
     * @return array<string, int> cancelled, resolving, expired, too_late, paid, not_found
     */
    public function cancel(
        ?string $job = null,
        ?string $externalId = null,
        ?string $batch = null,
        ?string $reason = null,
        ?string $by = null,
        bool $expire = false,
        ?float $wait = null,
    ): array {
        $text = Orders::cancel($job, $externalId, $batch, $reason, $by, $expire);
        return $this->counts($this->submit('cancel', $text), Orders::CANCEL, $wait ?? $this->waitS);
    }

    /**
     * Gives dead jobs another try: one, those of a bill or a batch, or, without a name, all that are kept.
     *
     * @param ?float $wait how many seconds to wait for the answer
     * @return array<string, int> retried, not_retryable, not_found
     */
    public function retryDead(
        ?string $job = null,
        ?string $externalId = null,
        ?string $batch = null,
        ?string $reason = null,
        ?string $by = null,
        ?float $wait = null,
    ): array {
        $text = Orders::retry($job, $externalId, $batch, $reason, $by);
        return $this->counts($this->submit('retry', $text), Orders::RETRY, $wait ?? $this->waitS);
    }

    /**
     * The answer is written anew while jobs are resolved: looks again until that is done or the time is over.
     *
     * @param list<string> $names
     * @return array<string, int>
     */
    private function counts(string $order, array $names, float $waitS): array
    {
        $until = microtime(true) + $waitS;
        $list = $this->keys->result($order);
        $text = $this->first($list, $waitS) ?? throw new InvoiceStillQueued($order, $this->keys->account);
        $counts = Orders::counts($text, $names);
        while (($counts['resolving'] ?? 0) > 0 && microtime(true) < $until) {
            usleep(self::LOOK_AGAIN_US);
            $counts = Orders::counts($this->link->command(['LINDEX', $list, '0']) ?? $text, $names);
        }
        return $counts;
    }

    private function submit(string $field, string $text): string
    {
        try {
            return $this->id($this->link->command($this->adding($field, $text)));
        } catch (Refusal $refusal) {
            throw new Unavailable("Redis refused the job: {$refusal->getMessage()}", false, previous: $refusal);
        }
    }

    /** @return list<string> */
    private function adding(string $field, string $text): array
    {
        return ['XADD', $this->keys->named('inbox'), 'NOMKSTREAM', '*', $field, $text];
    }

    private function id(mixed $answer): string
    {
        if ($answer === null) {
            throw new NotServed($this->keys->account);
        }
        // Whatever else comes back, it must not be stored as the id of a bill's job.
        if (! is_string($answer) || preg_match('/\A\d+-\d+\z/', $answer) !== 1) {
            throw new Unavailable('Redis answered with something that is no job id: ' . get_debug_type($answer), true);
        }
        return $answer;
    }

    /** Returns the text in the list once there is one, or null when the time is over. */
    private function first(string $list, float $waitS): ?string
    {
        $until = microtime(true) + $waitS;
        do {
            $turnS = max(0.01, min(self::TURN_S, $until - microtime(true)));
            $command = ['BLMOVE', $list, $list, 'LEFT', 'LEFT', number_format($turnS, 3, '.', '')];
            try {
                $text = $this->link->command($command, $turnS + self::GRACE_S);
                $lost = null;
            } catch (Unavailable $lost) {
                $text = null;
                usleep(self::PAUSE_US);
            }
        } while ($text === null && microtime(true) < $until);
        return $lost === null ? $text : throw $lost;
    }

    /**
     * @param array<string, mixed> $result
     * @return array<string, mixed>
     */
    private function answerIn(array $result): array
    {
        if ($result['response'] !== null) {
            return $result['response'];
        }
        // A duplicate keeps no copy of Xendit's answer: the first job has it, for as long as its record is kept.
        $first = $result['duplicate_of'] === null ? null : $this->result($result['duplicate_of']);
        $isSame = ($first['response'] ?? null) !== null && $first['invoice_id'] === $result['invoice_id'];
        return $isSame ? $first['response'] : Reading::remembered($result);
    }
}
