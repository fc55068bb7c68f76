// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { soundModel } from '../__fixtures__/gguf-file.ts';
import { rangeOf, startModelServer, type Script } from '../__fixtures__/model-server.ts';
import { openTestCatalog } from '../__fixtures__/test-catalog.ts';
import type { OutboundRules } from '../outbound/outbound-policy.ts';

const REFERENCE = 'hf:org/repo/m.gguf';
const MODEL = soundModel(2 ** 20);

interface BadServer {
  readonly script: Script;
  /** Code and reason, as in `FETCH_FAILED status`. */
  readonly end: string;
  /** Whether what came is kept for a later pull. */
  readonly keepsPart?: boolean;
  /** The limit that has to end it; all others are far away, so that a slow machine changes nothing. */
  readonly limits?: Partial<OutboundRules>;
}

const headers = { 'Content-Type': 'application/octet-stream' };

const BAD: Readonly<Record<string, BadServer>> = {
  'has no such file': { script: (_request, response) => answer(response, { status: 404 }), end: 'FETCH_FAILED status' },
  'asks for a sign-in': {
    script: (_request, response) => answer(response, { status: 401 }),
    end: 'FETCH_FAILED status',
  },
  'is always busy': { script: (_request, response) => answer(response, { status: 503 }), end: 'FETCH_FAILED busy' },
  'redirects for ever': {
    script: (_request, response) => answer(response, { status: 302, more: { Location: '/again' } }),
    end: 'FETCH_FAILED redirects',
  },
  'redirects to a private address': {
    script: (_request, response) =>
      answer(response, { status: 302, more: { Location: 'http://169.254.169.254/latest/meta-data/' } }),
    end: 'FETCH_REFUSED address',
  },
  'says that the file has 1 TB': {
    script: (_request, response) =>
      answer(response, { status: 200, more: { ETag: '"x"', 'Content-Length': 1e12 }, body: 'GGUF' }),
    end: 'DISK_BUDGET_EXCEEDED',
  },
  'says that the file has 8 PB': {
    script: (_request, response) =>
      answer(response, { status: 200, more: { ETag: '"x"', 'Content-Length': 8e15 }, body: 'GGUF' }),
    end: 'FETCH_REFUSED size',
  },
  'does not say how long the file is': {
    script: (_request, response) =>
      answer(response, { status: 200, more: { 'Transfer-Encoding': 'chunked' }, body: 'GGUF' }),
    end: 'FETCH_FAILED protocol',
  },
  compresses: {
    script: (_request, response) =>
      answer(response, { status: 200, more: { 'Content-Encoding': 'gzip', 'Content-Length': 4 }, body: 'GGUF' }),
    end: 'FETCH_FAILED protocol',
  },
  'sends another range than it was asked for': {
    script: (_request, response) =>
      answer(response, {
        status: 206,
        more: { ETag: '"x"', 'Content-Range': 'bytes 4-7/100', 'Content-Length': 4 },
        body: 'GGUF',
      }),
    end: 'FETCH_FAILED protocol',
  },
  'drops every connection': {
    script: (request) => {
      request.socket.destroy();
      return true;
    },
    end: 'FETCH_FAILED connect',
  },
  'never answers': { script: () => true, end: 'FETCH_FAILED timeout', limits: { headersTimeoutMs: 100 } },
  'falls silent': {
    script: (_request, response, seen) => {
      const { head, body } = rangeOf(MODEL, seen);
      response.writeHead(head.status, head.headers).flushHeaders();
      if (seen.ifRange === undefined) response.write(body.subarray(0, 1_000));
      return true;
    },
    end: 'FETCH_FAILED timeout',
    keepsPart: true,
    limits: { idleTimeoutMs: 100 },
  },
  'breaks off without a further byte': {
    script: (_request, response, seen) => {
      const { head, body } = rangeOf(MODEL, seen);
      const isFirst = seen.ifRange === undefined;
      response.writeHead(head.status, head.headers).flushHeaders();
      response.write(isFirst ? body.subarray(0, 1_000) : '', () => response.destroy());
      return true;
    },
    end: 'FETCH_FAILED connection_lost',
    keepsPart: true,
  },
};

