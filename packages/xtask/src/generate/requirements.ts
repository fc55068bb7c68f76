// SPDX-License-Identifier: MIT
import { jsonFile, type FileGenerator } from '../generated-file.ts';
import { readSpecs } from '../specs/read-specs.ts';

/** `specs/*.md` as `specs/requirements.json`, which `verifies()` and the trace gate read. */
export const extractRequirements: FileGenerator = async (root) => {
  const { requirements } = await readSpecs(root);
  const rows = requirements
    .map(({ id, title, status, reason, file }) => ({
      id,
      title,
      status,
      ...(reason === undefined ? {} : { reason }),
      file,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const origin = { source: 'specs/*.md', command: 'spec-extract' };
  return [jsonFile('specs/requirements.json', origin, { requirements: rows })];
};
