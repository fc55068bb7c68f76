// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { soundModel } from '../__fixtures__/gguf-file.ts';
import {
  digestOf,
  etagOf,
  rangeOf,
  sendContent,
  startModelServer,
  type ModelServer,
} from '../__fixtures__/model-server.ts';
import { openTestCatalog } from '../__fixtures__/test-catalog.ts';

const REFERENCE = 'hf:org/repo/m.gguf';
const PATH = '/org/repo/resolve/main/m.gguf';
const MEBIBYTE = 2 ** 20;
const MODEL = soundModel(2 * MEBIBYTE);

async function startHub(content: Buffer = MODEL): Promise<ModelServer> {
  const server = await startModelServer();
  server.files.set(PATH, content);
  return server;
}

verifies(
  ['ORCH-1610', 'ORCH-1611'],
  'a download comes in parallel ranges and is installed under its digest',
  async () => {
    await using server = await startHub();
    await using test = await openTestCatalog(server);
    // The second to the fourth request are answered when all three of them are there.
    const held: (() => void)[] = [];
    server.script = (_request, response, seen) => {
      if (seen.ifRange === undefined || held.length === 3) return false;
      held.push(() => sendContent(response, MODEL, seen));
      if (held.length === 3) for (const send of held) send();
      return true;
    };
    const model = await test.catalog.pull({ reference: REFERENCE });
    const digest = digestOf(MODEL);
    expect(model).toMatchObject({ status: 'installed', digest, sizeBytes: MODEL.length });
    expect(await test.stored()).toEqual({ downloads: [`${digest.slice(7)}.gguf`], incoming: [] });
    const { path } = await test.catalog.resolve(REFERENCE);
    expect(digestOf(await readFile(path))).toBe(digest);
    expect(server.requests.length).toBe(Math.ceil(MODEL.length / (256 * 1_024)));
    expect(server.requests.slice(1).every(({ ifRange }) => ifRange === etagOf(MODEL))).toBe(true);
    expect(held).toHaveLength(3);
  },
);

verifies('ORCH-1610', 'connections that are dropped in every answer only cost attempts, not bytes', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server);
  let sentBytes = 0;
  let answers = 0;
  server.script = (_request, response, seen) => {
    const { head, body } = rangeOf(MODEL, seen);
    answers += 1;
    const part = answers % 2 === 1 ? body.subarray(0, 1 + ((answers * 7_919) % body.length)) : body;
    sentBytes += part.length;
    response.writeHead(head.status, head.headers);
    response.write(part, () => (part.length < body.length ? response.destroy() : response.end()));
    return true;
  };
  const model = await test.catalog.pull({ reference: REFERENCE });
  expect(model.digest).toBe(digestOf(MODEL));
  expect(sentBytes).toBeLessThan(MODEL.length * 1.5);
});

verifies('ORCH-1610', 'a pull that was ended is taken up by the next process where it was', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server, { tuning: { pieceBytes: 256 * 1_024, parallelCount: 1 } });
  const halfway = Promise.withResolvers<void>();
  server.script = (_request, _response, { range }) => {
    if (!range?.startsWith('bytes=1048576')) return false;
    halfway.resolve();
    return true;
  };
  test.catalog.add({ reference: REFERENCE });
  await halfway.promise;
  expect(test.catalog.get(REFERENCE)).toMatchObject({ status: 'pulling', progress: { doneBytes: MEBIBYTE } });
  const before = server.requests.length;
  server.script = () => false;
  const catalog = await test.reopen();
  const model = await catalog.pull({ reference: REFERENCE });
  expect(model).toMatchObject({ status: 'installed', digest: digestOf(MODEL) });
  const ranges = server.requests.slice(before).map(({ range, ifRange }) => [range?.split('-')[0], ifRange]);
  expect(ranges[0]).toEqual(['bytes=1048576', etagOf(MODEL)]);
  expect(ranges).not.toContainEqual(['bytes=0', expect.anything()]);
});

