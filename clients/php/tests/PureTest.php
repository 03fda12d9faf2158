<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\End;
use Antre\InvoicePriority;
use Antre\JobText;
use Antre\Keys;
use Antre\Orders;
use Antre\Reading;
use Antre\Redis\Link;
use Antre\Status;
use DateTimeImmutable;
use InvalidArgumentException;
use JsonException;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/** What is sent and what is read, without Redis. */
final class PureTest extends TestCase
{
    private const QUIET = [
        ...['now_ms' => 0, 'inbox' => 0, 'high' => 0, 'normal' => 0, 'low' => 0, 'scheduled_soon' => 0, 'running' => 0, 'done' => 0],
        ...['dead' => 0, 'totals' => [null, null], 'pacer' => [null, null, null], 'config' => '{"limits":"2:1000000,60:60000000"}'],
    ];

    /** @return iterable<string, array{array<string, mixed>}> */
    public function goldenJobs(): iterable
    {
        foreach (json_decode(file_get_contents(__DIR__ . '/golden/jobs.json'), true, 512, JSON_THROW_ON_ERROR) as $job) {
            yield $job['name'] => [$job];
        }
    }

    /** @dataProvider goldenJobs */
    public function testTheTextOfAJob(array $job): void
    {
        $this->assertSame($job['text'], JobText::of($job['invoice'], $job['options'] ?? []));
    }

    public function testEnumsAndInstantsAreWritten(): void
    {
        $options = ['priority' => InvoicePriority::LOW, 'runAt' => new DateTimeImmutable('2026-12-01T08:00:00+07:00'), 'batch' => null];
        $text = JobText::of(['external_id' => 'A', 'amount' => 1], $options);
        $this->assertSame('{"invoice":{"external_id":"A","amount":1},"priority":"low","run_at":"2026-12-01T08:00:00.000+07:00"}', $text);
    }

    public function testAnOptionThatDoesNotExistIsNamed(): void
    {
        $this->expectExceptionMessage('"priorty" is no option of a job');
        JobText::of(['external_id' => 'A', 'amount' => 1], ['priorty' => 'high']);
    }

    public function testTextsThatAreNoUtf8AreRefused(): void
    {
        $this->expectException(JsonException::class);
        JobText::of(['external_id' => "\xff", 'amount' => 1]);
    }

    public function testAJobThatIsTooLargeIsRefused(): void
    {
        $this->expectExceptionMessage('at most 262144');
        JobText::of(['external_id' => 'A', 'amount' => 1, 'description' => str_repeat('é', 131_072)]);
    }

    public function testAmountsAsDatabasesWriteThem(): void
    {
        $taken = ['0' => 0, '350000' => 350000, '350000.0' => 350000, '350000.00' => 350000, '350000.5' => 350000.5, '350000.50' => 350000.5];
        foreach ($taken as $text => $number) {
            $this->assertSame($number, JobText::amount((string) $text), (string) $text);
        }
        $this->assertSame(350000, JobText::amount(350000));
        $this->assertSame(350000.5, JobText::amount(350000.5));
        $this->assertSame(999_999_999_999_999, JobText::amount('999999999999999'));
    }

    /** @return list<array{mixed}> */
    public function refusedAmounts(): array
    {
        $texts = ['350.000', '1.350.000', '350,000', '350000,00', '350000.', '.5', '0350000', '-5', '+5', '3.5e5', 'Rp350000', '350 000', ' 1', "1\n", '',
            '1000000000000000'];
        return array_map(fn ($value) => [$value], [...$texts, true, null, [], new \stdClass()]);
    }

    /** @dataProvider refusedAmounts */
    public function testAmountsThatMayBeMisreadAreRefused(mixed $amount): void
    {
        $this->expectException(InvalidArgumentException::class);
        JobText::of(['external_id' => 'A', 'amount' => $amount]);
    }

    public function testFieldsOfAResultThatNobodyKnowsAreIgnoredAndMissingOnesAreNull(): void
    {
        $result = Reading::result('{"job":"1-0","state":"done","invoice_url":"https://x","a_new_field":{"b":1}}');
        $this->assertArrayNotHasKey('a_new_field', $result);
        $this->assertCount(16, $result);
        $this->assertSame(['done', 'https://x', null, null], [$result['state'], $result['invoice_url'], $result['error'], $result['amount']]);
        $this->assertSame([[], false, null], [$result['warnings'], $result['is_bill_result'], $result['response']]);
    }

