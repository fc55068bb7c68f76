// SPDX-License-Identifier: MIT
import { ScriptedEngine } from '@llama-orch/harness-bdd';
import { writeWords } from './write-words.ts';

// An engine that is a process of its own, so that it can be killed and frozen.

await writeWords(await ScriptedEngine.start({ port: Number(process.argv[2]) }));
