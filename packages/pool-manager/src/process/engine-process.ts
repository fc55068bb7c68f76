// SPDX-License-Identifier: MIT
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@llama-orch/orchestrator-core';
import { EngineFaultError, engineFault } from '../engine-fault.ts';
import type { EngineExit } from '../engine-launcher.ts';
import { classifyExit } from './classify-exit.ts';
import { endSession } from './end-session.ts';
import type { EngineLog } from './engine-log.ts';
import { pause } from '../time/pause.ts';
import { startGuardian, type Guardian } from './guardian.ts';
import { LogTail } from './log-tail.ts';
import { readMemoryKills } from './memory-kills.ts';

/** Enough for the traceback of a Python engine with its cause at the top. */
const TAIL_LINES = 400;
/** Silence after which an engine that has ended has nothing more to say: a child of its own may hold the pipe for ever. */
const LAST_WORDS_MS = 250;
/** How long its last words are read at most: such a child may also write for ever. */
const LONGEST_LAST_WORDS_MS = 1_000;

/** What a process is started with. */
export interface EngineProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly log: EngineLog;
  readonly clock: Clock;
  readonly graceMs: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** One engine in a session of its own, with its output drained whatever it writes. */
export class EngineProcess {
  readonly pid: number;
  /** Resolves when the leader of the session has ended. */
  readonly exited: Promise<EngineExit>;
  readonly #options: EngineProcessOptions;
  readonly #guardian: Guardian | undefined;
  readonly #tail = new LogTail(TAIL_LINES);
  readonly #drained: Promise<unknown>;
  /** Pieces of output that have been read, and those of them that the disk has not taken yet. */
  #readCount = 0;
  #unwrittenCount = 0;
  #wasStopped = false;
  #stopped: Promise<void> | undefined;

  private constructor(options: EngineProcessOptions, child: Child, guardian: Guardian | undefined) {
    this.#options = options;
    this.#guardian = guardian;
    this.pid = child.pid ?? 0;
    this.#drained = Promise.all([this.#drain(child.stdout), this.#drain(child.stderr)]);
    this.exited = this.#awaitExit(child, readMemoryKills());
  }

  /** Starts it without a shell. @throws EngineFaultError `not_startable` when the system cannot. */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    const guardian = startGuardian();
    try {
      const child = spawnEngine(options);
      if (child.pid === undefined) throw ((await once(child, 'error')) as [Error])[0];
      guardian?.watch(child.pid);
      return new EngineProcess(options, child, guardian);
    } catch (error) {
      await guardian?.dismiss();
      throw notStartable(options.command, error as NodeJS.ErrnoException);
    }
  }

  /** Oldest first. */
  get logTail(): readonly string[] {
    return this.#tail.lines;
  }

  /** Ends the whole session in steps, also where its leader has ended by itself; idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { clock, graceMs, log } = this.#options;
    this.#wasStopped = true;
    await endSession(this.pid, { clock, graceMs });
    await this.exited;
    await this.#guardian?.dismiss();
    await this.#drained;
    await log.close();
  }

  async #awaitExit(child: Child, before: Promise<number | undefined>): Promise<EngineExit> {
    const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const wasStopped = this.#wasStopped;
    await this.#lastWords(child);
    const [first, last] = [await before, await readMemoryKills()];
    return classifyExit({
      ...(exitCode === null ? {} : { exitCode }),
      ...(signal === null ? {} : { signal }),
      ...(first === undefined || last === undefined ? {} : { memoryKills: last - first }),
      logTail: this.logTail,
      wasStopped,
    });
  }

  async #lastWords(child: Child): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + LONGEST_LAST_WORDS_MS;
    const drained = new AbortController();
    void this.#drained.then(() => drained.abort());
    const isSpeaking = (seenCount: number): boolean => seenCount !== this.#readCount || this.#unwrittenCount > 0;
    for (let seenCount = -1; isSpeaking(seenCount) && clock.nowMs() < endMs;) {
      seenCount = this.#readCount;
      await pause(clock, LAST_WORDS_MS, drained.signal).catch(() => 'the output has ended');
      // ORCH-1403: where this process stood still, the words lie in the pipe; they are read before it is closed.
      await nextTurn();
    }
    // What is left of the session writes into a closed pipe from now on.
    child.stdout.destroy();
    child.stderr.destroy();
  }

  /** Reads on as fast as the disk takes it: the pipe holds back an engine that floods, and memory stays flat. */
  async #drain(stream: Readable): Promise<void> {
    const lines = this.#tail.openStream();
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#readCount += 1;
        this.#unwrittenCount += 1;
        lines.push(chunk);
        await this.#options.log.write(chunk);
        this.#unwrittenCount -= 1;
      }
    } catch {
      // The stream was cut off; what came before is kept.
    }
    lines.end();
  }
}

function spawnEngine({ command, args, environment }: EngineProcessOptions): Child {
  // ORCH-1402
  return spawn(command, [...args], { detached: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
}

function notStartable(command: string, cause: NodeJS.ErrnoException): EngineFaultError {
  const code = cause.code ?? cause.message;
  return new EngineFaultError(engineFault('not_startable', `The command ${command} could not be started (${code}).`), {
    cause,
  });
}
