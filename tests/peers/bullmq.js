// The same invoices through BullMQ: put in, or worked off with one POST each.
// usage: node bullmq.js add|work SOCKET COUNT CONCURRENCY URL
'use strict';
const http = require('node:http');
const { Queue, Worker } = require('bullmq');

const [what, path, count, concurrency, url] = process.argv.slice(2);
const connection = { path };
const CHUNK = 500;

function invoice(number) {
  return {
    external_id: `INV-${number}`, amount: 350000, currency: 'IDR', description: 'Internet December 2026',
    customer: { given_names: 'Budi Santoso', email: 'budi@example.com', mobile_number: '+6281234567890' },
  };
}

async function add() {
  const queue = new Queue('invoices', { connection });
  for (let from = 0; from < Number(count); from += CHUNK) {
    const numbers = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => from + index);
    await queue.addBulk(numbers.map((number) => ({
      name: 'invoice',
      data: invoice(number),
      opts: { jobId: `INV-${number}`, priority: 1 + (number % 3), attempts: 4, backoff: { type: 'exponential', delay: 1000 } },
    })));
  }
  await queue.close();
}

const agent = new http.Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const authorization = `Basic ${Buffer.from('xnd_development_peers:').toString('base64')}`;

function post(body) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const request = http.request(`${url}/v2/invoices`, { agent, method: 'POST', headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        if (response.statusCode < 300) resolve(JSON.parse(answer));
        else reject(new Error(answer));
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

async function work() {
  const worker = new Worker('invoices', (job) => post(job.data), { connection, concurrency: Number(concurrency) });
  let done = 0;
  await new Promise((resolve) => {
    worker.on('completed', () => { if (++done === Number(count)) resolve(); });
  });
  await worker.close();
}

(what === 'add' ? add() : work()).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
