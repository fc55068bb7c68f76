// SPDX-License-Identifier: MIT
import { runRelayLoad } from '../load/relay-load.ts';
import { faultCount } from '../load/reply-judge.ts';
import { measureBareSync } from '../measure/bare-sync.ts';
import { median } from '../measure/median.ts';
import { usageOf } from '../measure/process-usage.ts';
import type { RelayRig } from './relay-arm.ts';

/** What a relay pays for tasks on disk, apart by what each token costs and what each task does; CPU time in microseconds. */
export interface DurabilityRow {
  readonly streams: number;
  readonly memoryTokenUs: number;
  readonly sqliteTokenUs: number;
  readonly memoryTaskUs: number;
  readonly sqliteTaskUs: number;
  /** One bare write that is on disk when it returns, as often as short replies end. */
  readonly bareSyncUs: number;
  readonly faults: number;
}

/** What to measure. */
export interface DurabilityPlan {
  /** Of either store. */
  readonly streams: number;
  readonly delayUs: number;
  readonly rounds: number;
  /** Replies of all streams of a store together before anything is counted. */
  readonly warmReplies: number;
  /** Tokens of a short and of a long reply: two lengths tell the price of a token from that of a task. */
  readonly lengths: readonly [short: number, long: number];
}

/** The two services that are compared, which differ in their store alone. */
export type StoreRigs = Readonly<Record<'memory' | 'sqlite', RelayRig>>;

/** A token costs with tasks on disk at most so many times what it costs with tasks in memory. */
export const DURABILITY_BAR = 1.05;

/** Whether it does. */
export function keepsDurabilityBar(rows: readonly DurabilityRow[]): boolean {
  return rows.every(
    ({ memoryTokenUs, sqliteTokenUs, faults }) => sqliteTokenUs <= DURABILITY_BAR * memoryTokenUs && faults === 0,
  );
}

/** ORCH-8304: measures both stores at the same time, so that what disturbs one disturbs the other. */
export async function measureDurability(rigs: StoreRigs, plan: DurabilityPlan): Promise<DurabilityRow> {
  const { streams, delayUs, rounds, lengths } = plan;
  const costs = { memory: new Costs(rigs.memory, plan), sqlite: new Costs(rigs.sqlite, plan) };
  for (const cost of [costs.memory, costs.sqlite]) await cost.warm();
  for (let round = 0; round < rounds; round++) {
    for (const tokens of lengths) await Promise.all([costs.memory.measure(tokens), costs.sqlite.measure(tokens)]);
  }
  const memory = costs.memory.apart;
  const sqlite = costs.sqlite.apart;
  const pauseMs = (lengths[0] * delayUs) / 1_000 / streams;
  return {
    streams,
    memoryTokenUs: memory.tokenUs,
    sqliteTokenUs: sqlite.tokenUs,
    memoryTaskUs: memory.taskUs,
    sqliteTaskUs: sqlite.taskUs,
    bareSyncUs: await measureBareSync({ writes: 100, pauseMs }),
    faults: costs.memory.faults + costs.sqlite.faults,
  };
}

/** What replies of two lengths cost one service. */
class Costs {
  readonly #rig: RelayRig;
  readonly #plan: DurabilityPlan;
  /** CPU time of a reply, by its tokens. */
  readonly #replyUs = new Map<number, number[]>();
  faults = 0;

  constructor(rig: RelayRig, plan: DurabilityPlan) {
    this.#rig = rig;
    this.#plan = plan;
  }

  /** Code is compiled before its time is counted. */
  async warm(): Promise<void> {
    const shape = { tokens: 8, delayUs: 0 };
    const load = {
      way: 'orch',
      url: this.#rig.service.baseUrl,
      streams: this.#plan.streams,
      shape,
      seconds: 30,
    } as const;
    await runRelayLoad({ ...load, replies: this.#plan.warmReplies });
  }

  /** Every stream carries as many tokens, whatever their replies' length. */
  async measure(tokens: number): Promise<void> {
    const { service } = this.#rig;
    const { streams, delayUs, lengths } = this.#plan;
    const replies = streams * Math.ceil(lengths[1] / tokens);
    const seconds = 10 + (2 * lengths[1] * delayUs) / 1e6;
    const before = usageOf(service.pid);
    const shape = { tokens, delayUs };
    const load = await runRelayLoad({ way: 'orch', url: service.baseUrl, streams, shape, seconds, replies });
    const cpuUs = usageOf(service.pid).cpuUs - before.cpuUs;
    this.faults += faultCount(load.faults);
    const costs = this.#replyUs.get(tokens) ?? [];
    this.#replyUs.set(tokens, [...costs, cpuUs / load.replies]);
  }

  get apart(): { readonly tokenUs: number; readonly taskUs: number } {
    const [short, long] = this.#plan.lengths;
    const shortUs = median(this.#replyUs.get(short) ?? []);
    const tokenUs = (median(this.#replyUs.get(long) ?? []) - shortUs) / (long - short);
    return { tokenUs, taskUs: shortUs - short * tokenUs };
  }
}
