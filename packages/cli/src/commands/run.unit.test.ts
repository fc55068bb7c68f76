// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import {
  createFakeHost,
  createFedStream,
  json,
  noContent,
  streamOf,
  type FakeHost,
  type FakeHostOptions,
} from '../__fixtures__/fake-host.ts';
import {
  accepted,
  canceled,
  end,
  failed,
  frame,
  moved,
  running,
  started,
  TASK_ID,
  tokens,
} from '../__fixtures__/wire-samples.ts';
import { runCli } from '../run-cli.ts';

const SUBMIT = 'POST /v1/tasks';
const STREAM = `GET /v1/tasks/${TASK_ID}/stream`;
const CANCEL = `POST /v1/tasks/${TASK_ID}/cancel`;

function hostWith(options: FakeHostOptions, ...frames: readonly string[]): FakeHost {
  return createFakeHost({ ...options, routes: { [SUBMIT]: json(accepted, 202), [STREAM]: streamOf(...frames) } });
}

const sentBody = async ({ requests }: FakeHost): Promise<unknown> => requests[0]?.json();

verifies('ORCH-2610', 'the text and only the text reaches standard output, the summary standard error', async () => {
  const host = hostWith({}, started, ...tokens, end);
  expect(await runCli(['run', 'a haiku'], host)).toBe(0);
  expect(host.written.stdout).toBe('a lantern');
  expect(host.written.stderr).toContain('stop: 2 tokens in 4 ms (500/s), seed 42, haiku-tiny on haiku-0');
});

verifies('ORCH-2610', 'the prompt - is read from standard input', async () => {
  const host = hostWith({ input: 'a haiku about rain\n' }, started, ...tokens, end);
  expect(await runCli(['run', '-'], host)).toBe(0);
  expect(await sentBody(host)).toEqual({ prompt: 'a haiku about rain\n' });
});

verifies('ORCH-2611', 'off a terminal every change of place is one line, and no unknown start is shown', async () => {
  const host = hostWith({}, started, moved, moved, running, ...tokens, end);
  await runCli(['run', 'a haiku'], host);
  const lines = host.written.stderr.split('\n');
  expect(lines.slice(0, 2)).toEqual(['waiting, 3 ahead, starts in about 1.8 s', 'waiting, 1 ahead']);
  expect(lines).toHaveLength(4);
});

verifies('ORCH-2611', 'the chance to start in time and a reason besides the line are shown', async () => {
  const metrics = { state: 'queued', queue_position: 0, predicted_start_ms: 2_000, on_time_probability: 0.5 };
  const chance = frame(0, 'metrics', { ...metrics, waiting_for: 'slot' });
  const turn = frame(0, 'metrics', { state: 'queued', queue_position: 1, waiting_for: 'session_turn' });
  const host = hostWith({}, started, chance, turn, ...tokens, end);
  await runCli(['run', 'a haiku'], host);
  expect(host.written.stderr.split('\n').slice(1, 3)).toEqual([
    'next in line, starts in about 2.0 s, in time with 50 %',
    'waiting, 1 ahead (session_turn)',
  ]);
});

verifies('ORCH-2611', 'on a terminal the place is one line, rewritten and gone before the first token', async () => {
  const host = hostWith({ isTerminal: true }, started, moved, ...tokens, end);
  await runCli(['run', 'a haiku'], host);
  const [first, second, gone, summary] = host.written.stderr.split('\r\u001B[2K').slice(1);
  expect([first, second]).toEqual(['waiting, 3 ahead, starts in about 1.8 s', 'waiting, 1 ahead']);
  expect(gone).toMatch(/^stop: /);
  expect(summary).toBeUndefined();
  expect(host.written.stdout).toBe('a lantern\n');
});

verifies('ORCH-2612', 'an interrupt cancels the task, says so and exits with 130', async () => {
  const stream = createFedStream();
  const host = createFakeHost({
    routes: {
      [SUBMIT]: json(accepted, 202),
      [STREAM]: (request) => {
        stream.feed(started);
        queueMicrotask(() => host.interrupt());
        return stream.responder(request);
      },
      [CANCEL]: (request) => {
        stream.feed(canceled);
        return noContent(request);
      },
    },
  });
  expect(await runCli(['run', 'a haiku'], host)).toBe(130);
  expect(host.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
    SUBMIT,
    STREAM,
    CANCEL,
  ]);
  expect(host.written.stderr).toContain(`canceled ${TASK_ID}`);
});

verifies('ORCH-2612', 'an interrupt during the submit cancels what was accepted', async () => {
  const host: FakeHost = createFakeHost({
    routes: {
      [SUBMIT]: (request) => {
        host.interrupt();
        return json(accepted, 202)(request);
      },
      [STREAM]: streamOf(started, canceled),
      [CANCEL]: noContent,
    },
  });
  expect(await runCli(['run', 'a haiku'], host)).toBe(130);
  expect(host.requests.some(({ url }) => url.endsWith('/cancel'))).toBe(true);
});