interface BadAnswer {
  readonly status: number;
  readonly more?: Readonly<Record<string, string | number>>;
  readonly body?: string;
}

function answer(response: Parameters<Script>[1], { status, more = {}, body = '' }: BadAnswer): true {
  response.writeHead(status, { ...headers, ...more }).write(body);
  if (more['Content-Length'] === undefined || more['Content-Length'] === body.length) response.end();
  return true;
}

for (const [what, { script, end, keepsPart = false, limits }] of Object.entries(BAD)) {
  verifies('ORCH-1616', `a server that ${what} ends in ${end}, with nothing installed`, async () => {
    await using server = await startModelServer();
    server.script = script;
    await using test = await openTestCatalog(server, {
      budgetBytes: 10 * 2 ** 30,
      tuning: { pieceBytes: 256 * 1_024, maxAttempts: 2, retryDelayMs: 1 },
      outbound: {
        allowedHosts: ['127.0.0.1', '169.254.169.254'],
        headersTimeoutMs: 60_000,
        idleTimeoutMs: 60_000,
        rateWindowMs: 60_000,
        ...limits,
      },
    });
    const fault: unknown = await test.catalog.pull({ reference: REFERENCE }).catch((error: unknown) => error);
    if (!OrchError.is(fault)) throw fault;
    const [code, reason] = end.split(' ');
    expect(fault).toMatchObject({ code, ...(reason === undefined ? {} : { details: { reason } }) });
    expect(test.catalog.get(REFERENCE)).toMatchObject({ status: 'failed', fault: { code: fault.code } });
    const { downloads, incoming } = await test.stored();
    expect(downloads).toEqual([]);
    expect(incoming).toHaveLength(keepsPart ? 1 : 0);
    expect(server.requests.length).toBeGreaterThan(0);
  });
}

verifies('ORCH-1616', 'a slow drip is ended, and what came is of use to the next pull', async () => {
  await using server = await startModelServer();
  server.files.set('/org/repo/resolve/main/m.gguf', MODEL);
  const drips = new Set<NodeJS.Timeout>();
  server.script = (_request, response, seen) => {
    const { head, body } = rangeOf(MODEL, seen);
    response.writeHead(head.status, head.headers).write(body.subarray(0, 4_096));
    const drip = setInterval(() => response.write(body.subarray(0, 1)), 20);
    drips.add(drip);
    response.on('close', () => clearInterval(drip));
    return true;
  };
  await using test = await openTestCatalog(server, {
    outbound: { idleTimeoutMs: 60_000, rateWindowMs: 250, minBytesPerSecond: 100_000 },
  });
  await expect(test.catalog.pull({ reference: REFERENCE })).rejects.toMatchObject({
    code: 'FETCH_FAILED',
    details: { reason: 'too_slow' },
  });
  server.script = () => false;
  const before = server.requests.length;
  const catalog = await test.reopen({ outbound: { rateWindowMs: 60_000 } });
  expect(await catalog.pull({ reference: REFERENCE })).toMatchObject({ status: 'installed' });
  expect(server.requests[before]?.range).not.toMatch(/^bytes=0-/);
  for (const drip of drips) clearInterval(drip);
});

verifies('ORCH-1616', 'a pull that takes longer than it may is ended', async () => {
  await using server = await startModelServer();
  server.script = () => true;
  await using test = await openTestCatalog(server, { outbound: { maxPullMs: 100 } });
  await expect(test.catalog.pull({ reference: REFERENCE })).rejects.toMatchObject({
    code: 'FETCH_FAILED',
    details: { reason: 'too_long' },
  });
});
