<?php

declare(strict_types=1);

namespace Antre;

use BackedEnum;
use DateTimeInterface;
use InvalidArgumentException;

/** The text of a job, as the inbox takes it. Nothing here talks to Redis. */
final class JobText
{
    private const BYTES_MAX = 262_144;

    /** The options of a job, and their names on the wire. */
    private const OPTIONS = [
        'priority' => 'priority',
        'customer' => 'customer',
        'runAt' => 'run_at',
        'batch' => 'batch',
        'reference' => 'reference',
        'checkFirst' => 'check_first',
        'maxRetries' => 'max_retries',
        'traceparent' => 'traceparent',
    ];

    /**
     * @param array<string, mixed> $invoice the body of Xendit's create-invoice call
     * @param array<string, mixed> $options
     */
    public static function of(array $invoice, array $options = []): string
    {
        if (array_key_exists('amount', $invoice)) {
            $invoice['amount'] = self::amount($invoice['amount']);
        }
        $job = ['invoice' => $invoice];
        foreach ($options as $name => $value) {
            $wire = self::OPTIONS[$name] ?? throw new InvalidArgumentException(
                "\"$name\" is no option of a job: write one of " . implode(', ', array_keys(self::OPTIONS)),
            );
            if ($value !== null) {
                $job[$wire] = self::plain($value);
            }
        }
        $text = Json::write($job);
        if (strlen($text) > self::BYTES_MAX) {
            throw new InvalidArgumentException('the job has ' . strlen($text) . ' bytes; at most ' . self::BYTES_MAX . ' are taken');
        }
        return $text;
    }

    /**
     * Returns an amount as a number. Texts are taken as databases and forms write them: `350000`, `350000.0`, `350000.00`.
     *
     * Three decimals may mean thousands, so `350.000` is refused.
     */
    public static function amount(mixed $amount): int|float
    {
        if (is_int($amount) || is_float($amount)) {
            return $amount;
        }
        if (is_string($amount) && preg_match('/\A(0|[1-9]\d{0,14})(\.\d{1,2})?\z/', $amount, $parts) === 1) {
            return rtrim($parts[2] ?? '', '.0') === '' ? (int) $parts[1] : (float) $amount;
        }
        $shown = is_scalar($amount) ? var_export($amount, true) : get_debug_type($amount);
        throw new InvalidArgumentException("the amount $shown may be misread: write a number, or a text such as '350000' or "
            . "'350000.50', with a point before at most two decimals and nothing between thousands");
    }

    private static function plain(mixed $value): mixed
    {
        return match (true) {
            $value instanceof BackedEnum => $value->value,
            $value instanceof DateTimeInterface => $value->format(DateTimeInterface::RFC3339_EXTENDED),
            default => $value,
        };
    }
}
