// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import * as publicSurface from './index.ts';

verifies('ORCH-2551', 'the package exports these names and the client has these members', () => {
  expect(Object.keys(publicSurface).sort()).toEqual([
    'OrchApiError',
    'OrchConnectionError',
    'RECONNECT_DEFAULTS',
    'createClient',
  ]);
  expect(Object.keys(publicSurface.createClient({ baseUrl: 'http://127.0.0.1:8080' })).sort()).toEqual([
    'acknowledgeLostRecords',
    'addModel',
    'artifact',
    'artifacts',
    'backUpStore',
    'cancel',
    'capabilities',
    'drainPool',
    'endSession',
    'events',
    'get',
    'list',
    'loadPool',
    'model',
    'models',
    'pausePool',
    'plan',
    'poolHealth',
    'pools',
    'reloadConfig',
    'reloadPool',
    'removeModel',
    'resumePool',
    'run',
    'session',
    'sessions',
    'setModelState',
    'setPriority',
    'store',
    'storeArtifact',
    'stream',
    'submit',
    'unloadPool',
    'verifyModel',
  ]);
});

verifies('ORCH-2506', 'no source file names a Node module or global', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const shipped = files.filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|__fixtures__/.test(path));
  expect(shipped.length).toBeGreaterThan(5);
  for (const path of shipped) {
    const source = readFileSync(join(import.meta.dirname, path), 'utf8');
    expect(source, path).not.toMatch(/['"]node:|\bprocess\.|\bBuffer\b|\b__dirname\b|\brequire\(/);
  }
});
