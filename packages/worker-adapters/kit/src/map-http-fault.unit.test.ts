// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { statusFault } from './map-http-fault.ts';

verifies('ORCH-4057', 'every status becomes the code of the table', () => {
  const codes = [301, 400, 401, 403, 404, 408, 413, 422, 429, 500, 501, 502, 503, 504].map(
    (status) => `${status} ${statusFault(status, '').code}`,
  );
  expect(codes).toEqual([
    '301 WORKER_RESET',
    '400 INVALID_PARAMS',
    '401 INTERNAL',
    '403 INTERNAL',
    '404 INTERNAL',
    '408 DECODE_TIMEOUT',
    '413 INVALID_PARAMS',
    '422 INVALID_PARAMS',
    '429 REPLICA_EXHAUSTED',
    '500 WORKER_RESET',
    '501 INVALID_PARAMS',
    '502 WORKER_RESET',
    '503 POOL_UNREADY',
    '504 DECODE_TIMEOUT',
  ]);
});

verifies('ORCH-4057', 'the words of the engine reach the cause alone', () => {
  const fault = statusFault(400, 'your prompt "my secret" is bad', { engine_type: 'invalid_request_error' });
  expect(`${fault.message}${JSON.stringify(fault.details)}`).not.toContain('secret');
  expect(String(fault.cause)).toContain('my secret');
});
