// SPDX-License-Identifier: MIT

/** Possible futures that are played through; each chance is then known to a few hundredths. */
export const FUTURES = 64;

/** Each of {@link FUTURES} once, in an order of its own for each column, so that no two columns go up and down together. */
export function orderOf(column: number): Uint8Array {
  let order = ORDERS[column];
  if (order === undefined) {
    order = shuffled(column + 1);
    ORDERS[column] = order;
  }
  return order;
}

const ORDERS: Uint8Array[] = [];

function shuffled(seed: number): Uint8Array {
  const order = new Uint8Array(FUTURES);
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  for (let i = 0; i < FUTURES; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    order[i] = order[other] ?? 0;
    order[other] = i;
  }
  return order;
}
