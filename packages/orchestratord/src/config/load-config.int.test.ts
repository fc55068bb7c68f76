// SPDX-License-Identifier: MIT
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ConfigError } from './config-fault.ts';
import { loadConfig, type Environment, type LoadedConfig } from './load-config.ts';

/** Loads a file with this text. */
async function load(text: string, env: Environment = {}): Promise<LoadedConfig> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'config-'));
  const file = join(folder.path, 'config.yaml');
  await writeFile(file, text);
  return loadConfig({ file, env });
}

/** The fault lines of a file that must not load. */
async function faultsOf(text: string, env: Environment = {}): Promise<readonly string[]> {
  const outcome = await load(text, env).catch((error: unknown) => error);
  if (!(outcome instanceof ConfigError)) throw new Error(`It loads: ${text}`);
  return outcome.message.split('\n');
}

const MOCK = 'pools: [{ id: a, adapter: mock }]\n';

verifies(['ORCH-5000', 'ORCH-5006'], 'no file is the embedded engine on loopback, every default filled in', () => {
  const { config, token } = loadConfig({ env: {} });
  expect(config).toMatchObject({
    listen: { host: '127.0.0.1', port: 8080, allowed_hosts: [] },
    limits: { body_bytes: 4_194_304, body_depth: 32, open_streams: 10_000 },
    queue: { interactive_tasks: 1_000, full_policy: 'reject' },
    stream: { heartbeat_ms: 15_000, client_buffer_bytes: 262_144, drain_timeout_ms: 30_000 },
    sessions: { ttl_ms: 600_000, max_turns: 8 },
    shutdown: { grace_ms: 20_000 },
    pools: [{ id: 'haiku', adapter: 'node-llama-cpp' }],
  });
  expect(token).toBeUndefined();
});

verifies('ORCH-5006', 'an empty file and empty sections take the defaults', async () => {
  const { config } = await load('');
  expect(config).toEqual(loadConfig({ env: {} }).config);
  expect((await load('listen: {}\nqueue: {}\n')).config).toEqual(config);
});

verifies('ORCH-5005', 'the configuration is frozen at every depth', async () => {
  const { config } = await load(MOCK);
  const write = (target: object): unknown => Reflect.set(target, 'x', 1);
  for (const target of [config, config.listen, config.pools, config.pools[0] ?? [], config.sampler_profiles]) {
    expect(write(target)).toBe(false);
  }
});

verifies('ORCH-5001', 'every fault is one line with path, expected and actual, all at once', async () => {
  const faults = await faultsOf(`
listen: { port: 70000, host: 7 }
queue: { full_policy: drop }
limits: { body_depth: deep }
pools: [{ id: A, adapter: mock, slots: 0 }]
`);
  expect(faults.toSorted()).toEqual([
    '$.limits.body_depth: expected integer, found "deep"',
    '$.listen.host: expected string, found 7',
    '$.listen.port: expected <= 65535, found 70000',
    '$.pools[0].id: expected to match pattern "^[a-z0-9][a-z0-9._-]{0,63}$", found "A"',
    '$.pools[0].slots: expected >= 1, found 0',
    '$.queue.full_policy: expected one of reject, drop-lru, shed-low-priority, found "drop"',
  ]);
});

verifies('ORCH-5001', 'a value under a name of a secret is not shown', async () => {
  const faults = await faultsOf('auth: { token_env: my-Secret-Canary }\n');
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain('$.auth.token_env');
  expect(faults[0]).not.toContain('Canary');
});

verifies('ORCH-5002', 'an unknown key is a fault at every depth', async () => {
  expect(await faultsOf('colour: red\n')).toEqual(['$.colour: expected no such key, found one']);
  expect(await faultsOf('listen: { prot: 1 }\n')).toEqual(['$.listen.prot: expected no such key, found one']);
  expect(await faultsOf('pools: [{ id: a, adapter: mock, modle: x }]\n')).toEqual([
    '$.pools[0].modle: expected no such key, found one',
  ]);
  expect(await faultsOf('[]\n')).toEqual(['$: expected object, found []']);
  expect(await faultsOf('sampler_profiles: { default-1: {} }\n')).toEqual([
    '$.sampler_profiles.default-1: expected no such key, found one',
  ]);
});

verifies('ORCH-5003', 'a repeated key and text that is not plain YAML name their line', async () => {
  expect((await faultsOf('listen:\n  port: 1\n  port: 2\n'))[0]).toMatch(/^line 3, column 3: .*DUPLICATE_KEY/);
  expect((await faultsOf('listen: {\n'))[0]).toMatch(/^line 2/);
  expect((await faultsOf('a: b: c\n'))[0]).toMatch(/^line 1/);
  expect((await faultsOf('x: !!js/function 1\n'))[0]).toMatch(/^line 1/);
  expect(await faultsOf('a: 1\n---\nb: 2\n')).toEqual(['$: expected one document, found several']);
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de'])
    bomb.push(
      `${String(to)}: &${String(to)} [${Array(10)
        .fill(`*${String(from)}`)
        .join()}]`,
    );
  expect(await faultsOf(bomb.join('\n'))).toEqual(['$: expected at most 100 aliases, found more']);
});

