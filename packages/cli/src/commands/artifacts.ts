// SPDX-License-Identifier: MIT
import type { ArtifactInfo } from '@llama-orch/client';
import { Option, type Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { formatTable } from '../terminal/table.ts';
import { parseCount } from './parse-options.ts';

const KINDS = ['plan', 'summary', 'diff', 'trace', 'transcript'] as const;
const HEADING = ['ARTIFACT', 'KIND', 'BYTES', 'CREATED', 'TASK', 'TAGS'] as const;

interface Filters {
  readonly limit: number;
  readonly kind?: ArtifactInfo['kind'];
  readonly tag?: string;
  readonly task?: string;
}

/** `artifacts`: the newest artifacts, or one in full. */
export function addArtifacts(program: Command, perform: Perform): void {
  program
    .command('artifacts')
    .description('list the newest artifacts, or show one')
    .argument('[id]', 'artifact to show')
    .option('--limit <count>', 'artifacts to list', parseCount, 20)
    .addOption(new Option('--kind <name>', 'only artifacts of this kind').choices(KINDS))
    .option('--tag <name>', 'only artifacts with this tag')
    .option('--task <id>', 'only the artifact of this task')
    .action((id: string | undefined, { task: task_id, ...filters }: Filters, command: Command) =>
      perform(command, async ({ client, printer }) => {
        if (id === undefined) {
          const page = await client.artifacts({ ...filters, ...(task_id === undefined ? {} : { task_id }) });
          printer.answer(page, formatTable(HEADING, page.artifacts.map(toRow)));
        } else {
          const artifact = await client.artifact(id);
          printer.answer(artifact, [...describe(artifact), '', contentText(artifact.content)]);
        }
        return 'ok';
      }),
    );
}

function toRow(artifact: ArtifactInfo): readonly (string | number | undefined)[] {
  const { artifact_id, kind, size_bytes, created_at, task_id, tags } = artifact;
  return [artifact_id, kind, size_bytes, created_at, task_id, tags.length === 0 ? undefined : tags.join(' ')];
}

function describe({
  artifact_id,
  kind,
  tags,
  parent,
  task_id,
  created_at,
  size_bytes,
}: ArtifactInfo): readonly string[] {
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['artifact', artifact_id],
    ['kind', kind],
    ['tags', tags.length === 0 ? undefined : tags.join(' ')],
    ['parent', parent],
    ['task', task_id],
    ['created', created_at],
    ['bytes', size_bytes],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(8)}  ${value}`]));
}

/** A text as it is, anything else as JSON that people can read. */
function contentText(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
}
