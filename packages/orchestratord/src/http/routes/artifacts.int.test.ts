// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { schemaValidators } from '@llama-orch/api-schema';
import type { Artifact, ArtifactInfo, ArtifactList } from '@llama-orch/api-types';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const UNKNOWN = `sha256:${'0'.repeat(64)}`;

function post(service: TestService, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return service.fetch('/v1/artifacts', {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function list(service: TestService, query = ''): Promise<readonly ArtifactInfo[]> {
  const page: unknown = await (await service.fetch(`/v1/artifacts${query}`)).json();
  expect(schemaValidators.ArtifactList(page), JSON.stringify(page)).toBe(true);
  return (page as ArtifactList).artifacts;
}

/** Every file of the artifact directory but those of the index. */
async function files(service: TestService): Promise<readonly string[]> {
  const entries = await readdir(service.artifactDirectory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('index.sqlite'))
    .map(({ parentPath, name }) => join(parentPath, name));
}

verifies('ORCH-1330', 'an upload answers with the digest of its canonical content and can be read back', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const plan = await post(service, { kind: 'plan', content: { b: 1.0, a: ['é'] }, tags: ['x'] });
  const id = `sha256:${createHash('sha256').update('{"a":["é"],"b":1}').digest('hex')}`;
  expect([plan.status, plan.headers.get('location')]).toEqual([201, `/v1/artifacts/${id}`]);
  const info = (await plan.json()) as ArtifactInfo;
  expect(info).toMatchObject({ artifact_id: id, kind: 'plan', tags: ['x'], size_bytes: 18 });
  expect(schemaValidators.ArtifactInfo(info)).toBe(true);
  const again = await post(service, { content: { a: ['é'], b: 1 }, kind: 'plan', tags: ['y'], artifact_id: id });
  expect([again.status, ((await again.json()) as ArtifactInfo).tags]).toEqual([200, ['x', 'y']]);
  const child = await post(service, { kind: 'diff', content: null, parent: id });
  expect(child.status).toBe(201);
  for (const path of [id, encodeURIComponent(id)]) {
    const read = await service.fetch(`/v1/artifacts/${path}`);
    const artifact = (await read.json()) as Artifact;
    expect(schemaValidators.Artifact(artifact)).toBe(true);
    expect(artifact).toEqual({ ...info, tags: ['x', 'y'], content: { a: ['é'], b: 1 } });
  }
  expect((await list(service, `?parent=${id}`)).map(({ kind }) => kind)).toEqual(['diff']);
  expect(await list(service, '?tag=y&kind=plan&limit=1')).toHaveLength(1);
  const head = await service.fetch(`/v1/artifacts/${id}`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

verifies('ORCH-1330', 'fifty equal uploads at once are one artifact', async () => {
  await using service = await startTestService();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post(service, { kind: 'summary', content: 'same' })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(49).fill(200), 201]);
  expect(await list(service)).toHaveLength(1);
  expect(await files(service)).toHaveLength(1);
});

verifies(
  ['ORCH-1330', 'ORCH-1333', 'ORCH-1335'],
  'a wrong upload is refused by its field and leaves nothing',
  async () => {
    await using service = await startTestService({ config: { artifacts: { max_bytes: 2_000 } } });
    const good = { kind: 'plan', content: 1 };
    const digits = '0'.repeat(64);
    const ids = ['../../etc/passwd', digits, `SHA256:${digits}`, `sha256:${'A'.repeat(64)}`, `sha256:${digits}/..`];
    const lookalikes = [`sha256:${'０'.repeat(64)}`, `sha256:${digits}\u0000`, `sha256：${digits}`, '', 7];
    const cases: readonly (readonly [unknown, number, string, string])[] = [
      [{ content: 1 }, 400, 'INVALID_PARAMS', '$.kind'],
      [{ kind: 'plan' }, 400, 'INVALID_PARAMS', '$.content'],
      [{ ...good, kind: 'Plan' }, 400, 'INVALID_PARAMS', '$.kind'],
      [{ ...good, job: {} }, 400, 'INVALID_PARAMS', '$.job'],
      [{ ...good, tags: 'x' }, 400, 'INVALID_PARAMS', '$.tags'],
      [{ ...good, tags: ['../x'] }, 400, 'INVALID_PARAMS', '$.tags[0]'],
      [{ ...good, tags: ['x', 'x'] }, 400, 'INVALID_PARAMS', '$.tags'],
      [{ ...good, content: '\ud800' }, 400, 'INVALID_PARAMS', '$.content'],
      ...[...ids, ...lookalikes].flatMap((id) => [
        [{ ...good, parent: id }, 400, 'INVALID_PARAMS', '$.parent'] as const,
        [{ ...good, artifact_id: id }, 400, 'INVALID_PARAMS', '$.artifact_id'] as const,
      ]),
      [{ ...good, parent: UNKNOWN }, 404, 'NOT_FOUND', '$.parent'],
      [{ ...good, artifact_id: UNKNOWN }, 422, 'UNTRUSTED_ARTIFACT', '$.artifact_id'],
      [{ ...good, content: 'x'.repeat(2_000) }, 413, 'PAYLOAD_TOO_LARGE', '$'],
      // Short as it is sent, long in its canonical form.
      [`{"kind":"plan","content":[${Array(120).fill('1e20').join()}]}`, 413, 'PAYLOAD_TOO_LARGE', '$.content'],
    ];
    for (const [body, status, code, field] of cases) {
      const answer = await post(service, body);
      const { code: found, details } = await problemOf(answer);
      expect([answer.status, found, details?.field], JSON.stringify(body).slice(0, 90)).toEqual([status, code, field]);
    }
    expect(await list(service)).toEqual([]);
    expect(await files(service)).toEqual([]);
  },
);

verifies('ORCH-1335', 'an id of another form is refused before it becomes a path', async () => {
  await using service = await startTestService();
  const { artifact_id: id } = (await (await post(service, { kind: 'plan', content: 'x' })).json()) as ArtifactInfo;
  const digits = id.slice(7);
  for (const [path, status] of [
    [UNKNOWN, 404],
    [digits, 400],
    [`sha256:${digits.toUpperCase()}`, digits === digits.toUpperCase() ? 200 : 400],
    [`SHA256:${digits}`, 400],
    [`sha256:${digits}%00`, 400],
    [`sha256:${digits}%0a`, 400],
    [`sha256:..%2f..%2f${digits}`, 400],
    [`sha256:%2e%2e%2f${digits.slice(3)}`, 400],
    ['..%2findex.sqlite', 400],
    [`sha256:${encodeURIComponent(digits.replaceAll('0', '０'))}`, digits.includes('0') ? 400 : 200],
    [`sha256%EF%BC%9A${digits}`, 400],
    [`sha256:${digits}/..`, 404],
  ] as const) {
    const { status: found } = await service.fetch(`/v1/artifacts/${path}`);
    expect(found, path).toBe(status);
  }
  for (const query of ['kind=Plan', 'tag=..%2fx', 'tag=', `parent=${digits}`, 'task_id=x', 'cursor=0', 'cursor=1e3']) {
    expect((await service.fetch(`/v1/artifacts?${query}`)).status, query).toBe(400);
  }
});

verifies('ORCH-1333', 'an upload cut at 10, 50 and 99 percent leaves neither file nor row', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const body = JSON.stringify({ kind: 'plan', content: 'x'.repeat(500_000) });
  const length = Buffer.byteLength(body);
  const head = `POST /v1/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  for (const share of [0.1, 0.5, 0.99]) {
    const socket = connect(service.port, '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(head + body.slice(0, Math.floor(length * share)), resolve));
    socket.destroy();
    await once(socket, 'close');
  }
  expect((await post(service, { kind: 'plan', content: 'whole' })).status).toBe(201);
  expect(await list(service)).toHaveLength(1);
  expect(await files(service)).toHaveLength(1);
});

verifies(
  'ORCH-1332',
  'a flipped byte is answered with 422, or breaks the connection, and is logged and counted',
  async () => {
    await using _leaks = watchLeaks();
    await using service = await startTestService();
    for (const [content, told] of [
      ['small', 422],
      ['z'.repeat(1_500_000), 'broken'],
    ] as const) {
      const stored = (await (await post(service, { kind: 'plan', content })).json()) as ArtifactInfo;
      const digits = stored.artifact_id.slice(7);
      const path = join(service.artifactDirectory, 'objects', digits.slice(0, 2), digits.slice(2));
      const bytes = await readFile(path);
      bytes[bytes.length - 2]! ^= 1;
      await writeFile(path, bytes);
      const answer = await service.fetch(`/v1/artifacts/${stored.artifact_id}`);
      if (told === 422) {
        expect([answer.status, (await problemOf(answer)).code]).toEqual([422, 'UNTRUSTED_ARTIFACT']);
      } else {
        expect(answer.status).toBe(200);
        await expect(answer.text()).rejects.toThrow();
      }
      expect(service.logText()).toContain(`"artifact_id":"${stored.artifact_id}"`);
    }
    expect(await (await service.fetch('/metrics')).text()).toContain('artifacts_damaged_total 2\n');
  },
);

verifies('ORCH-1332', 'a large artifact arrives whole, and a reader that leaves holds nothing', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const content = 'y'.repeat(3_000_000);
  const { artifact_id: id } = (await (await post(service, { kind: 'transcript', content })).json()) as ArtifactInfo;
  const leaving = new AbortController();
  const left = await service.fetch(`/v1/artifacts/${id}`, { signal: leaving.signal });
  await left.body?.getReader().read();
  leaving.abort();
  const whole = (await (await service.fetch(`/v1/artifacts/${id}`)).json()) as Artifact;
  expect(whole.content === content).toBe(true);
});
