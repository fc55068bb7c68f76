// SPDX-License-Identifier: MIT

/** Frames of a stack that are worth a log field. */
const MAX_FRAMES = 3;
/** Causes followed; a chain may be a ring. */
const MAX_CAUSES = 4;

/**
 * What a fault is and where in the code it arose, for the log. Leaves its message out: it may quote a prompt, a key or
 * an engine's text (ORCH-6102).
 */
export function placeOf(fault: unknown): string {
  const parts: string[] = [];
  for (let next = fault; next !== undefined && parts.length < MAX_CAUSES; next = causeOf(next)) {
    parts.push(next instanceof Error ? placeOfError(next) : typeof next);
  }
  return parts.join(' caused by ');
}

/** The same of a stack in text form: the error's name and its first frames, without the message. */
export function placeOfStack(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at \S/.test(line));
  const name = /^\w{1,64}(?=:|$)/.exec(stack)?.[0] ?? 'Error';
  return [name, ...frames.slice(0, MAX_FRAMES).map((line) => line.trim())].join(' ');
}

function placeOfError(error: Error): string {
  const { code } = error as { code?: unknown };
  return `${typeof code === 'string' ? `${code} ` : ''}${placeOfStack(error.stack ?? error.name)}`;
}

function causeOf(fault: unknown): unknown {
  return fault instanceof Error ? fault.cause : undefined;
}
