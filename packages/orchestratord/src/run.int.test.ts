// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { readUntil, framesOf, storedFramesOf } from './__fixtures__/sse-frames.ts';
import { run } from './run.ts';
import { runSelfTest } from './self-test.ts';
import { startTestService, UNREACHABLE_ENGINE } from './__fixtures__/test-service.ts';

interface ServiceProcess {
  readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits for a line on standard output. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

function launch(args: readonly string[], env: Record<string, string> = {}): ServiceProcess {
  const main = join(import.meta.dirname, 'main.ts');
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const state = mkdtempSync(join(tmpdir(), 'run-state-'));
  const child = spawn(process.execPath, ['--conditions=@llama-orch/source', main, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, XDG_STATE_HOME: state, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece));
  const silent = once(child.stdout, 'close');
  const exitCode = once(child, 'close').then(([code]) => {
    rmSync(state, { recursive: true });
    return code as number | null;
  });
  return {
    child,
    exitCode,
    stdout: () => out,
    stderr: () => err,
    async line(pattern) {
      for (;;) {
        const match = pattern.exec(out);
        if (match !== null) return match;
        if (child.stdout.closed) throw new Error(`It ended with ${await exitCode}: ${out}${err}`);
        await Promise.race([once(child.stdout, 'data'), silent]);
      }
    },
  };
}

async function withConfig<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'run-'));
  const file = join(folder.path, 'config.yaml');
  await writeFile(file, text);
  return await use(file);
}

const CONFIG = `listen: { port: 0 }
shutdown: { grace_ms: 60000 }
pools: [{ id: mock, adapter: mock, slots: 1 }]
`;
const IN_MEMORY = `${CONFIG}store: { backend: memory }
`;

verifies(
  ['ORCH-2300', 'ORCH-2301', 'ORCH-2060'],
  'a configuration that cannot be used ends with 78 before it listens',
  async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['colour: red\n', /^\$\.colour: expected no such key, found one$/m],
      ['listen: {\n', /^line 2/m],
      [
        'listen: { host: 0.0.0.0, port: 0 }\n',
        /^\$\.listen\.host: expected a loopback address, .*a token in LLORCH_API_TOKEN/m,
      ],
    ];
    for (const [text, line] of cases) {
      await withConfig(text, async (file) => {
        const service = launch(['--config', file]);
        expect(await service.exitCode).toBe(78);
        expect(service.stderr()).toMatch(line);
        expect(service.stdout()).toBe('');
      });
    }
    const unknownArgument = launch(['--colour']);
    expect(await unknownArgument.exitCode).toBe(78);
    const missing = launch(['--config', '/nowhere.yaml']);
    expect(await missing.exitCode).toBe(78);
  },
);

verifies('ORCH-2301', 'an address that is taken ends with 69', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await withConfig(CONFIG, async (file) => {
    const service = launch(['--config', file], { LLORCH_LISTEN_PORT: String(port) });
    expect(await service.exitCode).toBe(69);
    expect(service.stderr()).toContain('EADDRINUSE');
  });
  taken.close();
});

verifies(
  ['ORCH-2301', 'ORCH-1207'],
  'a fault after the store is open ends with one line, 1 and a free directory',
  async () => {
    await using state = await mkdtempDisposable(join(tmpdir(), 'run-broken-'));
    const env = { XDG_STATE_HOME: state.path };
    const spoil = (sql: string): void => {
      const database = new DatabaseSync(join(state.path, 'llama-orch', 'queue.sqlite'));
      database.exec(sql);
      database.close();
    };
    await withConfig(CONFIG, async (file) => {
      const well = launch(['--config', file], env);
      await well.line(/is ready/);
      well.child.kill('SIGTERM');
      expect(await well.exitCode).toBe(0);
      for (const junk of ['{', '{}']) {
        spoil(`INSERT INTO task (seq, id, pool, priority, state, fingerprint, position) VALUES (99, 'x', 'mock', 'batch', 'queued', '', 0);
        INSERT INTO request VALUES (99, '${junk}')`);
        const broken = launch(['--config', file], env);
        expect(await broken.exitCode).toBe(1);
        expect(broken.stderr()).toMatch(/^The service cannot start: .+\n$/);
        spoil('DELETE FROM request; DELETE FROM task');
      }
      const again = launch(['--config', file], env);
      await again.line(/is ready/);
      again.child.kill('SIGTERM');
      expect(await again.exitCode).toBe(0);
    });
  },
);

