// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import type { Model } from '@llama-orch/client';
import { describe, expect } from 'vitest';
import { createFakeHost, json, noContent, type FakeHost, type Responder } from '../__fixtures__/fake-host.ts';
import { runCli } from '../run-cli.ts';

const ID = '5b1d0f6c2a9e4d37';
const REFERENCE = 'hf:org/haiku-GGUF/haiku-Q4_K_M.gguf';
const PATH = `/v1/catalog/models/${ID}`;

const pulling: Model = {
  model_id: ID,
  model_ref: REFERENCE,
  state: 'Active',
  status: 'pulling',
  pinned: false,
  warnings: [],
  added_at: '2026-11-22T13:30:00.000Z',
};
const installed: Model = {
  ...pulling,
  status: 'installed',
  digest: `sha256:${'ab'.repeat(32)}`,
  size_bytes: 2_448_384,
  quantization: 'Q4_K_M',
  parameter_count: 1_193_088,
  context_tokens: 512,
  device_memory: { context_tokens: 512, weights_bytes: 2_388_480, context_bytes: 1_048_576, total_bytes: 7_631_360 },
  used_by: ['haiku'],
  warnings: ['The model has no signature.'],
};

/** Answers one after the other; the last one again and again. */
function inTurn(...bodies: readonly Model[]): Responder {
  let next = 0;
  return (request) => json(bodies[Math.min(next++, bodies.length - 1)])(request);
}

function hostOf(looks: readonly Model[], routes: Readonly<Record<string, Responder>> = {}): FakeHost {
  return createFakeHost({
    routes: {
      'POST /v1/catalog/models': json(pulling, 202),
      'GET /v1/catalog/models': json({ models: [installed] }),
      [`GET ${PATH}`]: inTurn(...looks),
      ...routes,
    },
  });
}

describe('models', () => {
  verifies(['ORCH-1634', 'ORCH-1613'], 'pull shows its progress until the model is installed', async () => {
    const progress = { done_bytes: 1_048_576, total_bytes: 2_448_384, bytes_per_second: 524_288 };
    const host = hostOf([{ ...pulling, progress }, installed]);
    expect(await runCli(['models', 'pull', REFERENCE, '--digest', installed.digest ?? '', '--pin'], host)).toBe(0);
    expect(await host.requests[0]!.json()).toEqual({ model_ref: REFERENCE, digest: installed.digest, pinned: true });
    expect(host.written.stderr).toContain(`${REFERENCE}: 42 % of 2.3 MiB, 512 KiB/s`);
    expect(host.written.stdout).toContain(`sha256:${'ab'.repeat(32)}`);
  });

  verifies('ORCH-1634', 'a pull that fails says why, and whether another try may succeed', async () => {
    const ends = [
      ['FETCH_FAILED', 4],
      ['UNTRUSTED_ARTIFACT', 5],
      ['DISK_BUDGET_EXCEEDED', 5],
    ] as const;
    for (const [code, exitCode] of ends) {
      const failed: Model = { ...pulling, status: 'failed', fault: { code, message: 'It went wrong.' } };
      const host = hostOf([failed]);
      expect(await runCli(['models', 'pull', REFERENCE, '--json'], host)).toBe(exitCode);
      expect(JSON.parse(host.written.stdout)).toMatchObject({ error: { code, message: 'It went wrong.' } });
    }
  });

  verifies('ORCH-1634', 'an interrupt ends the command and leaves the pull to the service', async () => {
    const host: FakeHost = hostOf([pulling], {
      [`GET ${PATH}`]: (request) => {
        host.interrupt();
        return json(pulling)(request);
      },
    });
    expect(await runCli(['models', 'pull', REFERENCE], host)).toBe(130);
    expect(host.written.stderr).toContain('llama-orch models rm');
  });

  verifies(['ORCH-1634', 'ORCH-1631'], 'ls and info show what models are and need', async () => {
    const list = hostOf([installed]);
    expect(await runCli(['models', 'ls'], list)).toBe(0);
    for (const told of [ID, 'installed', '2.3 MiB', 'Q4_K_M', '1.2 M', '512', 'haiku', REFERENCE]) {
      expect(list.written.stdout).toContain(told);
    }
    for (const named of [ID, REFERENCE]) {
      const info = hostOf([installed]);
      expect(await runCli(['models', 'info', named], info)).toBe(0);
      for (const told of ['7.3 MiB with 512 tokens', 'weights 2.3 MiB', 'context 1.0 MiB', 'no signature']) {
        expect(info.written.stdout).toContain(told);
      }
      const asJson = hostOf([installed]);
      expect(await runCli(['models', 'info', named, '--json'], asJson)).toBe(0);
      expect(JSON.parse(asJson.written.stdout)).toEqual(installed);
    }
  });

  verifies(['ORCH-1634', 'ORCH-1632'], 'verify exits with 0 only when the file is what it was', async () => {
    for (const [verdict, exitCode] of [
      ['match', 0],
      ['mismatch', 1],
      ['missing', 1],
    ] as const) {
      const host = hostOf([installed], { [`POST ${PATH}/verify`]: json({ verdict, model: installed }) });
      expect(await runCli(['models', 'verify', REFERENCE], host)).toBe(exitCode);
      expect(host.written.stdout).toContain(verdict);
    }
  });

  verifies('ORCH-1634', 'rm forgets a model, and what is not known is refused', async () => {
    const host = hostOf([installed], { [`DELETE ${PATH}`]: noContent });
    expect(await runCli(['models', 'rm', REFERENCE], host)).toBe(0);
    expect(host.requests.at(-1)?.method).toBe('DELETE');
    const unknown = hostOf([installed]);
    expect(await runCli(['models', 'rm', 'hf:org/other'], unknown)).toBe(5);
    expect(unknown.written.stderr).toContain('NOT_FOUND');
  });
});