verifies('ORCH-1610', 'a file that has changed on the server is fetched from its start', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server, {
    tuning: { pieceBytes: 256 * 1_024, parallelCount: 1, retryDelayMs: 1 },
  });
  const other = soundModel(2 * MEBIBYTE, 'other');
  server.script = (_request, _response, { range }) => {
    if (range?.startsWith('bytes=1048576')) server.files.set(PATH, other);
    return false;
  };
  const model = await test.catalog.pull({ reference: REFERENCE });
  expect(model).toMatchObject({ digest: digestOf(other), facts: { name: 'other' } });
});

verifies('ORCH-1610', 'a server without ranges or without a strong tag gives the file in one piece', async () => {
  for (const headers of [{}, { ETag: 'W/"weak"' }]) {
    await using server = await startHub();
    await using test = await openTestCatalog(server);
    let drops = 1;
    server.script = (_request, response, { range }) => {
      if ('ETag' in headers && range !== undefined) {
        const body = MODEL.subarray(0, 256 * 1_024);
        const contentRange = `bytes 0-${body.length - 1}/${MODEL.length}`;
        response.writeHead(206, { ...headers, 'Content-Length': body.length, 'Content-Range': contentRange }).end(body);
        return true;
      }
      response.writeHead(200, { ...headers, 'Content-Length': MODEL.length });
      if (drops-- > 0) response.write(MODEL.subarray(0, MEBIBYTE), () => response.destroy());
      else response.end(MODEL);
      return true;
    };
    expect(await test.catalog.pull({ reference: REFERENCE })).toMatchObject({ digest: digestOf(MODEL) });
  }
});

verifies('ORCH-1612', 'a digest that differs is fatal, and nothing of the file is left', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server);
  const wrong = digestOf(Buffer.from('another'));
  await expect(test.catalog.pull({ reference: REFERENCE, digest: wrong })).rejects.toMatchObject({
    code: 'UNTRUSTED_ARTIFACT',
    details: { expected: wrong, found: digestOf(MODEL) },
  });
  expect(test.catalog.get(REFERENCE)).toMatchObject({ status: 'failed', fault: { code: 'UNTRUSTED_ARTIFACT' } });
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
  const right = await test.catalog.pull({ reference: REFERENCE, digest: digestOf(MODEL) });
  expect(right.status).toBe('installed');
  await expect(test.catalog.pull({ reference: REFERENCE, digest: wrong })).rejects.toMatchObject({
    code: 'UNTRUSTED_ARTIFACT',
  });
  for (const digest of ['md5:00', 'sha256:xyz', `SHA256:${'a'.repeat(64)}`, 'a'.repeat(64)]) {
    expect(() => test.catalog.add({ reference: REFERENCE, digest })).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMS',
        details: expect.objectContaining({ field: '$.digest' }) as unknown,
      }),
    );
  }
});

verifies('ORCH-1612', 'what was stored before a crash is checked too', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server, {
    tuning: { pieceBytes: 256 * 1_024, parallelCount: 1, retryDelayMs: 1 },
  });
  const halfway = Promise.withResolvers<void>();
  server.script = (_request, _response, { range }) => {
    if (!range?.startsWith('bytes=1048576')) return false;
    halfway.resolve();
    return true;
  };
  const { id } = test.catalog.add({ reference: REFERENCE, digest: digestOf(MODEL) });
  await halfway.promise;
  await test.catalog.close();
  const data = join(test.folder, '.catalog', 'incoming', id, 'data');
  const bytes = await readFile(data);
  bytes.writeUInt8(bytes.readUInt8(700_000) ^ 1, 700_000);
  await writeFile(data, bytes);
  server.script = () => false;
  const catalog = await test.reopen();
  await expect(catalog.pull({ reference: REFERENCE })).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
});

