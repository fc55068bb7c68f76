// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { repositoryFiles } from '../repository-files.ts';
import type { Gate } from './gate.ts';

const INLINE_LINK = /\[(?<text>(?:[^[\]]|\[[^\]]*\])*)\]\(\s*<?(?<target>[^)\s>]+)>?(?:\s+["'][^)]*)?\)/g;
const REFERENCE = /^ {0,3}\[(?<text>[^\]]+)\]:\s*<?(?<target>[^\s>]+)>?/gm;
const SKIPPED = /(^|\/)(__fixtures__|node_modules)\/|(^|\/)CHANGELOG\.md$/;

/** A link of a Markdown page. */
export interface Link {
  readonly page: string;
  /** The text as written, with its back-ticks. */
  readonly text: string;
  readonly target: string;
}

/** Checks, without network, that every relative link and anchor in the repository's pages leads somewhere. */
export const checkLinks: Gate = async (root) => {
  const paths = await repositoryFiles(root);
  const pages = await readPages(root, paths);
  return judgeLinks(pages, new Set(paths.flatMap(withFolders)));
};

/** Reads all Markdown pages, by path. */
export async function readPages(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const names = paths.filter((path) => path.endsWith('.md') && !SKIPPED.test(path));
  return new Map(
    await Promise.all(names.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  );
}

/** The relative links of a page; code is not searched. */
export function linksOf(page: string, markdown: string): Link[] {
  const blank = (code: string): string => code.replaceAll(/[^\n]/g, ' ');
  const prose = markdown.replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, blank);
  // Link text may be code, so only code that is not inside brackets is blanked.
  const searchable = prose.replaceAll(/(?<!\[[^\]\n]*)`[^`\n]+`/g, blank);
  return [...searchable.matchAll(INLINE_LINK), ...searchable.matchAll(REFERENCE)]
    .map(({ groups }) => ({ page, text: groups?.['text'] ?? '', target: groups?.['target'] ?? '' }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** Where a link leads: a path relative to the root, and the anchor there if it names one. */
export function resolveLink({ page, target }: Link): { readonly path: string; readonly anchor: string | undefined } {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : posix.normalize(posix.join(posix.dirname(page), decodeURIComponent(file)));
  return { path: path.replace(/\/$/, ''), anchor };
}

/** One line per link that leads nowhere; `known` holds every file and folder of the repository. */
export function judgeLinks(pages: ReadonlyMap<string, string>, known: ReadonlySet<string>): string[] {
  const anchors = new Map([...pages].map(([path, markdown]) => [path, anchorsOf(markdown)]));
  return [...pages].flatMap(([page, markdown]) =>
    linksOf(page, markdown).flatMap((link) => {
      const { path, anchor } = resolveLink(link);
      if (path !== '.' && !known.has(path)) return [`${page}: ${link.target} does not exist`];
      const headings = anchors.get(path);
      if (anchor === undefined || headings === undefined || headings.has(anchor)) return [];
      return [`${page}: ${link.target} names no heading of ${path}`];
    }),
  );
}

/** The anchors of a page as code forges make them: headings in lower case, hyphens for spaces, numbered when repeated. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>([...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id));
  const prose = markdown.replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, '');
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function slugOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function withFolders(path: string): string[] {
  const folders = path.split('/').slice(0, -1);
  return [path, ...folders.map((_, i) => folders.slice(0, i + 1).join('/'))];
}
