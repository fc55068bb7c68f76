// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { call, type HttpAnswer, type HttpCall } from './wire/http-call.ts';
import { SseReader, type SseOptions } from './wire/sse-reader.ts';

const FOLDER = new URL('../../../packages/orchestratord/', import.meta.url);
const SOURCE = fileURLToPath(new URL('src/main.ts', FOLDER));
const BIN = fileURLToPath(new URL('bin/orchestratord.js', FOLDER));

/** How long a process may take until it listens. */
const START_LIMIT_MS = 90_000;

/** One JSON line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly human?: string };

/** How to start the service. */
export interface ServiceOptions {
  /** Sections of the configuration file; `listen.port` is 0 and logs are JSON unless said otherwise. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Environment besides PATH, HOME, the cache of compiled sources and a place for state that goes with the service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the sources, or what `tsc -b` made of them. Default `source`. */
  readonly entry?: 'source' | 'built';
  /** Flags for Node itself, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

/** How the process ended. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One real orchestratord process, reached as any client reaches it: HTTP, signals, standard output. */
export class ServiceUnderTest {
  /** Lines of standard output, as written. */
  readonly outputLines: string[] = [];
  readonly errorLines: string[] = [];
  /** Resolves when the process is gone and all it wrote was read. */
  readonly exited: Promise<ServiceExit>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #baseUrl = '';
  #over = false;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    const killOrphan = (): boolean => child.kill('SIGKILL');
    process.once('exit', killOrphan);
    this.exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#over = true;
        process.off('exit', killOrphan);
        this.#announce();
        void rm(folder, { recursive: true, force: true }).then(() => resolve({ code, signal }));
      });
    });
    for (const [stream, lines] of [
      [child.stdout, this.outputLines],
      [child.stderr, this.errorLines],
    ] as const) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        this.#announce();
      });
    }
  }

  /** Starts the process and resolves when it listens; rejects with what it wrote when it does not. */
  static async start(options: ServiceOptions = {}): Promise<ServiceUnderTest> {
    const service = await ServiceUnderTest.launch(options);
    // A start that hangs fails with what the process wrote until then.
    const limit = setTimeout(() => service.signal('SIGKILL'), START_LIMIT_MS);
    const listening = service.log('it listens', (line) => typeof line['address'] === 'string');
    const { address } = await listening.finally(() => clearTimeout(limit));
    service.#baseUrl = String(address).replace(/\/$/, '');
    return service;
  }

  /** Starts the process and resolves at once; for starts that are meant to fail. */
  static async launch({
    config = {},
    env = {},
    entry = 'source',
    nodeFlags = [],
  }: ServiceOptions = {}): Promise<ServiceUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'llama-orch-'));
    const file = join(folder, 'config.yaml');
    const { listen, log, ...sections } = config;
    await writeFile(
      file,
      JSON.stringify({
        listen: { port: 0, ...(listen as object) },
        log: { format: 'json', ...(log as object) },
        ...sections,
      }),
    );
    const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
    // The bin names the flags it wants by itself, so it is run as a program, on this Node.
    const isBuilt = entry === 'built';
    const flags = isBuilt ? { NODE_OPTIONS: nodeFlags.join(' ') } : {};
    const child = spawn(
      isBuilt ? BIN : process.execPath,
      [...(isBuilt ? [] : [...nodeFlags, '--conditions=@llama-orch/source', SOURCE]), '--config', file],
      {
        cwd: folder,
        env: {
          PATH: `${dirname(process.execPath)}:${PATH}`,
          HOME,
          NODE_COMPILE_CACHE,
          XDG_STATE_HOME: folder,
          ...flags,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return new ServiceUnderTest(child, folder);
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** True once the process is gone. */
  get over(): boolean {
    return this.#over;
  }

  /** The log lines so far. */
  get logLines(): readonly LogLine[] {
    return this.outputLines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
  }

  /** Resolves with the first log line that fits; rejects when the process ends before. */
  log(what: string, fits: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.logLines.find(fits);
        if (found === undefined && !this.#over) return;
        this.#listeners.delete(look);
        if (found !== undefined) resolve(found);
        else
          reject(
            new Error(`the service ended before ${what}:\n${[...this.outputLines, ...this.errorLines].join('\n')}`),
          );
      };
      this.#listeners.add(look);
      look();
    });
  }

  call(request: HttpCall): Promise<HttpAnswer> {
    return call(this.#baseUrl, request);
  }

  open(path: string, options?: SseOptions): Promise<SseReader> {
    return SseReader.open(`${this.#baseUrl}${path}`, options);
  }

  /** Resolves when every pool is ready, told by the events stream. */
  async ready(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const events = await this.open('/v1/events', { headers });
    try {
      for (;;) {
        const seenCount = events.frames.length;
        if ((await this.call({ path: '/readyz' })).status === 200) return;
        await events.until('a replica changed', ({ frames }) => frames.length > seenCount);
      }
    } finally {
      events.close();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Stops it gracefully and resolves with how it ended; safe to call when it is gone. */
  async stop(): Promise<ServiceExit> {
    if (!this.#over) this.signal('SIGTERM');
    return this.exited;
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