verifies('ORCH-1611', 'a file that is no model is not installed', async () => {
  await using server = await startHub(Buffer.from('<html>Sign in to download</html>'));
  await using test = await openTestCatalog(server);
  await expect(test.catalog.pull({ reference: REFERENCE })).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  await expect(test.catalog.resolve(REFERENCE)).rejects.toMatchObject({ code: 'UNTRUSTED_ARTIFACT' });
  expect(await test.stored()).toEqual({ downloads: [], incoming: [] });
});

verifies('ORCH-1611', 'two pulls of one model are one', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server);
  const [one, two] = await Promise.all([
    test.catalog.pull({ reference: REFERENCE }),
    test.catalog.pull({ reference: REFERENCE }),
  ]);
  expect(one).toEqual(two);
  expect(server.requests.filter(({ range }) => range?.startsWith('bytes=0-'))).toHaveLength(1);
});

verifies(['ORCH-1610', 'ORCH-1615'], 'a repository without a file is asked which one it is', async () => {
  await using server = await startModelServer();
  await using test = await openTestCatalog(server, { hub: { endpoint: server.origin, token: 'hf_secret' } });
  const oid = digestOf(MODEL).slice(7);
  const listings: Readonly<Record<string, readonly unknown[]>> = {
    '/api/models/org/one/tree/main?recursive=true': [{ path: 'README.md' }, { path: 'sub/only.gguf', lfs: { oid } }],
    '/api/models/org/many/tree/main?recursive=true': [{ path: 'm-Q8_0.gguf' }, { path: 'm-Q4_K_M.gguf' }],
    '/api/models/org/unclear/tree/main?recursive=true': [{ path: 'm-Q8_0.gguf' }, { path: 'm-Q5_0.gguf' }],
    '/api/models/org/parts/tree/main?recursive=true': [{ path: 'm-00001-of-00002.gguf' }],
    '/api/models/org/none/tree/main?recursive=true': [],
  };
  server.script = (_request, response, { path }) => {
    const listing = listings[path];
    if (listing !== undefined) response.end(JSON.stringify(listing));
    return listing !== undefined;
  };
  server.files.set('/org/one/resolve/main/sub/only.gguf', MODEL);
  server.files.set('/org/many/resolve/main/m-Q4_K_M.gguf', MODEL);
  expect(await test.catalog.pull({ reference: 'hf:org/one' })).toMatchObject({ status: 'installed' });
  expect(await test.catalog.pull({ reference: 'hf:org/many' })).toMatchObject({ status: 'installed' });
  for (const repository of ['unclear', 'parts', 'none']) {
    await expect(test.catalog.pull({ reference: `hf:org/${repository}` })).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
    });
  }
  await expect(test.catalog.pull({ reference: 'hf:org/absent' })).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  expect(server.requests.every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
});

verifies('ORCH-1613', 'progress is told while bytes come and while none come', async () => {
  await using server = await startHub();
  await using test = await openTestCatalog(server, { tuning: { pieceBytes: 256 * 1_024, parallelCount: 1 } });
  let go: () => void = () => undefined;
  server.script = (_request, response, seen) => {
    if (!seen.range?.startsWith('bytes=1048576')) return false;
    go = () => sendContent(response, MODEL, seen);
    return true;
  };
  const told: (number | undefined)[] = [];
  const quiet = Promise.withResolvers<void>();
  test.catalog.watch(({ kind, model }) => {
    if (kind !== 'changed' || model.progress?.totalBytes === undefined) return;
    told.push(model.progress.doneBytes);
    if (told.filter((bytes) => bytes === MEBIBYTE).length === 3) quiet.resolve();
  });
  const pulled = test.catalog.pull({ reference: REFERENCE });
  await quiet.promise;
  expect(test.catalog.get(REFERENCE).progress).toMatchObject({ doneBytes: MEBIBYTE, totalBytes: MODEL.length });
  go();
  await pulled;
  expect(test.catalog.get(REFERENCE).progress).toBeUndefined();
});