verifies(
  ['ORCH-2302', 'ORCH-2304', 'ORCH-2301', 'ORCH-2311', 'ORCH-6100'],
  'SIGTERM lets what runs finish, tells what waits, and ends with 0',
  async () => {
    await using _leaks = watchLeaks();
    await withConfig(IN_MEMORY, async (file) => {
      const service = launch(['--config', file]);
      const [, url = ''] = await service.line(/"address":"(http:[^"]+)"/);
      await service.line(/is ready/);
      const submit = async (prompt: string): Promise<Response> =>
        fetch(`${url}/v1/tasks`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ prompt }),
        });
      const idOf = async (answer: Response): Promise<string> => ((await answer.json()) as { task_id: string }).task_id;
      const running = await idOf(await submit('[[mock tokens=60 delay_ms=60]]'));
      const waiting = await idOf(await submit('hi'));
      const stream = fetch(`${url}/v1/tasks/${running}/stream`).then((answer) => answer.text());
      const waitingStream = fetch(`${url}/v1/tasks/${waiting}/stream`).then((answer) => answer.text());
      await readUntil(await fetch(`${url}/v1/tasks/${running}/stream`), 'token');
      service.child.kill('SIGTERM');
      expect(framesOf(await waitingStream).at(-1)).toMatchObject({ event: 'end', data: { finish_reason: 'canceled' } });
      const refused = await submit('late');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await refused.json()).toMatchObject({ code: 'POOL_UNREADY', retriable: true });
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      const frames = framesOf(await stream);
      expect(frames.at(-1)).toMatchObject({ event: 'end', data: { finish_reason: 'stop', tokens_out: 60 } });
      expect(await service.exitCode).toBe(0);
      expect(service.stderr()).toBe('');
      for (const line of service.stdout().trimEnd().split('\n'))
        expect(() => JSON.parse(line) as unknown).not.toThrow();
    });
  },
);

verifies('ORCH-2302', 'what does not finish within the grace is canceled', async () => {
  await withConfig(IN_MEMORY.replace('60000', '50'), async (file) => {
    const service = launch(['--config', file]);
    const [, url = ''] = await service.line(/"address":"(http:[^"]+)"/);
    await service.line(/is ready/);
    const body = JSON.stringify({ prompt: '[[mock tokens=9 fault=hang at=1]]' });
    const answer = await fetch(`${url}/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { task_id: taskId } = (await answer.json()) as { task_id: string };
    const stream = fetch(`${url}/v1/tasks/${taskId}/stream`).then((streamed) => streamed.text());
    await readUntil(await fetch(`${url}/v1/tasks/${taskId}/stream`), 'token');
    service.child.kill('SIGINT');
    expect(framesOf(await stream).at(-1)).toMatchObject({ event: 'end', data: { finish_reason: 'canceled' } });
    expect(await service.exitCode).toBe(0);
  });
});

verifies(
  ['ORCH-1200', 'ORCH-1221', 'ORCH-1240', 'ORCH-2302'],
  'by default what does not finish within the grace goes on in the next process, and its reader with it',
  async () => {
    await using state = await mkdtempDisposable(join(tmpdir(), 'run-kept-'));
    await withConfig(CONFIG.replace('60000', '50'), async (file) => {
      const env = { XDG_STATE_HOME: state.path };
      const start = async (): Promise<{ readonly service: ServiceProcess; readonly url: string }> => {
        const service = launch(['--config', file], env);
        const [, where, url = ''] = await service.line(
          /tasks are kept by SQLite in ([^"]+)\.".*"address":"(http:[^"]+)"/,
        );
        expect(where).toBe(join(state.path, 'llama-orch'));
        return { service, url };
      };
      const first = await start();
      const body = JSON.stringify({ prompt: '[[mock tokens=40 delay_ms=50]]', seed: 7 });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${first.url}/v1/tasks`, { method: 'POST', headers, body });
      const { task_id: taskId } = (await answer.json()) as { task_id: string };
      const seen = storedFramesOf(await readUntil(await fetch(`${first.url}/v1/tasks/${taskId}/stream`), 'token'));
      first.service.child.kill('SIGTERM');
      expect(await first.service.exitCode).toBe(0);
      const second = await start();
      const resume = { 'Last-Event-ID': seen.at(-1)?.id ?? '' };
      const rest = await fetch(`${second.url}/v1/tasks/${taskId}/stream`, { headers: resume });
      const frames = [...seen, ...storedFramesOf(await rest.text())];
      const whole = await fetch(`${second.url}/v1/tasks/${taskId}/stream`);
      expect(frames).toEqual(storedFramesOf(await whole.text()));
      expect(frames.at(-1)).toMatchObject({ event: 'end', data: { tokens_out: 40, receipt: { attempt: 2 } } });
      second.service.child.kill('SIGTERM');
      expect(await second.service.exitCode).toBe(0);
    });
  },
);

