// SPDX-License-Identifier: MIT
import type { Config } from '@llama-orch/config-schema';
import { isLoopbackName } from '../http/loopback.ts';
import { checkPools } from './check-pools.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Environment } from './load-config.ts';

const MIN_TOKEN_LENGTH = 16;

/** What a schema cannot say: rules across keys and against the environment. */
export function checkConfig(
  config: Config,
  { env, token, hasKeyFile }: { env: Environment; token: string | undefined; hasKeyFile: boolean },
): readonly ConfigFault[] {
  return [...checkToken(config, token, hasKeyFile), ...checkRetention(config), ...checkPools(config, env)];
}

function checkToken({ listen, auth }: Config, token: string | undefined, hasKeyFile: boolean): ConfigFault[] {
  if (token === undefined) {
    // ORCH-2060, ORCH-5023: open to the network without a key is how such services are taken over
    if (hasKeyFile || isLoopbackName(listen.host)) return [];
    const expected = `a loopback address, a token in ${auth.token_env}, or auth.key_file`;
    return [{ path: '$.listen.host', expected, actual: listen.host }];
  }
  if (token.length >= MIN_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token)) return [];
  const expected = `at least ${MIN_TOKEN_LENGTH} printable ASCII characters`;
  return [{ path: auth.token_env, expected, actual: 'a value that is not shown' }];
}

function checkRetention({ store, retention }: Config): ConfigFault[] {
  // ORCH-5028: what is not kept in memory is gone before anybody can read its end
  if (store.backend !== 'memory' || retention.ended_tasks > 0) return [];
  return [{ path: '$.retention.ended_tasks', expected: 'at least 1 where tasks are in memory', actual: '0' }];
}
