// SPDX-License-Identifier: MIT
import { OrchApiError, OrchConnectionError } from '@llama-orch/client';
import { EXIT_CODES, type ExitReason } from './exit-codes.ts';
import { formatDuration } from './terminal/format-duration.ts';
import type { Printer } from './terminal/printer.ts';

/** Tells people, or a program, why a command failed. */
export function reportFailure(error: unknown, printer: Printer): ExitReason {
  const reason = reasonOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const told = OrchApiError.is(error) ? wireFields(error) : {};
  printer.note(`llama-orch: ${OrchApiError.is(error) ? `${error.code}: ` : ''}${message}`);
  if (OrchApiError.is(error)) for (const line of explain(error)) printer.note(`  ${line}`);
  if (reason === 'unreachable') printer.note('  Start the service with: llama-orch serve');
  if (printer.isJson) printer.item({ error: { message, exit_code: EXIT_CODES[reason].code, ...told } });
  return reason;
}

function reasonOf(error: unknown): ExitReason {
  if (OrchConnectionError.is(error)) return 'unreachable';
  if (OrchApiError.is(error)) return error.retriable ? 'refusedForNow' : 'refused';
  return 'failed';
}

function wireFields(error: OrchApiError): object {
  return {
    code: error.code,
    retriable: error.retriable,
    status: error.status,
    retry_after_ms: error.retryAfterMs,
    policy_label: error.policyLabel,
    details: error.details,
    correlation_id: error.correlationId,
  };
}

function explain({ details, retryAfterMs, policyLabel, correlationId }: OrchApiError): readonly string[] {
  return [
    ...(policyLabel === undefined ? [] : [`policy: ${policyLabel}`]),
    ...(details.field === undefined ? [] : [`field: ${details.field}`]),
    ...(details.limit === undefined ? [] : [`limit: ${details.limit} ${details.unit ?? ''}`.trimEnd()]),
    ...(retryAfterMs === undefined ? [] : [`retry in ${formatDuration(retryAfterMs)}`]),
    ...(correlationId === undefined ? [] : [`correlation id: ${correlationId}`]),
  ];
}
