<?php

declare(strict_types=1);

namespace Antre;

use JsonException;

/** What Redis says about jobs, read. Missing fields are null; unknown ones are ignored. Nothing here talks to Redis. */
final class Reading
{
    private const TEXTS = ['external_id', 'reference', 'currency', 'invoice_id', 'invoice_url', 'expiry_date', 'duplicate_of', 'bill_job'];

    /** @return array<string, mixed> the result, with every field of the protocol */
    public static function result(string $text): array
    {
        $fields = Json::read($text);
        $response = $fields['response'] ?? null;
        return self::outcome($fields) + ['response' => is_array($response) ? $response : null];
    }

    /**
     * Reads an entry of `ended`: texts only, empty where the result has null.
     *
     * @param array<string, string> $fields
     * @return array<string, mixed>
     */
    public static function ended(array $fields): array
    {
        foreach (['error', 'warnings'] as $name) {
            try {
                $fields[$name] = Json::read($fields[$name] ?? 'null');
            } catch (JsonException) {
                $fields[$name] = null;
            }
        }
        return self::outcome($fields);
    }

    /** Returns the entry's id as a text that sorts like the entries: a database can compare it. */
    public static function order(string $entry): string
    {
        [$milliseconds, $number] = explode('-', $entry) + [1 => ''];
        return str_pad($milliseconds, 15, '0', STR_PAD_LEFT) . '-' . str_pad($number, 10, '0', STR_PAD_LEFT);
    }

    /**
     * Returns what is known of a job's invoice where Xendit's own answer is gone.
     *
     * @param array<string, mixed> $result
     * @return array<string, mixed>
     */
    public static function remembered(array $result): array
    {
        return [
            'id' => $result['invoice_id'],
            'external_id' => $result['external_id'],
            'amount' => $result['amount'],
            'currency' => $result['currency'] ?? 'IDR',
            'invoice_url' => $result['invoice_url'],
            'expiry_date' => $result['expiry_date'],
        ];
    }

    /**
     * @param array<string, mixed> $fields
     * @return array<string, mixed>
     */
    private static function outcome(array $fields): array
    {
        $texts = [];
        foreach (self::TEXTS as $name) {
            $value = $fields[$name] ?? '';
            $texts[$name] = $value === '' ? null : (string) $value;
        }
        $error = $fields['error'] ?? null;
        return [
            'job' => (string) ($fields['job'] ?? ''),
            'state' => (string) ($fields['state'] ?? ''),
            ...$texts,
            'amount' => is_numeric($fields['amount'] ?? null) ? $fields['amount'] + 0 : null,
            'error' => is_array($error) ? array_intersect_key($error, ['code' => 1, 'message' => 1, 'status' => 1]) : null,
            'attempts' => (int) ($fields['attempts'] ?? 0),
            'warnings' => is_array($fields['warnings'] ?? null) ? $fields['warnings'] : [],
            'is_bill_result' => in_array($fields['is_bill_result'] ?? '', [true, '1'], true),
        ];
    }
}
