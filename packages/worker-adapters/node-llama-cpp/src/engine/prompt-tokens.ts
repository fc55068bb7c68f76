// SPDX-License-Identifier: MIT
import type { ChatMessage, WorkerInput } from '@llama-orch/worker-adapter-api';
import {
  JinjaTemplateChatWrapper,
  resolveChatWrapper,
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
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
 * @throws EngineError INVALID_PARAMS for tools, tool messages, and chats the template refuses.
 */
export function promptTokens(model: LlamaModel, chatWrapper: ChatWrapper, input: WorkerInput): Token[] {
  if (input.workload === 'completion') return withBeginning(model, [...model.tokenize(input.prompt)]);
  if (input.workload !== 'chat') throw new TypeError(`A ${input.workload} request has no prompt.`);
  if (input.tools.length > 0) throw invalidParams('$.tools', 'This engine does not call tools.');
  // A template that refuses the chat throws on its own; only then is the request at fault.
  try {
    const { contextText } = chatWrapper.generateContextState({ chatHistory: chatHistory(input.messages) });
    return withBeginning(model, contextText.tokenize(model.tokenizer));
  } catch (error) {
    if (error instanceof Error && error.name === 'EngineError') throw error;
    throw invalidParams('$.messages', "The model's chat template refuses these messages.");
  }
}

function chatHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history = messages.map(({ role, content }, index): ChatHistoryItem => {
    switch (role) {
      case 'system':
        return { type: 'system', text: content };
      case 'user':
        return { type: 'user', text: content };
      case 'assistant':
        return { type: 'model', response: [content] };
      case 'tool':
        throw invalidParams(`$.messages[${index}].role`, 'This engine does not call tools.');
    }
  });
  return [...history, { type: 'model', response: [] }];
}

function withBeginning(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  if (bos === null || !shouldPrependBosToken || tokens[0] === bos) return tokens;
  return [bos, ...tokens];
}