verifies('ORCH-2302', 'a stop is heard while engines load and the self-test waits', async () => {
  const loading = CONFIG.replace('slots: 1', 'slots: 1, options: { load_ms: 600000 }');
  await withConfig(loading, async (file) => {
    for (const args of [['--self-test'], []]) {
      const service = launch(['--config', file, ...args]);
      await service.line(/"address":"(http:[^"]+)"/);
      service.child.kill('SIGTERM');
      expect(await service.exitCode).toBe(0);
      expect(service.stderr()).toBe('');
    }
  });
});

verifies(['ORCH-2303', 'ORCH-2301'], 'a second signal ends at once with 130', async () => {
  await withConfig(CONFIG, async (file) => {
    const service = launch(['--config', file]);
    const [, url = ''] = await service.line(/"address":"(http:[^"]+)"/);
    await service.line(/is ready/);
    const body = JSON.stringify({ prompt: '[[mock tokens=9 fault=hang at=1]]' });
    const answer = await fetch(`${url}/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { task_id: taskId } = (await answer.json()) as { task_id: string };
    // Once it runs, the service waits for it.
    await readUntil(await fetch(`${url}/v1/tasks/${taskId}/stream`), 'token');
    service.child.kill('SIGTERM');
    await service.line(/stops after SIGTERM/);
    service.child.kill('SIGTERM');
    expect(await service.exitCode).toBe(130);
  });
});

verifies('ORCH-2310', 'the self-test sees a token, cancels in mid-stream and finds both in the metrics', async () => {
  await using service = await startTestService({ pool: { options: { delay_ms: 2 } } });
  const report = await runSelfTest({ url: service.url });
  expect(report.steps.map(({ name, ok, reason }) => [name, ok, reason])).toEqual([
    ['decode', true, undefined],
    ['cancel', true, undefined],
    ['metrics', true, undefined],
  ]);
  expect(report.ok).toBe(true);
});

verifies('ORCH-2310', 'the self-test says which step failed', async () => {
  await using broken = await startTestService({ pool: UNREACHABLE_ENGINE });
  const report = await runSelfTest({ url: broken.url });
  expect(report).toMatchObject({ ok: false, steps: [{ name: 'decode', ok: false }] });
  expect(report.steps[0]?.reason).toMatch(/^The task was refused: [A-Z_]+\.$/);
});

verifies('ORCH-1455', 'who asks for a reload as soon as the service is said to listen is heard', async () => {
  await using state = await mkdtempDisposable(join(tmpdir(), 'run-reload-'));
  await withConfig(IN_MEMORY, async (file) => {
    let reload = (): void => expect.fail('nobody listens to reloads yet');
    const stop = Promise.withResolvers<string>();
    const stdout = new Writable({
      decodeStrings: false,
      write(line: string, _encoding, done) {
        if (line.includes('listens on')) reload();
        if (line.includes('The configuration was read again.')) stop.resolve('SIGTERM');
        done();
      },
    });
    const code = await run({
      args: ['--config', file],
      env: { XDG_STATE_HOME: state.path },
      stdout: stdout as NodeJS.WritableStream as NodeJS.WriteStream,
      stderr: process.stderr,
      stopSignal: stop.promise,
      onReload: (listener) => (reload = listener),
    });
    expect(code).toBe(0);
  });
});

verifies('ORCH-1455', 'SIGHUP applies a changed file, and one that cannot be used changes nothing', async () => {
  await using _leaks = watchLeaks();
  await withConfig(IN_MEMORY, async (file) => {
    const service = launch(['--config', file]);
    const [, url = ''] = await service.line(/listens on (http:\S+);/);
    const poolsNow = async (): Promise<unknown> => {
      const { pools } = (await (await fetch(`${url}/v1/pools`)).json()) as { pools: { pool_id: string }[] };
      return pools.map(({ pool_id: id }) => id);
    };
    await writeFile(file, IN_MEMORY.replace('pools: [', 'pools: [{ id: new, adapter: mock }, '));
    service.child.kill('SIGHUP');
    await service.line(/The configuration was read again\./);
    expect(await poolsNow()).toEqual(['mock', 'new']);
    await writeFile(file, 'pools: []\n');
    service.child.kill('SIGHUP');
    await service.line(/The configuration cannot be used; the one in force stays\.[^\n]*\$\.pools/);
    expect(await poolsNow()).toEqual(['mock', 'new']);
    service.child.kill('SIGTERM');
    expect(await service.exitCode).toBe(0);
  });
});
