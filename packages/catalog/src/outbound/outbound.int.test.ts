// SPDX-License-Identifier: MIT
import type { LookupAddress } from 'node:dns';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { startModelServer, TEST_CERTIFICATE } from '../__fixtures__/model-server.ts';
import { machineClock } from '../__fixtures__/test-catalog.ts';
import { createOutboundPolicy, type OutboundRules } from './outbound-policy.ts';
import { Outbound, type Lookup, type OutboundRequest } from './outbound.ts';
import { readBody } from './read-body.ts';

const NEVER = new AbortController().signal;
const LOOPBACK = { allowedNetworks: ['127.0.0.0/8'] };

/** Names as a hostile name server gives them. */
function names(table: Readonly<Record<string, readonly string[]>>): Lookup {
  return (host, _options, done) =>
    done(
      null,
      (table[host] ?? []).map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
}

async function ask(rules: OutboundRules, request: OutboundRequest, lookup?: Lookup): Promise<string> {
  const policy = createOutboundPolicy(rules);
  const outbound = new Outbound({ policy, clock: machineClock, ...(lookup === undefined ? {} : { lookup }) });
  try {
    const response = await outbound.open(request, NEVER);
    const pieces: Buffer[] = [];
    for await (const piece of readBody(response, { policy, clock: machineClock, signal: NEVER })) pieces.push(piece);
    return `${response.status} ${Buffer.concat(pieces).toString()}`;
  } finally {
    outbound.close();
  }
}

function refusedFor(reason: string): unknown {
  return expect.objectContaining({ code: 'FETCH_REFUSED', details: expect.objectContaining({ reason }) as unknown });
}

verifies('ORCH-1620', 'a host that is not on the list is not asked', async () => {
  await using server = await startModelServer();
  const hosts = ['127.0.0.1', '*.models.example'];
  for (const url of [
    'http://other.example/',
    'http://models.example/',
    'http://xmodels.example/',
    'ftp://127.0.0.1/',
  ]) {
    await expect(ask({ ...LOOPBACK, allowedHosts: hosts }, { url }), url).rejects.toHaveProperty(
      'code',
      'FETCH_REFUSED',
    );
  }
  server.files.set('/m', Buffer.from('whole'));
  expect(await ask({ ...LOOPBACK, allowedHosts: hosts }, { url: `${server.origin}/m` })).toBe('200 whole');
});

verifies('ORCH-1620', 'a private address is refused before a connection, however it is written', async () => {
  await using server = await startModelServer();
  const { port } = server;
  const hosts = ['127.0.0.1', '::1', '::ffff:7f00:1', 'models.example', 'two.example', '169.254.169.254'];
  const lookup = names({ 'models.example': ['127.0.0.1'], 'two.example': ['93.184.216.34', '10.0.0.1'] });
  const urls = ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254'];
  for (const host of [...urls, 'models.example', 'two.example']) {
    await expect(ask({ allowedHosts: hosts }, { url: `http://${host}:${port}/` }, lookup), host).rejects.toEqual(
      refusedFor('address'),
    );
  }
  expect(server.requests).toEqual([]);
});

verifies('ORCH-1620', 'each redirect passes the policy again', async () => {
  await using server = await startModelServer();
  await using inner = await startModelServer();
  inner.files.set('/secret', Buffer.from('secret'));
  const targets: Readonly<Record<string, string>> = {
    '/private': `http://10.0.0.1:${inner.port}/secret`,
    '/metadata': 'http://169.254.169.254/latest/',
    '/rebound': `http://rebound.example:${inner.port}/secret`,
    '/elsewhere': `http://elsewhere.example:${inner.port}/secret`,
    '/file': 'file:///etc/passwd',
  };
  server.script = (_request, response, { path }) => {
    response.writeHead(302, { Location: targets[path] ?? '/loop' }).end();
    return true;
  };
  const lookup = names({ 'rebound.example': ['10.0.0.1'] });
  const allowedHosts = ['127.0.0.1', '10.0.0.1', '169.254.169.254', 'rebound.example'];
  const askFor = (path: string): Promise<string> =>
    ask({ ...LOOPBACK, allowedHosts }, { url: `${server.origin}${path}` }, lookup);
  await expect(askFor('/private')).rejects.toEqual(refusedFor('address'));
  await expect(askFor('/metadata')).rejects.toEqual(refusedFor('address'));
  await expect(askFor('/rebound')).rejects.toEqual(refusedFor('address'));
  await expect(askFor('/elsewhere')).rejects.toEqual(refusedFor('host'));
  await expect(askFor('/file')).rejects.toEqual(refusedFor('scheme'));
  await expect(askFor('/loop')).rejects.toMatchObject({ code: 'FETCH_FAILED', details: { reason: 'redirects' } });
  expect(inner.requests).toEqual([]);
});

verifies(
  'ORCH-1620',
  'plain http stays within networks that were named, and a redirect does not leave https',
  async () => {
    await using tls = await startModelServer({ isTls: true });
    tls.script = (_request, response) => {
      response.writeHead(307, { Location: `http://127.0.0.1:${tls.port}/` }).end();
      return true;
    };
    const rules = { ...LOOPBACK, allowedHosts: ['127.0.0.1'], certificates: TEST_CERTIFICATE };
    await expect(ask(rules, { url: `${tls.origin}/m` })).rejects.toEqual(refusedFor('scheme'));
  },
);

verifies(
  'ORCH-1621',
  'a credential goes to its own origin only, and is dropped for good on the way elsewhere',
  async () => {
    await using hub = await startModelServer();
    await using store = await startModelServer();
    hub.script = (_request, response, { path }) => {
      if (path !== '/m') return false;
      response.writeHead(302, { Location: `${store.origin}/m` }).end();
      return true;
    };
    store.script = (_request, response) => {
      response.writeHead(302, { Location: `${hub.origin}/back` }).end();
      return true;
    };
    hub.files.set('/back', Buffer.from('whole'));
    const credential = { origin: hub.origin, bearer: 'hf_secret' };
    const request = { url: `${hub.origin}/m`, credential };
    expect(await ask({ ...LOOPBACK, allowedHosts: ['127.0.0.1'] }, request)).toBe('200 whole');
    const seen = [...hub.requests, ...store.requests].map(({ path, authorization }) => [path, authorization]);
    expect(seen).toEqual([
      ['/m', 'Bearer hf_secret'],
      ['/back', undefined],
      ['/m', undefined],
    ]);
  },
);

verifies('ORCH-1615', 'offline, not even a name is looked up', async () => {
  let lookups = 0;
  const lookup: Lookup = (_host, _options, done) => {
    lookups += 1;
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const rules = { ...LOOPBACK, isOffline: true, allowedHosts: ['models.example'] };
  await expect(ask(rules, { url: 'http://models.example/' }, lookup)).rejects.toEqual(refusedFor('offline'));
  expect(lookups).toBe(0);
});
