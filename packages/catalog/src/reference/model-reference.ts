// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';

/** Where a model is, as people write it; ORCH-1600. */
export type ModelReference =
  /** A file below the models folder, or one of a path that the operator allowed. */
  | { readonly form: 'file'; readonly path: string }
  /** A file of a hub's repository; without `file` the repository is asked which one it is. */
  | { readonly form: 'hub'; readonly owner: string; readonly repository: string; readonly file?: string }
  /** A file of any server that the outbound policy allows. */
  | { readonly form: 'https'; readonly url: string };

const MAX_REFERENCE_LENGTH = 2_048;
/** A name in a repository: ASCII only, so that no two names look or compare alike, and none climbs. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;

/**
 * Reads a reference.
 *
 * @throws OrchError INVALID_PARAMS that names the field.
 */
export function parseReference(text: string, field = '$.model_ref'): ModelReference {
  const refuse = (expected: string): never => {
    throw new OrchError('INVALID_PARAMS', {
      message: `The model reference is not valid: expected ${expected}.`,
      details: { field, expected },
    });
  };
  if (text.length === 0 || text.length > MAX_REFERENCE_LENGTH) return refuse('1 to 2,048 characters');
  if (hasControlCharacter(text)) return refuse('no control characters');
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  switch (scheme) {
    case undefined:
      return { form: 'file', path: relativePath(text, refuse) };
    case 'file':
      return { form: 'file', path: filePath(rest, refuse) };
    case 'hf':
      return hubReference(rest, refuse);
    case 'https':
      return { form: 'https', url: plainUrl(text, refuse) };
    case 's3':
    case 'oci':
      return refuse(`a form that is built; ${scheme}: is not built yet`);
    default:
      return refuse('file:, a path below the models folder, hf:org/repo[/file.gguf] or https://');
  }
}

/** The one way of writing a reference: equal references give equal text. */
export function formatReference(reference: ModelReference): string {
  switch (reference.form) {
    case 'file':
      return `file:${reference.path}`;
    case 'hub': {
      const { owner, repository, file } = reference;
      return `hf:${[owner, repository, ...(file === undefined ? [] : [file])].join('/')}`;
    }
    case 'https':
      return reference.url;
  }
}

type Refuse = (expected: string) => never;

function relativePath(path: string, refuse: Refuse): string {
  if (path.startsWith('/') || path.startsWith('\\')) return refuse('a path below the models folder');
  return checkedPath(path, refuse);
}

/** `file:a/b` is below the models folder, `file:/a/b` and `file:///a/b` are absolute. */
function filePath(rest: string, refuse: Refuse): string {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path.startsWith('//')) return refuse('a file: reference without a host');
  if (path === '' || path === '/') return refuse('a path after file:');
  return path.startsWith('/') ? `/${checkedPath(path.slice(1), refuse)}` : checkedPath(path, refuse);
}

/** ORCH-1601: what could climb, or be another file on another system, is not a path here. */
function checkedPath(path: string, refuse: Refuse): string {
  if (path !== path.normalize('NFC')) return refuse('a path in Unicode normal form C');
  if (path.includes('\\') || path.includes(':')) return refuse('a path without \\ and :');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return refuse('a path without empty, . and .. segments');
    if (/[. ]$/.test(segment)) return refuse('no segment that ends in a dot or a space');
  }
  return path;
}

function hubReference(rest: string, refuse: Refuse): ModelReference {
  const [owner = '', repository = '', ...file] = rest.split('/');
  const expected = 'hf:org/repo or hf:org/repo/file.gguf';
  if (![owner, repository, ...file].every((segment) => SEGMENT.test(segment) && !segment.includes('..'))) {
    return refuse(expected);
  }
  if (file.length === 0) return { form: 'hub', owner, repository };
  const path = file.join('/');
  return path.toLowerCase().endsWith('.gguf') ? { form: 'hub', owner, repository, file: path } : refuse(expected);
}

function plainUrl(text: string, refuse: Refuse): string {
  if (!URL.canParse(text)) return refuse('a whole https:// address');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return refuse('an address without user and password');
  // A query can carry a key, and references are shown.
  if (url.search !== '' || url.hash !== '') return refuse('an address without query and fragment');
  return url.href;
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}
