// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import http, { type ServerResponse } from 'node:http';

// A program that speaks the wire of llama-server and misbehaves as its arguments say. Its last line before it serves is `listening`.
//   --port N        where it listens, on 127.0.0.1
//   --slots N       how many slots it tells, 2 unless given
//   --slots-limit N more slots than this do not fit its device
//   --say TEXT      writes a line to standard error
//   --exit N        ends at once with this status, after everything it says
//   --stubborn      ignores SIGTERM
//   --parent        has a child in another process group that ignores SIGTERM and says its pid
//   --flood N       writes N MiB to standard error before it listens
//   --environment   says its environment and arguments as JSON

const PACE_MS = 2;

const given = process.argv.slice(2);
const valueOf = (name: string): string | undefined =>
  given.includes(name) ? given[given.indexOf(name) + 1] : undefined;
const slots = Number(valueOf('--slots') ?? 2);
const busy = new Set<number>();
const PROPS = {
  default_generation_settings: { n_ctx: 512, params: {} },
  total_slots: slots,
  model_alias: 'fake',
  model_path: '/nowhere/fake.gguf',
  chat_template: '{{ messages }}',
  build_info: 'b1-fake',
};

process.stderr.write(`${valueOf('--say') ?? 'no news'}\n`);
if (given.includes('--environment')) process.stdout.write(`${JSON.stringify({ given, environment: process.env })}\n`);
// Whoever read it may be dead.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
if (given.includes('--stubborn')) process.on('SIGTERM', () => process.stderr.write('deaf\n'));
if (given.includes('--child')) process.stdout.write(`child ${process.pid}\n`);
if (given.includes('--parent')) {
  // Job control gives the child a process group of its own.
  const command = [
    '-c',
    'set -m; "$@" & wait',
    'bash',
    process.execPath,
    import.meta.filename,
    '--stubborn',
    '--child',
  ];
  spawn('bash', command, { stdio: 'inherit' });
}
const line = `${'flood '.repeat(170)}\n`;
for (let left = Number(valueOf('--flood') ?? 0) * 1024; left > 0; left -= 1) process.stderr.write(line);
if (slots > Number(valueOf('--slots-limit') ?? slots)) {
  process.stderr.write(
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9 MiB on device 0: cudaMalloc failed: out of memory\n',
  );
  process.exitCode = 1;
} else if (valueOf('--exit') !== undefined) {
  process.exitCode = Number(valueOf('--exit'));
} else if (given.includes('--child')) {
  setInterval(() => undefined, 60_000);
} else {
  serve();
}

function serve(): void {
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.url === '/completion') generate(JSON.parse(Buffer.concat(parts).toString()), response);
    else answer(request.url, response);
  });
  server.listen(Number(valueOf('--port')), '127.0.0.1', () => process.stderr.write('listening\n'));
}

function answer(url: string | undefined, response: ServerResponse): void {
  const answers: Readonly<Record<string, unknown>> = {
    '/health': { status: 'ok' },
    '/slots': Array.from({ length: slots }, (_, id) => ({ id, is_processing: busy.has(id) })),
    '/props': PROPS,
  };
  const found = answers[url ?? ''];
  if (found !== undefined) sendJson(response, 200, found);
  else
    sendJson(response, 501, {
      error: { code: 501, message: 'This server does not support it', type: 'not_supported_error' },
    });
}

function generate(body: { prompt?: string; n_predict: number; id_slot: number }, response: ServerResponse): void {
  if (body.prompt === undefined) {
    sendJson(response, 400, {
      error: { code: 400, message: '"prompt" must be provided', type: 'invalid_request_error' },
    });
    return;
  }
  busy.add(body.id_slot);
  response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' });
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === body.n_predict) {
      const end = {
        content: '',
        stop: true,
        stop_type: 'limit',
        tokens_predicted: sent,
        tokens_evaluated: 1,
        timings: {},
      };
      busy.delete(body.id_slot);
      response.end(`data: ${JSON.stringify(end)}\n\n`);
      return;
    }
    sent += 1;
    const event = {
      index: 0,
      content: ` ${sent}`,
      tokens: [1],
      stop: false,
      id_slot: -1,
      tokens_predicted: sent,
      tokens_evaluated: 1,
    };
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }, PACE_MS);
  response.on('close', () => {
    clearInterval(timer);
    busy.delete(body.id_slot);
  });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}