verifies('ORCH-5003', 'a file that cannot be read is a fault', async () => {
  expect(() => loadConfig({ file: '/nowhere/config.yaml', env: {} })).toThrow(
    '/nowhere/config.yaml: expected a readable UTF-8 file, found ENOENT',
  );
  await using folder = await mkdtempDisposable(join(tmpdir(), 'config-'));
  const file = join(folder.path, 'config.yaml');
  await writeFile(file, Buffer.from([0xff, 0xfe]));
  expect(() => loadConfig({ file, env: {} })).toThrow(ConfigError);
});

verifies('ORCH-5004', 'the environment wins over the file and is checked like it', async () => {
  const env = {
    LLORCH_LISTEN_PORT: '9',
    LLORCH_LISTEN_HOST: 'localhost',
    LLORCH_LOG_LEVEL: 'warn',
    LLORCH_LOG_FORMAT: 'json',
  };
  const { config } = await load(`${MOCK}listen: { port: 1 }\nlog: { level: debug }\n`, env);
  expect(config.listen).toMatchObject({ host: 'localhost', port: 9 });
  expect(config.log).toEqual({ level: 'warn', format: 'json' });
  expect((await load(`listen: { port: 1 }\n${MOCK}`, { LLORCH_LISTEN_PORT: '' })).config.listen.port).toBe(1);
  expect(await faultsOf(MOCK, { LLORCH_LISTEN_PORT: 'x' })).toEqual(['$.listen.port: expected integer, found "x"']);
  expect(await faultsOf(MOCK, { LLORCH_LOG_LEVEL: 'loud' })).toHaveLength(1);
  expect(() => loadConfig({ env: { LLORCH_CONFIG: '/nowhere.yaml' } })).toThrow('/nowhere.yaml');
});

verifies('ORCH-5020', 'two pools with one id are a fault at the second', async () => {
  const text = 'pools: [{ id: a, adapter: mock }, { id: b, adapter: mock }, { id: a, adapter: mock }]\n';
  expect(await faultsOf(text)).toEqual(['$.pools[2].id: expected an id no pool before it has, found a']);
});

verifies('ORCH-5021', 'keys that do not fit the adapter are faults', async () => {
  const fault = async (pool: string): Promise<string | undefined> =>
    (await faultsOf(`pools: [{ id: a, ${pool} }]\n`))[0];
  expect(await fault('adapter: llamacpp-http')).toBe('$.pools[0].base_url: expected a value, found nothing');
  expect(await fault("adapter: mock, base_url: 'http://localhost:1'")).toMatch(
    '$.pools[0].base_url: expected no such key with this adapter',
  );
  expect(await fault('adapter: mock, api_key_env: X')).toMatch(
    '$.pools[0].api_key_env: expected no such key with this adapter',
  );
  expect(await fault("adapter: llamacpp-http, base_url: 'http://localhost:1', replicas: 2")).toMatch(
    '$.pools[0].replicas: expected no such key',
  );
  expect(await fault("adapter: llamacpp-http, base_url: 'ftp://x'")).toMatch('$.pools[0].base_url');
  expect(await fault("adapter: llamacpp-http, base_url: 'http://user:pw@x'")).toMatch('$.pools[0].base_url');
  const several =
    "pools: [{ id: a, adapter: llamacpp-http, base_url: ['http://localhost:1', 'http://localhost:2/x'] }]\n";
  expect((await load(several)).config.pools[0]?.base_url).toHaveLength(2);
});

verifies(['ORCH-5021', 'ORCH-1513'], 'what a server of OpenAI shape does not tell has to be said', async () => {
  const fault = async (rest: string): Promise<string | undefined> =>
    (await faultsOf(`pools: [{ id: a, adapter: openai-http, ${rest} }]\n`))[0];
  const url = "base_url: 'http://localhost:1/v1'";
  expect(await fault(`${url}, options: { ctx_max: 4096 }`)).toBe('$.pools[0].model: expected a value, found nothing');
  expect(await fault(`${url}, model: m`)).toMatch('$.pools[0].options');
  expect(await fault(`${url}, model: m, options: { ctx_max: 4096, sampler_fields: [mirostat] }`)).toMatch(
    '$.pools[0].options.sampler_fields[0]',
  );
  expect(await fault('model: m, options: { ctx_max: 4096 }, engine: {}')).toMatch('$.pools[0].engine.command');
  expect(await fault('model: m, options: { ctx_max: 4096 }, provisioning: managed')).toMatch('$.pools[0].engine');
  const whole = `pools: [{ id: a, adapter: openai-http, ${url}, model: m, options: { ctx_max: 4096 } }]\n`;
  expect((await load(whole)).config.pools).toHaveLength(1);
});

