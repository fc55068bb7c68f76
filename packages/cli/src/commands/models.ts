// SPDX-License-Identifier: MIT
import { setTimeout as pause } from 'node:timers/promises';
import { OrchApiError, type Model, type OrchClient } from '@llama-orch/client';
import type { Command } from 'commander';
import type { CommandContext, Perform } from '../run-cli.ts';
import type { ExitReason } from '../exit-codes.ts';
import { formatBytes, formatCount } from '../terminal/format-bytes.ts';
import { createLiveLine } from '../terminal/live-line.ts';
import { formatTable } from '../terminal/table.ts';

const HEADING = ['MODEL', 'STATUS', 'SIZE', 'QUANT', 'PARAMETERS', 'CONTEXT', 'USED BY', 'REFERENCE'] as const;
/** Faults that the next try may not meet. */
const RETRIABLE: ReadonlySet<string> = new Set(['FETCH_FAILED', 'STORE_UNAVAILABLE', 'INTERNAL']);
const MODEL_ID = /^[0-9a-f]{16}$/;
/** How often a pull is looked at; ORCH-1613 asks for once per second. */
const LOOK_EVERY_MS = 500;

interface PullOptions {
  readonly digest?: string;
  readonly pin?: boolean;
}

/** `models`: the models of the catalog: pull, ls, info, verify, rm. ORCH-1634 */
export function addModels(program: Command, perform: Perform): void {
  const models = program.command('models').description('fetch, list, check and remove models of the catalog');
  models
    .command('pull')
    .description('fetch a model and show its progress; called again it goes on where it was')
    .argument('<reference>', 'hf:org/repo[/file.gguf], https://…, file:… or a path below the models folder')
    .option('--digest <sha256:hex>', 'what the file must be')
    .option('--pin', 'keep it when room is needed')
    .action((reference: string, options: PullOptions, command: Command) =>
      perform(command, (context) => pull(context, reference, options)),
    );
  models
    .command('ls')
    .description('list models')
    .action((_options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const list = await client.models();
        printer.answer({ models: list }, formatTable(HEADING, list.map(toRow)));
        return 'ok';
      }),
    );
  addOne(models, perform, {
    name: 'info',
    description: 'show what a model is and what a load of it takes',
    async work({ client, printer }, model) {
      const known = await client.model(model);
      printer.answer(known, describe(known));
      return 'ok';
    },
  });
  addOne(models, perform, {
    name: 'verify',
    description: 'read the file of a model again and compare it',
    async work({ client, printer }, model) {
      const { verdict, model: known } = await client.verifyModel(model);
      printer.answer({ verdict, model: known }, [`${verdict} ${known.model_ref}`]);
      return verdict === 'match' ? 'ok' : 'failed';
    },
  });
  addOne(models, perform, {
    name: 'rm',
    description: 'forget a model and remove what was downloaded of it',
    async work({ client, printer }, model) {
      await client.removeModel(model);
      printer.answer({ model_id: model, removed: true }, [`removed ${model}`]);
      return 'ok';
    },
  });
}

interface OneModelCommand {
  readonly name: string;
  readonly description: string;
  readonly work: (context: CommandContext, modelId: string) => Promise<ExitReason>;
}

/** A command about one model, named by its id or its reference. */
function addOne(models: Command, perform: Perform, { name, description, work }: OneModelCommand): void {
  models
    .command(name)
    .description(description)
    .argument('<model>', 'id or reference of a model')
    .action((model: string, _options: object, command: Command) =>
      perform(command, async (context) => work(context, await idOf(context.client, model))),
    );
}

/** References are looked up in the list; an unknown one is asked for as it is, and refused by the service. */
async function idOf(client: OrchClient, model: string): Promise<string> {
  if (MODEL_ID.test(model)) return model;
  const known = (await client.models()).find(({ model_ref: ref }) => ref === model || ref === `file:${model}`);
  if (known !== undefined) return known.model_id;
  throw new OrchApiError('NOT_FOUND', { message: `The catalog knows no model ${model}.`, retriable: false });
}

/** Begins a pull, or joins one, and shows it; an interrupt leaves the pull to the service. */
async function pull(
  { client, host, printer }: CommandContext,
  model_ref: string,
  { digest, pin }: PullOptions,
): Promise<ExitReason> {
  const interrupted = new AbortController();
  const unlisten = host.onInterrupt(() => interrupted.abort());
  const line = createLiveLine(host.stderr);
  try {
    let model = await client.addModel({
      model_ref,
      ...(digest === undefined ? {} : { digest }),
      ...(pin === undefined ? {} : { pinned: pin }),
    });
    while (model.status === 'pulling') {
      line.show(describeProgress(model));
      await pause(LOOK_EVERY_MS, undefined, { signal: interrupted.signal });
      model = await client.model(model.model_id);
    }
    line.clear();
    if (model.status !== 'installed') throw faultOf(model);
    printer.answer(model, describe(model));
    return 'ok';
  } catch (error) {
    line.clear();
    if (!interrupted.signal.aborted) throw error;
    printer.note('The service goes on with the pull; `llama-orch models rm` ends it.');
    return 'interrupted';
  } finally {
    unlisten();
  }
}

function faultOf({ fault }: Model): OrchApiError {
  const { code = 'INTERNAL', message = 'The model was not installed.' } = fault ?? {};
  return new OrchApiError(code, { message, retriable: RETRIABLE.has(code) });
}

function describeProgress({ model_ref: ref, progress }: Model): string {
  if (progress?.total_bytes === undefined) return `${ref}: looking`;
  const { done_bytes: done, total_bytes: total, bytes_per_second: rate } = progress;
  if (done === total) return `${ref}: checking ${formatBytes(total)}`;
  const percent = Math.floor((100 * done) / Math.max(1, total));
  const pace = rate === undefined ? '' : `, ${formatBytes(rate)}/s`;
  return `${ref}: ${percent} % of ${formatBytes(total)}${pace}`;
}

function toRow(model: Model): readonly (string | number | undefined)[] {
  const { size_bytes: size, progress, parameter_count: parameters } = model;
  return [
    model.model_id,
    model.state === 'Retired' ? 'retired' : model.status,
    size === undefined ? progress?.total_bytes && formatBytes(progress.total_bytes) : formatBytes(size),
    model.quantization,
    parameters === undefined ? undefined : formatCount(parameters),
    model.context_tokens,
    model.used_by?.join(' '),
    model.model_ref,
  ];
}

function describe(model: Model): readonly string[] {
  const { device_memory: memory, size_bytes: size, parameter_count: parameters } = model;
  const needs =
    memory &&
    `${formatBytes(memory.total_bytes)} with ${memory.context_tokens} tokens of context (weights ` +
      `${formatBytes(memory.weights_bytes)}, context ${formatBytes(memory.context_bytes)})`;
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['model', model.model_id],
    ['reference', model.model_ref],
    ['status', `${model.status}, ${model.state}${model.pinned ? ', pinned' : ''}`],
    ['fault', model.fault && `${model.fault.code}: ${model.fault.message}`],
    ['name', model.name],
    ['digest', model.digest],
    ['size', size === undefined ? undefined : formatBytes(size)],
    ['architecture', model.architecture],
    ['quantization', model.quantization],
    ['parameters', parameters === undefined ? undefined : formatCount(parameters)],
    ['context', model.context_tokens],
    ['needs about', needs],
    ['used by', model.used_by?.join(' ')],
    ['last used', model.last_used_at],
    ['verified', model.verified_at],
    ...model.warnings.map((warning) => ['warning', warning] as const),
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(12)}  ${value}`]));
}
