// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '../ports.ts';

/** How rounds are made. */
export interface SharedRoundsOptions<Member> {
  readonly clock: Clock;
  /** Between two rounds, in milliseconds. */
  readonly intervalMs: number;
  /** Looks at one member; `nowMs` is that of the round. It may let members go. */
  readonly look: (member: Member, nowMs: number) => void;
}

/** Looks at its members again and again: one timer for all of them, and none while there are none. */
export class SharedRounds<Member> {
  readonly #options: SharedRoundsOptions<Member>;
  readonly #members = new Set<Member>();
  #timer: Timer | undefined;

  constructor(options: SharedRoundsOptions<Member>) {
    this.#options = options;
  }

  /** Looks at `member` in every round until it is let go. */
  add(member: Member): void {
    this.#members.add(member);
    this.#arm();
  }

  /** Lets `member` go; idempotent. */
  delete(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const { clock, intervalMs } = this.#options;
    this.#timer ??= clock.setTimer(intervalMs, () => this.#round());
  }

  #round(): void {
    this.#timer = undefined;
    const { clock, look } = this.#options;
    const nowMs = clock.nowMs();
    for (const member of this.#members) look(member, nowMs);
    if (this.#members.size > 0) this.#arm();
  }
}
