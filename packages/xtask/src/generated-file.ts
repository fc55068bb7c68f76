// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format } from 'prettier';

/** A committed file that a generator owns. */
export interface GeneratedFile {
  /** Path relative to the repository root. */
  readonly path: string;
  readonly content: string;
}

/** Makes all files of one kind from the sources below `root`. Reads only; same input, same bytes. */
export type FileGenerator = (root: string) => Promise<readonly GeneratedFile[]>;

/** Where a generated file comes from and how to make it again. */
export interface Origin {
  /** Source path relative to the repository root. */
  readonly source: string;
  /** The xtask command. */
  readonly command: string;
}

/** The sentence every generated file starts with. */
export function originLine({ source, command }: Origin): string {
  return `Generated from ${source} by: npm run xtask ${command}`;
}

/** A formatted TypeScript file with its licence and origin on top. */
export async function typescriptFile(path: string, origin: Origin, code: string): Promise<GeneratedFile> {
  const text = `// SPDX-License-Identifier: MIT\n// ${originLine(origin)}\n${code}`;
  return { path, content: await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }) };
}

/** A formatted Markdown page with its origin on top. */
export async function markdownFile(path: string, origin: Origin, text: string): Promise<GeneratedFile> {
  const content = await format(`<!-- ${originLine(origin)} -->\n\n${text}`, { parser: 'markdown', printWidth: 120 });
  return { path, content };
}

/** A JSON file; JSON has no comments, so its first key names the origin. */
export function jsonFile(path: string, origin: Origin, value: Readonly<Record<string, unknown>>): GeneratedFile {
  return { path, content: `${JSON.stringify({ $comment: originLine(origin), ...value }, null, 2)}\n` };
}

/** Writes files that differ from what is on disk; returns the paths written. */
export async function writeFiles(root: string, files: readonly GeneratedFile[]): Promise<string[]> {
  const stale = await staleFiles(root, files);
  for (const { path, content } of files.filter((file) => stale.includes(file.path))) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return stale;
}

/** Paths whose content on disk is missing or differs from what the generator makes now. */
export async function staleFiles(root: string, files: readonly GeneratedFile[]): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, content } of files) {
    if ((await readIfPresent(join(root, path))) !== content) stale.push(path);
  }
  return stale;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
