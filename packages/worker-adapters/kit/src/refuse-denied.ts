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
  const { type } = responseFormat ?? {};
  if ((type === 'json_schema' && !features.jsonSchema) || (type === 'grammar' && !features.grammar)) {
    throw refusal('$.response_format', `This engine cannot keep a ${type}.`);
  }
  const broken = textsOf(input).find(([, text]) => !text.isWellFormed());
  // Engines answer half a surrogate pair as if they had failed themselves, or write another character.
  if (broken !== undefined) throw refusal(broken[0], 'The text is not well-formed Unicode.');
}

/** A refusal of one field, by its JSON path in wire names. */
export function refusal(field: string, message: string): OrchError {
  return new OrchError('INVALID_PARAMS', { message, details: { field } });
}

function textsOf(input: WorkerInput): readonly (readonly [field: string, text: string])[] {
  switch (input.workload) {
    case 'completion':
      return [['$.prompt', input.prompt]];
    case 'chat':
      return input.messages.map(({ content }, i) => [`$.messages[${i}].content`, content]);
    case 'embedding':
      return input.inputs.map((text, i) => [`$.inputs[${i}]`, text]);
    case 'rerank':
      return [['$.prompt', input.query], ...input.documents.map((text, i) => [`$.inputs[${i}]`, text] as const)];
  }
}