    public function testAnEntryOfEndedHasTextsOnly(): void
    {
        $end = End::of('1795413600000-9', [
            'job' => '1-0', 'state' => 'dead', 'external_id' => 'A', 'amount' => '350000.5', 'attempts' => '2', 'currency' => '',
            'error' => '{"code":"conflict","message":"m","status":null}', 'warnings' => '[]', 'is_bill_result' => '', 'a_new_field' => 'x',
        ]);
        $this->assertSame([350000.5, 2, null, false], [$end->amount, $end->attempts, $end->currency, $end->isBillResult]);
        $this->assertSame(['code' => 'conflict', 'message' => 'm', 'status' => null], $end->error);
        $this->assertTrue(End::of('1-0', ['is_bill_result' => '1', 'error' => 'null'])->isBillResult);
        $this->assertLessThan(End::of('1795413600000-10', [])->order, $end->order);
    }

    public function testTheEstimateKeepsEveryLimitAndIsNullWhileNothingIsSent(): void
    {
        $of = fn (array $changes) => Status::figures($changes + self::QUIET);
        $this->assertSame(5, $of(['inbox' => 1, 'normal' => 9])['estimated_wait_time']);
        $this->assertSame(120, $of(['inbox' => 120])['estimated_wait_time']);
        $this->assertSame(6, $of(['inbox' => 1, 'low' => 5])['pending']);
        $this->assertNull($of(['inbox' => 1, 'pacer' => ['somebody', null, null]])['estimated_wait_time']);
        $this->assertSame(10, $of(['inbox' => 1, 'pacer' => ['somebody', '9000', null]])['estimated_wait_time']);
        $this->assertNull($of(['inbox' => 1, 'pacer' => [null, null, 'http_502']])['estimated_wait_time']);
        $this->assertFalse($of(['inbox' => 1, 'pacer' => [null, null, 'http_502']])['is_processing']);
        $this->assertTrue($of(['inbox' => 1])['is_processing']);
        $this->assertNull($of(['config' => null])['estimated_wait_time']);
    }

    public function testTheTextsOfCancelAndRetryAndTheirCounts(): void
    {
        $this->assertSame('{"job":"1-0"}', Orders::cancel('1-0', null, null));
        $text = Orders::cancel(null, 'A', null, 'moved', 'Sari', true);
        $this->assertSame('{"external_id":"A","reason":"moved","by":"Sari","expire":true}', $text);
        $this->assertSame('{"all_dead":true,"by":"Sari"}', Orders::retry(null, null, null, by: 'Sari'));
        $this->assertSame('{"batch":"2026-12"}', Orders::retry(null, null, '2026-12'));
        $this->assertSame(['retried' => 1, 'not_retryable' => 3, 'not_found' => 0], Orders::counts('{"retried":1,"not_retryable":3}', Orders::RETRY));
        foreach (['{"job":"1-0","state":"dead"}' => 'does not know', '{"error":{"message":"no such field"}}' => 'no such field'] as $text => $why) {
            try {
                Orders::counts($text, Orders::RETRY);
                $this->fail('it was read');
            } catch (RuntimeException $error) {
                $this->assertStringContainsString($why, $error->getMessage());
            }
        }
    }

    /** @dataProvider wrongNames */
    public function testACancelNamesExactlyOneThing(?string $job, ?string $externalId): void
    {
        $this->expectException(InvalidArgumentException::class);
        Orders::cancel($job, $externalId, null);
    }

    /** @return list<array{?string, ?string}> */
    public function wrongNames(): array
    {
        return [[null, null], ['1-0', 'A']];
    }

    public function testAnAccountThatCannotBeOneIsRefused(): void
    {
        $this->expectExceptionMessage('is no account');
        new Keys("default\n");
    }

    public function testOtherClientsAreRefused(): void
    {
        $this->expectExceptionMessage('redis must be a Redis (phpredis)');
        Link::to(new \stdClass());
    }
}
