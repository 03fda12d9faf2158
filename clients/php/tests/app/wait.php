<?php

declare(strict_types=1);

require __DIR__ . '/../bootstrap.php';

// Waits for a job in a process of its own, and prints its state.
$antre = new Antre\Antre(Antre\Tests\Support\Drivers::connect(getenv('DRIVER'), getenv('SOCKET')));
echo $antre->result(getenv('JOB'), wait: 60)['state'], "\n";
