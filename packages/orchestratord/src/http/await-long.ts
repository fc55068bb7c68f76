// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';

/** Waits for work that may take as long as a model takes to load; meanwhile the silence of its connection is no fault. */
export async function awaitLong<T>({ socket }: IncomingMessage, work: Promise<T>): Promise<T> {
  const { timeout } = socket;
  socket.setTimeout(0);
  try {
    return await work;
  } finally {
    socket.setTimeout(timeout ?? 0);
  }
}
