// SPDX-License-Identifier: MIT
import type { ToolDefinition, WorkerInput } from '@llama-orch/worker-adapter-api';
import {
  JinjaTemplateChatWrapper,
  resolveChatWrapper,
  type ChatModelFunctions,
  type ChatWrapper,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { chatHistory } from './chat-history.ts';
import { invalidParams } from './engine-error.ts';

/** The model's own chat template; llama.cpp's general format for a model without one. */
export function chatWrapperOf(model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === undefined) return resolveChatWrapper(model);
  return new JinjaTemplateChatWrapper({
    template,
    // What was said before goes in as it is.
    trimLeadingWhitespaceInResponses: false,
    joinAdjacentMessagesOfTheSameType: false,
  });
}

/**
 * The prompt as tokens, with the beginning-of-text token where the model wants one.
 *
 * @throws EngineError INVALID_PARAMS for answers to no call, and chats the template refuses.
 */
export function promptTokens(model: LlamaModel, chatWrapper: ChatWrapper, input: WorkerInput): Token[] {
  if (input.workload === 'completion') return withBeginning(model, [...model.tokenize(input.prompt)]);
  if (input.workload !== 'chat') throw new TypeError(`A ${input.workload} request has no prompt.`);
  // A template that refuses the chat throws on its own; only then is the request at fault.
  try {
    const { contextText } = chatWrapper.generateContextState({
      chatHistory: chatHistory(input.messages),
      ...(input.tools.length > 0 && { availableFunctions: functionsOf(input.tools), documentFunctionParams: true }),
    });
    return withBeginning(model, contextText.tokenize(model.tokenizer));
  } catch (error) {
    if (error instanceof Error && error.name === 'EngineError') throw error;
    throw invalidParams('$.messages', "The model's chat template refuses these messages.");
  }
}

function functionsOf(tools: readonly ToolDefinition[]): ChatModelFunctions {
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      // node-llama-cpp's types describe schemas known at compile time; the template shows any.
      { ...(description !== undefined && { description }), params: parameters as ChatModelFunctions[string]['params'] },
    ]),
  );
}

function withBeginning(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  if (bos === null || !shouldPrependBosToken || tokens[0] === bos) return tokens;
  return [bos, ...tokens];
}
