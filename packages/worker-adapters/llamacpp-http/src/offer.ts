// SPDX-License-Identifier: MIT
import { isObject, type HttpTransport } from '@llama-orch/adapter-kit';
import type { Workload } from '@llama-orch/worker-adapter-api';
import { faultOfAnswer } from './map-fault.ts';
import type { ServerProps } from './map-props.ts';
import { postJson } from './post-json.ts';

/** What a server does, by its flags and its model. */
export interface Offer {
  readonly workloads: readonly Workload[];
  readonly tools: boolean;
}

/** A tool that no template knows of by itself. */
const PROBE_TOOL = 'llorch_probe_tool';
const ANSWER_LIMIT_MS = 5_000;
const NOT_FOUND = 404;
const NOT_SUPPORTED = 501;
/** Answers that say nothing of the request: wrong key, or a server that is loading again. */
const UNTOLD: readonly number[] = [401, 403, 503];

/**
 * Asks a server what it was started for. Its properties do not tell, but what it does not do it answers with 501, before it
 * looks at the request, so requests without content are asked.
 *
 * @throws OrchError when it does not answer.
 */
export async function readOffer(transport: HttpTransport, server: ServerProps, signal: AbortSignal): Promise<Offer> {
  const offers = (path: string): Promise<boolean> => isOffered(transport, path, signal);
  // ORCH-1514: what reads out one score per text has no use for what else the server would answer.
  if (await offers('/v1/rerank')) return { workloads: ['rerank'], tools: false };
  const workloads: Workload[] = [];
  if (await offers('/completion')) workloads.push('completion');
  if (workloads.length > 0 && server.hasChatTemplate) workloads.push('chat');
  if (await offers('/v1/embeddings')) workloads.push('embedding');
  const tools = workloads.includes('chat') && (server.supportsTools ?? (await rendersTools(transport, signal)));
  return { workloads, tools };
}

async function isOffered(transport: HttpTransport, path: string, signal: AbortSignal): Promise<boolean> {
  const answer = await transport.call({ method: 'POST', path, body: '{}', headersTimeoutMs: ANSWER_LIMIT_MS }, signal);
  if (UNTOLD.includes(answer.status)) throw faultOfAnswer(answer);
  return answer.status !== NOT_SUPPORTED && answer.status !== NOT_FOUND;
}

/** Builds of before 2026 do not say what their template can; whether it shows tools to the model can be seen. */
async function rendersTools(transport: HttpTransport, signal: AbortSignal): Promise<boolean> {
  const tool = { type: 'function', function: { name: PROBE_TOOL, parameters: { type: 'object', properties: {} } } };
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'x' }], tools: [tool] });
  const { status, value } = await postJson(transport, { path: '/apply-template', body }, signal);
  // A server without `--jinja` refuses tools.
  return status === 200 && isObject(value) && String(value['prompt']).includes(PROBE_TOOL);
}
