// SPDX-License-Identifier: MIT
import { OrchError, type WorkerInput, type WorkerProps, type WorkerRequest } from '@llama-orch/worker-adapter-api';

/**
 * Refuses what the props deny and texts no engine can read, before the engine is asked (ORCH-4017).
 *
 * @throws OrchError INVALID_PARAMS with `details.field`.
 */
export function refuseDenied({ input, determinism, responseFormat }: WorkerRequest, props: WorkerProps): void {
  const { features, workloads } = props;
  if (!workloads.includes(input.workload)) throw refusal('$.workload', 'This engine does not serve the workload.');
  if (determinism === 'strict' && features.determinism !== 'strict') {
    throw refusal('$.determinism', 'This engine cannot repeat a result byte for byte.');
  }
  if (input.workload === 'chat' && input.tools.length > 0 && !features.tools) {
    throw refusal('$.tools', 'This engine is used without tools.');
  }
  const type = responseFormat?.type;
  if ((type === 'json_schema' && !features.jsonSchema) || (type === 'grammar' && !features.grammar)) {
    throw refusal('$.response_format', `This engine cannot keep a ${type}.`);
  }
  const broken = brokenField(input);
  // Engines answer half a surrogate pair as if they had failed themselves, or write another character.
  if (broken !== undefined) throw refusal(broken, 'The text is not well-formed Unicode.');
}

/** A refusal of one field, by its JSON path in wire names. */
export function refusal(field: string, message: string): OrchError {
  return new OrchError('INVALID_PARAMS', { message, details: { field } });
}

/** JSON path of the first text that no engine can read; undefined when there is none. */
function brokenField(input: WorkerInput): string | undefined {
  switch (input.workload) {
    case 'completion':
      return isBroken(input.prompt) ? '$.prompt' : undefined;
    case 'chat':
      return brokenItem(
        input.messages.map(({ content }) => content),
        (i) => `$.messages[${i}].content`,
      );
    case 'embedding':
      return brokenItem(input.inputs, (i) => `$.inputs[${i}]`);
    case 'rerank':
      return isBroken(input.query) ? '$.prompt' : brokenItem(input.documents, (i) => `$.inputs[${i}]`);
  }
}

function brokenItem(texts: readonly string[], pathOf: (i: number) => string): string | undefined {
  const i = texts.findIndex(isBroken);
  return i < 0 ? undefined : pathOf(i);
}

function isBroken(text: string): boolean {
  return !text.isWellFormed();
}
