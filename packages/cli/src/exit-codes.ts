// SPDX-License-Identifier: MIT

/** Every exit code of `llama-orch`, in the order help and README list them. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'all went well' },
  failed: { code: 1, meaning: 'the task or a check failed' },
  usage: { code: 2, meaning: 'the command line was wrong' },
  unreachable: { code: 3, meaning: 'no llama-orch answers at the address' },
  refusedForNow: { code: 4, meaning: 'refused, a later retry may succeed' },
  refused: { code: 5, meaning: 'refused for good' },
  different: { code: 6, meaning: 'a replay gave another result' },
  config: { code: 78, meaning: 'the configuration is not valid' },
  interrupted: { code: 130, meaning: 'interrupted; a running task was canceled' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

/** Why a command ended. */
export type ExitReason = keyof typeof EXIT_CODES;

/** The exit codes as lines for help. */
export function formatExitCodes(): string {
  const lines = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