verifies('ORCH-5022', 'a secret that is named must be set, and is not shown', async () => {
  const text = "pools: [{ id: a, adapter: llamacpp-http, base_url: 'http://localhost:1', api_key_env: ENGINE_KEY }]\n";
  expect(await faultsOf(text)).toEqual(['$.pools[0].api_key_env: expected a variable that is set, found ENGINE_KEY']);
  const loaded = await load(text, { ENGINE_KEY: 'canary' });
  expect(loaded.engineKeys).toEqual({ ENGINE_KEY: 'canary' });
  expect(JSON.stringify(loaded.config)).not.toContain('canary');
});

verifies(['ORCH-5023', 'ORCH-2060'], 'an address beyond loopback needs a token', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'box.lan']) {
    expect(await faultsOf(`${MOCK}listen: { host: '${host}' }\n`)).toEqual([
      `$.listen.host: expected a loopback address, a token in LLORCH_API_TOKEN, or auth.key_file, found ${host}`,
    ]);
    const { token } = await load(`${MOCK}listen: { host: '${host}' }\n`, { LLORCH_API_TOKEN: 'a-token-that-is-long' });
    expect(token).toBe('a-token-that-is-long');
  }
  for (const host of ['localhost', '127.0.0.2', '::1']) await load(`${MOCK}listen: { host: '${host}' }\n`);
});

verifies('ORCH-5024', 'a token that is too short or odd is a fault that does not show it', async () => {
  for (const token of ['short', 'with space in the token', 'mit-ümlaut-im-token']) {
    const faults = await faultsOf(MOCK, { LLORCH_API_TOKEN: token });
    expect(faults).toEqual([
      'LLORCH_API_TOKEN: expected at least 16 printable ASCII characters, found a value that is not shown',
    ]);
  }
});

verifies(
  'ORCH-5028',
  'no ended task kept is a fault where tasks are in memory, and none where they are on disk',
  async () => {
    const none = `${MOCK}retention: { ended_tasks: 0 }\n`;
    expect(await faultsOf(`${none}store: { backend: memory }\n`)).toEqual([
      '$.retention.ended_tasks: expected at least 1 where tasks are in memory, found 0',
    ]);
    expect((await load(none)).config.retention.ended_tasks).toBe(0);
  },
);

verifies('ORCH-5025', 'a model path starts at the configuration file', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'config-'));
  await writeFile(join(folder.path, 'm.gguf'), '');
  const file = join(folder.path, 'config.yaml');
  await writeFile(file, 'pools: [{ id: a, adapter: node-llama-cpp, model: m.gguf }]\n');
  expect(loadConfig({ file, env: {} }).config.pools[0]?.model).toBe(join(folder.path, 'm.gguf'));
  expect((await faultsOf('pools: [{ id: a, adapter: node-llama-cpp, model: none.gguf }]\n'))[0]).toMatch(
    /^\$\.pools\[0\]\.model: expected a file/,
  );
  expect((await faultsOf('pools: [{ id: a, adapter: node-llama-cpp, model: "builtin:none" }]\n'))[0]).toMatch(
    /^\$\.pools\[0\]\.model/,
  );
});

verifies('ORCH-5026', 'options are those of the adapter', async () => {
  const fault = async (pool: string): Promise<string | undefined> =>
    (await faultsOf(`pools: [{ id: a, ${pool} }]\n`))[0];
  expect(await fault('adapter: mock, options: { threads: 1 }')).toBe(
    '$.pools[0].options.threads: expected no such key, found one',
  );
  expect(await fault('adapter: mock, options: { burst: 0 }')).toBe('$.pools[0].options.burst: expected >= 1, found 0');
  expect(await fault('adapter: node-llama-cpp, options: { gpu: maybe }')).toBe(
    '$.pools[0].options.gpu: expected boolean, found "maybe"',
  );
});

verifies(
  'ORCH-5027',
  'artifacts lie where they are told to, beside the store, or where the state of the user is',
  async () => {
    const at = async (text: string, env: Environment): Promise<string> =>
      (await load(MOCK + text, env)).artifactDirectory;
    const env = { XDG_STATE_HOME: '/state', HOME: '/home/me' };
    expect(await at('artifacts: { directory: /here }', env)).toBe('/here');
    expect(await at('artifacts: { directory: here }', env)).toMatch(/^\/.*\/config-[^/]+\/here$/);
    expect(await at('store: { directory: /data }', env)).toBe('/data/artifacts');
    expect(await at('', env)).toBe('/state/llama-orch/artifacts');
    expect(await at('', { ...env, XDG_STATE_HOME: 'relative' })).toBe('/home/me/.local/state/llama-orch/artifacts');
    expect(await at('', { HOME: '/home/me' })).toBe('/home/me/.local/state/llama-orch/artifacts');
  },
);
