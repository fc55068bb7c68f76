// SPDX-License-Identifier: MIT
import type { ToolCallText } from '@llama-orch/worker-adapter-api';
import { isObject } from './json.ts';

/** The calls of tools in a streamed answer, which come in parts that are joined by their index. */
export class ToolCallParts {
  readonly #calls: { name: string; readonly parts: string[] }[] = [];
  readonly #placeOfIndex = new Map<number, number>();

  /** Reads the `tool_calls` of one chunk. */
  add(toolCalls: readonly unknown[]): void {
    toolCalls.filter(isObject).forEach(({ index, function: part }, position) => {
      const call = this.#callAt(typeof index === 'number' ? index : position);
      const { name, arguments: text } = isObject(part) ? part : {};
      if (typeof name === 'string' && name !== '') call.name = name;
      if (typeof text === 'string') call.parts.push(text);
    });
  }

  /** All calls, in the order in which they began. */
  all(): readonly ToolCallText[] {
    return this.#calls.map(({ name, parts }) => ({ name, arguments: parts.join('') }));
  }

  #callAt(index: number): { name: string; readonly parts: string[] } {
    const place = this.#placeOfIndex.get(index);
    const known = place === undefined ? undefined : this.#calls[place];
    if (known !== undefined) return known;
    const call = { name: '', parts: [] };
    this.#placeOfIndex.set(index, this.#calls.length);
    this.#calls.push(call);
    return call;
  }
}
