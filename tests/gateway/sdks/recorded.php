<?php
// What Xendit's PHP SDK 7 sends, in the form in which it was recorded: its paths, its headers, its Guzzle, which sends by libcurl.

declare(strict_types=1);

require_once 'GuzzleHttp/autoload.php';

use GuzzleHttp\Client;
use GuzzleHttp\Exception\RequestException;
use GuzzleHttp\Psr7\Request;
use GuzzleHttp\Utils;

final class RecordedSdk
{
    private Client $client;

    public function __construct(private string $host, private string $key)
    {
        $this->client = new Client(['proxy' => '']);
    }

    /** Returns the status and the body. A refusal is Guzzle's exception, of which the SDK makes its own. */
    public function call(string $method, string $path, ?array $body = null, ?string $forUserId = null): array
    {
        $headers = [
            'xendit-lib' => 'php',
            'xendit-lib-ver' => '7.0.0',
            'Accept' => 'application/json',
            'Content-Type' => 'application/json',
            'Authorization' => 'Basic ' . base64_encode($this->key . ':'),
        ];
        if ($forUserId !== null) {
            $headers['for-user-id'] = $forUserId;
        }
        $request = new Request($method, $this->host . $path, $headers, $body === null ? '' : Utils::jsonEncode($body));
        try {
            $response = $this->client->send($request);
        } catch (RequestException $error) {
            $response = $error->getResponse() ?? throw $error;
        }
        return [$response->getStatusCode(), Utils::jsonDecode((string) $response->getBody(), true)];
    }

    public function create(array $invoice, ?string $forUserId = null): array
    {
        return $this->call('POST', '/v2/invoices/', $invoice, $forUserId);
    }
}
