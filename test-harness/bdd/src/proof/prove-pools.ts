// SPDX-License-Identifier: MIT
import { at } from '../json-path.ts';
import { locationOf, type ProofRecord } from './proof-record.ts';
import { framesOf, isWhole } from './stream-frames.ts';

/** A pool that is drained, given a model that is not there, and unloaded, and that serves after each. */
export async function provePools(record: ProofRecord, pool: string): Promise<void> {
  const path = `/v1/pools/${pool}`;
  const drain = await record.post(`${path}/drain`, { deadline_ms: 1_000 });
  const refused = await record.submit({ prompt: 'haiku about dusk:\n' });
  const resume = await record.ask(`POST ${path}/resume`).whole();
  const reload = await record.post(`${path}/reload`, { new_model_ref: 'no-such-model.gguf' });
  const kept = await record.submit({ prompt: 'haiku about dusk:\n', seed: 5 });
  const keptStream = await record.ask(`GET ${locationOf(kept)}/stream`).whole();
  const unload = await record.ask(`POST ${path}/unload`).whole();
  const unloaded = await record.ask(`GET ${path}/health`).whole();
  const waking = await record.submit({ prompt: 'haiku about dusk:\n', seed: 5 });
  const wakingStream = await record.ask(`GET ${locationOf(waking)}/stream`).whole();
  record.keep(
    '09-pools.http',
    drain,
    refused,
    resume,
    reload,
    kept,
    keptStream,
    unload,
    unloaded,
    waking,
    wakingStream,
  );
  const isClosed =
    drain.status === 200 && refused.status === 503 && at(JSON.parse(refused.body), 'code') === 'POOL_UNREADY';
  record.find('ORCH-1450', 'a drained pool refused a task', isClosed && resume.status === 200);
  const isTold = reload.status >= 400 && at(JSON.parse(reload.body), 'retriable') === false;
  record.find(
    'ORCH-1452',
    'a reload that failed left the old model serving',
    isTold && isWhole(framesOf(keptStream.body)),
  );
  const isGone = unload.status === 200 && at(JSON.parse(unloaded.body), 'replicas.0.state') === 'unloaded';
  record.find(
    'ORCH-1454',
    'an unloaded pool took a task and loaded its model again',
    isGone && isWhole(framesOf(wakingStream.body)),
  );
  const texts = [keptStream, wakingStream].map(({ body }) => textOf(body));
  record.find(
    'ORCH-1040',
    'the same seed gave the same text before and after',
    texts[0] === texts[1] && texts[0] !== '',
  );
}

function textOf(stream: string): string {
  return framesOf(stream)
    .map(({ event, data }) => (event === 'token' ? data['t'] : ''))
    .join('');
}
