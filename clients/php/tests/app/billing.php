<?php

declare(strict_types=1);

// A billing application that is killed: it bills its customers, or submits their bills and writes links back from `ended`.
//
// KILL_AT names the place where it ends as by `kill -9`. BREAK names a rule that it breaks, to show what that rule is for.

use Antre\Antre;
use Antre\End;
use Antre\Tests\Support\Drivers;

require __DIR__ . '/../bootstrap.php';

$billing = new class (getenv('NAME'), getenv('KILL_AT'), getenv('BREAK')) {
    /** @var list<string> */
    private array $customers;
    private PDO $database;
    private Antre $antre;

    public function __construct(private string $name, private string $killAt, private string $broken)
    {
        $this->customers = ["$name-a", "$name-b", "$name-c"];
        $this->antre = new Antre(Drivers::connect(getenv('DRIVER'), getenv('SOCKET')));
        $this->database = new PDO('sqlite:' . getenv('STORE'));
        $this->database->exec('CREATE TABLE IF NOT EXISTS bills (external_id TEXT PRIMARY KEY, amount INTEGER NOT NULL,'
            . " link TEXT, position TEXT NOT NULL DEFAULT '', is_sent INTEGER NOT NULL DEFAULT 0)");
    }

    public function bill(): void
    {
        foreach ($this->customers as $customer) {
            $this->save($customer);
            ['link' => $link, 'is_sent' => $isSent] = $this->row($customer);
            // Broken: what counts as sent before it was sent is never sent again.
            if ($link !== null || ($this->broken === 'sent-too-early' && $isSent)) {
                continue;
            }
            $this->run('UPDATE bills SET is_sent = 1 WHERE external_id = ?', $customer);
            $this->dieAt('before-xadd', $customer);
            $job = $this->antre->enqueue($this->invoice($customer));
            $this->dieAt('after-xadd', $customer);
            $result = $this->antre->result($job, wait: 60);
            $this->dieAt('before-commit', $customer);
            $this->run('UPDATE bills SET link = ? WHERE external_id = ?', $result['invoice_url'], $customer);
        }
    }

    public function submit(): void
    {
        array_map($this->save(...), $this->customers);
        foreach ($this->customers as $customer) {
            $this->antre->enqueue($this->invoice($customer));
        }
    }

    public function writeBack(): void
    {
        // Broken: what is acknowledged is committed some time later.
        if ($this->broken === 'commit-late') {
            $this->database->beginTransaction();
        }
        foreach ($this->antre->ended($this->name, 'writer-1') as $end) {
            $steps = [fn () => $this->write($end), fn () => $end->ack()];
            // Broken: the entry is acknowledged before its link is committed.
            if ($this->broken === 'ack-first') {
                $steps = array_reverse($steps);
            }
            $steps[0]();
            $this->dieAt('before-xack', $end->externalId);
            $steps[1]();
            $this->dieAt('after-xack', $end->externalId);
            if ($end->externalId === "{$this->name}-last") {
                break;
            }
        }
        if ($this->database->inTransaction()) {
            $this->database->commit();
        }
    }

    private function write(End $end): void
    {
        // An end that is no result of the bill must not touch its link, nor may an older one.
        if ($end->isBillResult && $end->currency === null) {
            $link = $end->state === 'done' ? $end->invoiceUrl : null;
            $this->run(
                'UPDATE bills SET link = ?, position = ? WHERE external_id = ? AND amount = ? AND position < ?',
                ...[$link, $end->order, $end->externalId, $end->amount, $end->order],
            );
        }
    }

    /** Saves the bill with its name before anything is sent. */
    private function save(string $customer): void
    {
        $this->run('INSERT OR IGNORE INTO bills (external_id, amount) VALUES (?, 350000)', $customer);
    }

    private function invoice(string $customer): array
    {
        // Broken: another name at each try.
        $name = $this->broken === 'new-name' ? uniqid("$customer-") : $customer;
        return ['external_id' => $name, 'amount' => $this->row($customer)['amount']];
    }

    private function row(string $customer): array
    {
        return $this->run('SELECT * FROM bills WHERE external_id = ?', $customer)->fetch(PDO::FETCH_ASSOC);
    }

    private function run(string $sql, mixed ...$values): PDOStatement
    {
        $statement = $this->database->prepare($sql);
        $statement->execute($values);
        return $statement;
    }

    private function dieAt(string $place, ?string $customer): void
    {
        if ($this->killAt === $place && $customer === $this->customers[0]) {
            posix_kill(getmypid(), SIGKILL);
        }
    }
};

$billing->{getenv('MODE')}();
