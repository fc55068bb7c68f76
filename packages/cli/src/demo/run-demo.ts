// SPDX-License-Identifier: MIT
import { createClient, type OrchClient, type Receipt } from '@llama-orch/client';
import type { CliHost } from '../cli-host.ts';
import { findFreePort, lookAtPort } from '../service/look-at-port.ts';
import { startService, type ServiceEnd, type StartedService } from '../service/start-service.ts';
import { formatDuration } from '../terminal/format-duration.ts';
import { curlCommand } from './curl-command.ts';
import { formatPlace } from '../terminal/format-place.ts';

/** How the demo runs. */
export interface DemoOptions {
  readonly host: CliHost;
  /** Preferred port. */
  readonly port: number;
  /** Ends after the sample instead of serving on. */
  readonly isOnce: boolean;
}

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 120_000;
/** At this temperature the tiny model never forgets the word; at its default it does once in a dozen times. */
const SAMPLE = { prompt: 'Write a haiku about the word lantern.', max_tokens: 64, temperature: 0.3 };

/**
 * Starts the service, shows one task from submit to receipt, and serves on.
 *
 * @returns The exit code.
 */
export async function runDemo({ host, port, isOnce }: DemoOptions): Promise<number> {
  const say = (line: string): void => host.stdout.write(`${line}\n`);
  const holder = await lookAtPort(HOST, port);
  if (holder === 'llama-orch') {
    // ORCH-2651: a second service would only split the queue.
    say(`A llama-orch already answers at http://${HOST}:${port}; using it.`);
    await showTask(host, `http://${HOST}:${port}`);
    return 0;
  }
  const freePort = holder === 'free' ? port : await nextFreePort(port);
  if (freePort !== port) say(`Port ${port} is held by another program; taking ${freePort}.`);
  const interrupted = new AbortController();
  const stop = new AbortController();
  const stopListening = host.onInterrupt((signal) => {
    interrupted.abort();
    // A terminal sends Ctrl-C to the service as well; passing it on would count as a second one.
    if (signal !== 'SIGINT' || !host.isInputTerminal) stop.abort();
  });
  try {
    await using service = await start(host, freePort, stop.signal);
    await showTask(host, service.url);
    if (isOnce) stop.abort();
    else say('\nServing until Ctrl-C.');
    const end = await service.ended;
    if (!isOnce && !interrupted.signal.aborted) host.stderr.write(`The service ended unasked: ${formatEnd(end)}.\n`);
    return end.exitCode;
  } catch (error) {
    // Whoever stops it while it starts did not want it to succeed.
    if (interrupted.signal.aborted) return 0;
    throw error;
  } finally {
    stopListening();
  }
}

async function start(host: CliHost, port: number, signal: AbortSignal): Promise<StartedService> {
  const say = (line: string): void => host.stdout.write(`${line}\n`);
  say('Starting orchestratord with the embedded engine…');
  const startedAtMs = performance.now();
  const service = await startService({
    port,
    env: host.env,
    readyTimeoutMs: READY_TIMEOUT_MS,
    signal,
    onLog({ level, human }) {
      if (level !== 'info') host.stderr.write(`${human}\n`);
      else if (human.startsWith('The self-test passed')) say(`  ${human}`);
    },
  });
  say(`Ready and self-tested after ${formatDuration(performance.now() - startedAtMs)}.`);
  return service;
}

function formatEnd({ exitCode, signal }: ServiceEnd): string {
  return signal === null ? `exit code ${exitCode}` : `killed by ${signal}`;
}

async function nextFreePort(after: number): Promise<number> {
  for (let port = after + 1; port <= after + 20; port += 1) {
    if ((await lookAtPort(HOST, port)) === 'free') return port;
  }
  return findFreePort(HOST);
}

async function showTask(host: CliHost, url: string): Promise<void> {
  const say = (line: string): void => host.stdout.write(`${line}\n`);
  const token = host.env.LLORCH_API_TOKEN;
  say(`\nAPI      ${url}   (${url}/openapi.json, ${url}/metrics)`);
  say(`Try      ${curlCommand(url, Boolean(token))}`);
  say(`\nSample   ${SAMPLE.prompt}`);
  await showSample(host, createClient({ baseUrl: url, ...(token ? { token } : {}) }));
}

async function showSample(host: CliHost, client: OrchClient): Promise<void> {
  const say = (line: string): void => host.stdout.write(`${line}\n`);
  for await (const frame of client.run(SAMPLE)) {
    if (frame.event === 'started') say(`Place    ${formatPlace(frame.data)}\n`);
    else if (frame.event === 'token') host.stdout.write(frame.data.t);
    else if (frame.event === 'error') throw new Error(`The sample failed: ${frame.data.code} ${frame.data.message}`);
    else if (frame.event === 'end') {
      say(`\n\nTokens   ${frame.data.tokens_out} in ${formatDuration(frame.data.decode_time_ms)}`);
      if (frame.data.receipt !== undefined) for (const line of describeReceipt(frame.data.receipt)) say(line);
    }
  }
}

function describeReceipt(receipt: Receipt): readonly string[] {
  return [
    `Receipt  seed ${receipt.seed}, ${receipt.determinism}, sampler ${receipt.sampler_profile_version}`,
    `         ${receipt.engine} ${receipt.engine_version}, ${receipt.model_id} ${receipt.model_digest ?? ''}`.trimEnd(),
    `         output sha256 ${receipt.output_sha256}`,
  ];
}
