// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Clock } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { downloadFile, type DownloadTuning } from '../download/download-file.ts';
import { PartFile } from '../download/part-file.ts';
import { checkModelFile, type CheckLimits } from '../gguf/check-model-file.ts';
import type { ModelFacts } from '../gguf/model-facts.ts';
import { findHubFile, type HubFile, type HubSettings } from '../hub/hub.ts';
import { failed, refused } from '../outbound/outbound-fault.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { locateFile, type FileRoots } from '../reference/locate-file.ts';
import type { ModelReference } from '../reference/model-reference.ts';
import { checkTrust, type TrustRules } from '../trust/check-trust.ts';
import { digestFile, identifyFile, isSameFile, type FileIdentity } from './digest-file.ts';
import type { RoomKeeper } from './room-keeper.ts';

/** What installing takes. */
export interface InstallParts {
  readonly roots: FileRoots;
  readonly incomingFolder: string;
  readonly downloadsFolder: string;
  readonly outbound: Outbound;
  readonly hub: HubSettings;
  readonly room: RoomKeeper;
  readonly clock: Clock;
  readonly tuning: DownloadTuning;
  readonly trust: TrustRules;
  readonly checks: CheckLimits;
}

/** A model to install. */
export interface InstallOrder {
  readonly id: string;
  readonly reference: ModelReference;
  readonly expectedDigest: string | undefined;
  readonly signature: string | undefined;
  readonly sbom: unknown;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Called when everything is checked, before the file gets its final name. */
  readonly onChecked: (model: CheckedModel) => void;
}

/** A file that may be loaded. */
export interface CheckedModel {
  /** Absolute; for a download the name that it gets. */
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly facts: ModelFacts;
  readonly warnings: readonly string[];
}

/** A file that may be loaded and is at its place. */
export interface InstalledFile extends CheckedModel {
  readonly file: FileIdentity;
}

/** Brings a model to where it can be loaded. @throws OrchError that says why not. */
export function installModel(order: InstallOrder, parts: InstallParts): Promise<InstalledFile> {
  const { reference } = order;
  return reference.form === 'file' ? takeFile(reference.path, order, parts) : download(reference, order, parts);
}

async function takeFile(path: string, order: InstallOrder, parts: InstallParts): Promise<InstalledFile> {
  const found = await locateFile(path, parts.roots);
  const { digest, file } = await digestFile(found, order.signal);
  const checked = await check(found, { digest, sizeBytes: file.sizeBytes, order, parts });
  if (!isSameFile(file, await identifyFile(found))) {
    throw new OrchError('UNTRUSTED_ARTIFACT', { message: 'The file was changed while it was checked.' });
  }
  order.onChecked(checked);
  return { ...checked, file };
}

async function download(
  reference: Exclude<ModelReference, { readonly form: 'file' }>,
  order: InstallOrder,
  parts: InstallParts,
): Promise<InstalledFile> {
  const { outbound, room, clock, tuning } = parts;
  const { maxPullMs } = outbound.policy;
  const tooLong = new AbortController();
  const timer = clock.setTimer(maxPullMs, () => tooLong.abort(failed('too_long', 'The pull took too long.')));
  const signal = AbortSignal.any([order.signal, tooLong.signal]);
  const part = await PartFile.open(join(parts.incomingFolder, order.id), tuning.recordBytes);
  try {
    const source: HubFile =
      reference.form === 'https'
        ? { request: { url: reference.url } }
        : await findHubFile(reference, { settings: parts.hub, outbound, clock }, signal);
    const stored = await downloadFile(
      {
        request: source.request,
        part,
        outbound,
        clock,
        tuning,
        reserve: (totalBytes) => reserve(order.id, totalBytes, parts),
        onProgress: order.onProgress,
      },
      signal,
    );
    const expectedDigest = order.expectedDigest ?? source.digest;
    return await publish(part, { ...stored, order: { ...order, expectedDigest, signal }, parts });
  } catch (error) {
    // ORCH-1612: what is not what it should be is of no use to a later try
    const isWrong = OrchError.is(error) && error.code === 'UNTRUSTED_ARTIFACT';
    if (isWrong || part.entity === undefined) await part.remove();
    throw error;
  } finally {
    timer.cancel();
    room.release(order.id);
    await part.close();
  }
}

async function reserve(id: string, totalBytes: number, { outbound, room }: InstallParts): Promise<void> {
  const { maxBytes } = outbound.policy;
  if (totalBytes > maxBytes) {
    throw refused('size', `The file takes ${totalBytes} bytes, more than the limit.`, { limit: maxBytes });
  }
  await room.reserve(id, totalBytes);
}

interface Stored {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly order: InstallOrder;
  readonly parts: InstallParts;
}

async function publish(part: PartFile, stored: Stored): Promise<InstalledFile> {
  const hex = stored.digest.slice('sha256:'.length);
  const path = join(stored.parts.downloadsFolder, `${hex}.gguf`);
  const checked = { ...(await check(part.dataPath, stored)), path };
  stored.order.onChecked(checked);
  await part.publish(path);
  const file = await identifyFile(path);
  if (file === undefined) throw new OrchError('STORE_UNAVAILABLE', { message: 'The file is gone from its place.' });
  return { ...checked, file };
}

async function check(path: string, { digest, sizeBytes, order, parts }: Stored): Promise<CheckedModel> {
  const { expectedDigest, signature, sbom, signal } = order;
  const warnings = checkTrust({ digest, expectedDigest, signature, sbom }, parts.trust);
  const { facts, fault } = await checkModelFile(path, { ...parts.checks, clock: parts.clock, signal });
  if (fault !== undefined) throw new OrchError('UNTRUSTED_ARTIFACT', { message: fault, details: { reason: 'header' } });
  return { path, digest, sizeBytes, facts, warnings };
}
