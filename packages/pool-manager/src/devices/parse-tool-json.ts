// SPDX-License-Identifier: MIT
import { toolFault } from './run-tool.ts';

/** An object in a tool's answer. */
export type ToolObject = Readonly<Record<string, unknown>>;

/** A tool's answer as an object; throws OrchError INTERNAL when it is none. */
export function parseToolJson(command: string, text: string): ToolObject {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null) return answer as ToolObject;
  } catch (error) {
    throw toolFault(`${command} answered with something that is not JSON.`, error);
  }
  throw toolFault(`${command} answered with JSON that is not understood.`);
}
