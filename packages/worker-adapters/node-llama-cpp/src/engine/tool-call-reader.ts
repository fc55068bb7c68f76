// SPDX-License-Identifier: MIT
import type { ToolCallText, ToolChoice, ToolDefinition } from '@llama-orch/worker-adapter-api';
import { StopScanner } from './stop-scanner.ts';

/** How a chat template writes a call: what stands before the tool's name, and between it and its arguments. */
export interface CallSyntax {
  readonly opening: string;
  readonly argumentsOpening: string;
}

/** What the model may write next: one of these texts, the arguments of a tool, or, when undefined, anything. */
export type Constraint =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'arguments'; readonly tool: ToolDefinition; readonly index: number };

/** What may be called, and whether something must. */
export interface ToolOffer {
  readonly tools: readonly ToolDefinition[];
  readonly choice: ToolChoice;
}

const FIRST_WORD = /^\s*\S+/;

/**
 * Tells the call of a tool from text, piece by piece. From the first word of a call on, the model is held to the template's
 * form of it, to the names there are, and to the tool's schema; what it writes then never leaves as text.
 */
export class ToolCallReader {
  readonly #syntax: CallSyntax;
  readonly #tools: readonly ToolDefinition[];
  readonly #scanner: StopScanner;
  readonly #firstWord: string;
  #text = '';
  /** Beginnings of calls that are still possible, by tool. */
  #beginnings: ReadonlyMap<string, ToolDefinition> | undefined;
  #written = '';
  #tool: ToolDefinition | undefined;

  constructor(syntax: CallSyntax, { tools, choice }: ToolOffer) {
    this.#syntax = { ...syntax, opening: syntax.opening.trimStart() };
    this.#tools = tools;
    this.#firstWord = FIRST_WORD.exec(this.#syntax.opening)?.[0] ?? '';
    this.#scanner = new StopScanner([this.#firstWord]);
    if (choice === 'required') this.#begin('');
  }

  /** What the model is held to now; changes only in `push`. */
  get constraint(): Constraint | undefined {
    const tool = this.#tool;
    if (tool !== undefined) return { kind: 'arguments', tool, index: this.#tools.indexOf(tool) };
    return this.#beginnings && { kind: 'texts', texts: [...this.#beginnings.keys()] };
  }

  /** True while the model writes a call. */
  get isCalling(): boolean {
    return this.#tool !== undefined || this.#beginnings !== undefined;
  }

  /** Takes a piece of what the model writes; returns the text that is no part of a call. */
  push(piece: string): string {
    if (!this.isCalling) return this.#pushText(piece);
    this.#written += piece;
    const tool = this.#tool === undefined ? this.#beginnings?.get(this.#written) : undefined;
    if (tool !== undefined) {
      this.#tool = tool;
      this.#written = '';
    }
    return '';
  }

  /** The text still held back, once no more pieces come. */
  flush(): string {
    return this.#scanner.flush();
  }

  /** The call, once the model has ended. */
  call(): ToolCallText | undefined {
    return this.#tool && { name: this.#tool.name, arguments: this.#written.trim() };
  }

  #pushText(piece: string): string {
    this.#text += piece;
    const certain = this.#scanner.push(piece);
    if (!this.#scanner.stopped) return certain;
    const rest = this.#text.slice(this.#text.indexOf(this.#firstWord));
    return this.#begin(rest) ? certain : certain + this.#unlike(rest);
  }

  /** The call begins with `written`; false when no call does. */
  #begin(written: string): boolean {
    const { opening, argumentsOpening } = this.#syntax;
    const beginnings = this.#tools
      .map((tool) => [`${opening}${tool.name}${argumentsOpening}`, tool] as const)
      .filter(([beginning]) => beginning.startsWith(written) && beginning.length > written.length)
      .map(([beginning, tool]) => [beginning.slice(written.length), tool] as const);
    if (beginnings.length === 0) return false;
    this.#beginnings = new Map(beginnings);
    return true;
  }

  /** It only looked like a call: text, like all that follows. */
  #unlike(rest: string): string {
    this.#scanner.disarm();
    return rest;
  }
}