verifies('ORCH-2612', 'a second interrupt ends at once', async () => {
  const stream = createFedStream();
  const host: FakeHost = createFakeHost({
    routes: {
      [SUBMIT]: json(accepted, 202),
      [STREAM]: stream.responder,
      [CANCEL]: () => {
        queueMicrotask(() => host.interrupt());
        return new Promise(() => undefined);
      },
    },
  });
  const running = runCli(['run', 'a haiku'], host);
  stream.feed(started);
  await new Promise((resolve) => setImmediate(resolve));
  host.interrupt();
  expect(await running).toBe(130);
});

verifies('ORCH-2613', 'options become fields, and nothing else is sent', async () => {
  const options =
    '--max-tokens 16 --seed 0 --priority batch --session editor-7 --model haiku-tiny --pool haiku --deadline 2m --on-disconnect cancel'.split(
      ' ',
    );
  const host = hostWith({}, started, ...tokens, end);
  expect(await runCli(['run', 'hi', ...options], host)).toBe(0);
  expect(await sentBody(host)).toEqual({
    prompt: 'hi',
    max_tokens: 16,
    seed: 0,
    priority: 'batch',
    session_id: 'editor-7',
    model_ref: 'haiku-tiny',
    pool_id: 'haiku',
    deadline_ms: 120_000,
    on_disconnect: 'cancel',
  });
  const chat = hostWith({}, started, ...tokens, end);
  await runCli(['run', '--chat', 'hi'], chat);
  expect(await sentBody(chat)).toEqual({ messages: [{ role: 'user', content: 'hi' }] });
});

verifies('ORCH-2614', 'a detached run prints the task and follows nothing', async () => {
  const host = hostWith({});
  expect(await runCli(['run', 'hi', '--detach'], host)).toBe(0);
  expect(host.written.stdout).toBe(`${TASK_ID}\n`);
  expect(host.requests).toHaveLength(1);
  const programs = hostWith({});
  await runCli(['run', 'hi', '--detach', '--json'], programs);
  expect(JSON.parse(programs.written.stdout)).toEqual(accepted);
});

verifies('ORCH-2616', 'a dry run says whether, where and when, and submits nothing', async () => {
  const plan = {
    admitted: true,
    reason: 'It would wait. 3 tasks start before it.',
    pool_id: 'haiku',
    pool_reason: 'only_fit',
    queue_position: 3,
    predicted_start_ms: 1840,
    on_time_probability: 0.87,
    backoff_ms: 0,
    waiting_for: { reason: 'earlier_tasks', message: '3 tasks start before it.', cure: 'It moves up.' },
  };
  const host = createFakeHost({ routes: { [SUBMIT]: json(plan, 200) } });
  expect(await runCli(['run', 'hi', '--dry-run', '--deadline', '5s'], host)).toBe(0);
  expect(new URL(host.requests[0]?.url ?? '').search).toBe('?dry_run=true');
  expect(host.requests).toHaveLength(1);
  const lines = host.written.stdout.split('\n');
  expect(lines[0]).toBe('would be admitted: It would wait. 3 tasks start before it.');
  expect(host.written.stdout).toMatch(/position\s+3\n/);
  expect(host.written.stdout).toMatch(/in time with\s+87 %\n/);
  const programs = createFakeHost({ routes: { [SUBMIT]: json(plan, 200) } });
  await runCli(['run', 'hi', '--dry-run', '--json'], programs);
  expect(JSON.parse(programs.written.stdout)).toEqual(plan);
});

verifies('ORCH-2616', 'a dry run of a task that would be refused exits as the submit would', async () => {
  const problem = {
    code: 'ADMISSION_REJECT',
    message: 'Full.',
    retriable: true,
    retry_after_ms: 1500,
    correlation_id: 'x',
  };
  const planOf = (retriable: boolean): object => ({
    admitted: false,
    reason: 'Full.',
    problem: { ...problem, retriable },
  });
  for (const [retriable, exitCode] of [
    [true, 4],
    [false, 5],
  ] as const) {
    const host = createFakeHost({ routes: { [SUBMIT]: json(planOf(retriable), 200) } });
    expect(await runCli(['run', 'hi', '--dry-run'], host)).toBe(exitCode);
    expect(host.written.stdout).toContain('would be refused: Full.');
    expect(host.written.stdout).toMatch(/refusal\s+ADMISSION_REJECT/);
  }
});

verifies('ORCH-2615', 'a task that fails fails the command', async () => {
  const host = hostWith({}, started, failed);
  expect(await runCli(['run', 'hi'], host)).toBe(1);
  expect(host.written.stderr).toContain('WORKER_RESET: The engine failed.');
});

verifies('ORCH-2601', 'a run in JSON is one frame per line', async () => {
  const host = hostWith({}, started, ...tokens, end);
  expect(await runCli(['run', 'hi', '--json'], host)).toBe(0);
  const lines = host.written.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(lines.map(({ event }) => event)).toEqual(['started', 'token', 'token', 'end']);
  expect(lines[1]).toEqual({ event: 'token', id: '1a2b3c4d:1', data: { t: 'a', i: 0 } });
});
