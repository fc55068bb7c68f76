// SPDX-License-Identifier: MIT
import { EngineFaultError, engineFault } from '../engine-fault.ts';

/** Values by placeholder; undefined where the launcher has none. */
export type TemplateValues = Readonly<Record<string, string | undefined>>;

/**
 * Puts values in place of `{name}` in each argument; an argument stays one argument, whatever the value holds.
 * Braces around anything else stay, so that JSON can be an argument.
 *
 * @throws EngineFaultError `not_startable` when a placeholder has no value.
 */
export function fillTemplate(args: readonly string[], values: TemplateValues): readonly string[] {
  return args.map((arg) => arg.replace(/\{([a-z_]+)\}/g, (_, name: string) => valueOf(name, values)));
}

function valueOf(name: string, values: TemplateValues): string {
  if (!Object.hasOwn(values, name)) return `{${name}}`;
  const value = values[name];
  if (value !== undefined) return value;
  throw new EngineFaultError(
    engineFault('not_startable', `The placeholder {${name}} in its command has no value here.`),
  );
}
