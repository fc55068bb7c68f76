// SPDX-License-Identifier: MIT
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { folderSize } from './folder-size.ts';
import { planRoom, type Removable } from './plan-room.ts';

/** What {@link RoomKeeper} is made from. */
export interface RoomKeeperOptions {
  /** The models folder. */
  readonly folder: string;
  /** Where downloads that are not whole are, each in a folder named after its model. */
  readonly incomingFolder: string;
  readonly budgetBytes: number;
  /** Models that may be removed now. */
  readonly removableModels: () => readonly Removable[];
  /** Removes one of them. */
  readonly removeModel: (id: string) => Promise<void>;
  /** Models that are not being pulled and have left a part of a download. */
  readonly leftParts: () => Promise<readonly Removable[]>;
}

/** Keeps the models folder within its budget; ORCH-1614. */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  readonly #reservedBytes = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  /**
   * Makes room for a model that is pulled. One pull at a time looks and removes, so that no two count on the same room.
   *
   * @throws OrchError DISK_BUDGET_EXCEEDED with the sizes.
   */
  async reserve(id: string, totalBytes: number): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      this.#reservedBytes.delete(id);
      await this.#makeRoom(id, totalBytes);
      this.#reservedBytes.set(id, totalBytes);
    } finally {
      resolve();
    }
  }

  /** The pull has ended. */
  release(id: string): void {
    this.#reservedBytes.delete(id);
  }

  async #makeRoom(id: string, neededBytes: number): Promise<void> {
    const { folder, incomingFolder, budgetBytes, removableModels, removeModel, leftParts } = this.#options;
    const pulled = new Set([id, ...this.#reservedBytes.keys()].map((running) => join(incomingFolder, running)));
    const storedBytes = await folderSize(folder, (path) => pulled.has(path));
    const usedBytes = Array.from(this.#reservedBytes.values()).reduce((sum, bytes) => sum + bytes, storedBytes);
    const { bavail, bsize } = await statfs(folder);
    const ownPartBytes = await folderSize(join(incomingFolder, id), () => false).catch(() => 0);
    const parts = (await leftParts()).filter((part) => part.id !== id);
    const partIds = new Set(parts.map((part) => `part:${part.id}`));
    const removable = [...parts.map((part) => ({ ...part, id: `part:${part.id}` })), ...removableModels()];
    const freeBytes = bavail * bsize + ownPartBytes;
    const plan = planRoom({ neededBytes, budgetBytes, usedBytes, freeBytes, removable });
    if (plan.remove === undefined) {
      throw new OrchError('DISK_BUDGET_EXCEEDED', {
        message: `The model takes ${neededBytes} bytes; ${plan.shortBytes} are missing in the models folder.`,
        details: {
          needed_bytes: neededBytes,
          short_bytes: plan.shortBytes,
          used_bytes: usedBytes,
          budget_bytes: budgetBytes,
        },
      });
    }
    for (const removed of plan.remove) {
      if (partIds.has(removed))
        await rm(join(incomingFolder, removed.slice('part:'.length)), { recursive: true, force: true });
      else await removeModel(removed);
    }
  }
}
