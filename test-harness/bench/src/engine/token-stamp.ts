// SPDX-License-Identifier: MIT

/** Microseconds of the monotonic clock that all processes of this machine share. */
export function nowUs(): number {
  return ANCHOR_US + performance.now() * 1000;
}

const ANCHOR_US = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
const STAMP = /@(\d+):(\d+);/g;
const DIRECTIVE = /\[\[stamped tokens=(\d+) delay_us=(\d+)\]\]/;

/** How a client asks the stamped engine for a reply, from within its prompt. */
export interface ReplyShape {
  readonly tokens: number;
  /** Microseconds between tokens; 0 is as fast as it goes. */
  readonly delayUs: number;
}

/** A token that says which one it is and when it left the engine, so that it can be judged behind any relay. */
export function stampToken(index: number): string {
  return `@${index}:${Math.trunc(nowUs())};`;
}

/** One stamp found in a text. */
export interface Stamp {
  readonly index: number;
  readonly sentUs: number;
}

/** Every stamp in a text, in order. */
export function stampsIn(text: string): readonly Stamp[] {
  return Array.from(text.matchAll(STAMP), ([, index, sentUs]) => ({ index: Number(index), sentUs: Number(sentUs) }));
}

/** The prompt that asks for a reply of this shape. */
export function promptFor({ tokens, delayUs }: ReplyShape): string {
  return `[[stamped tokens=${tokens} delay_us=${delayUs}]]`;
}

/** The shape a prompt asks for; one token when it asks for none. */
export function shapeOf(prompt: string): ReplyShape {
  const [, tokens = '1', delayUs = '0'] = DIRECTIVE.exec(prompt) ?? [];
  return { tokens: Number(tokens), delayUs: Number(delayUs) };
}
