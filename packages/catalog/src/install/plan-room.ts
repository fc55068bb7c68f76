// SPDX-License-Identifier: MIT

/** Something on the disk that may go. */
export interface Removable {
  readonly id: string;
  readonly sizeBytes: number;
  /** When it was last of use; what was never used goes first. */
  readonly lastUsedAt: number | undefined;
}

/** How full the models folder is. */
export interface RoomSituation {
  readonly neededBytes: number;
  /** What may be stored in all. */
  readonly budgetBytes: number;
  /** What is stored, and what running pulls will store. */
  readonly usedBytes: number;
  /** What the disk has left. */
  readonly freeBytes: number;
  readonly removable: readonly Removable[];
}

/** What to remove, or how much would still be missing. */
export type RoomPlan =
  | { readonly remove: readonly string[]; readonly shortBytes?: undefined }
  | { readonly shortBytes: number; readonly remove?: undefined };

/** Removes as little as needed, the least recently used first, and nothing where it would not suffice; ORCH-1614. */
export function planRoom({ neededBytes, budgetBytes, usedBytes, freeBytes, removable }: RoomSituation): RoomPlan {
  let shortBytes = Math.max(usedBytes + neededBytes - budgetBytes, neededBytes - freeBytes);
  const remove: string[] = [];
  const order = [...removable].sort((a, b) => (a.lastUsedAt ?? 0) - (b.lastUsedAt ?? 0) || a.id.localeCompare(b.id));
  for (const { id, sizeBytes } of order) {
    if (shortBytes <= 0) break;
    remove.push(id);
    shortBytes -= sizeBytes;
  }
  return shortBytes > 0 ? { shortBytes } : { remove };
}
