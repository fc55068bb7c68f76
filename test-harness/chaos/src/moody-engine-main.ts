// SPDX-License-Identifier: MIT
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ScriptedEngine } from '@llama-orch/harness-bdd';
import { writeWords } from './write-words.ts';

// A process of an engine that does what the name of its model says: `bad` does not load, `huge` finds no device memory, `bound` finds its port
// taken, `mute` never gets healthy, every other one serves.

const [port = '0', model = ''] = process.argv.slice(2);
const mood = basename(model, '.gguf').split('-')[0];
const lastWords: Readonly<Record<string, string>> = {
  bad: 'llama_model_load: error loading model: invalid magic characters',
  huge: 'ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory',
  bound: `couldn't bind HTTP server socket, hostname: 127.0.0.1, port: ${port}: address already in use`,
};
const words = lastWords[mood ?? ''];
if (words === undefined) {
  const engine = await ScriptedEngine.start({ port: Number(port), modelId: basename(model, '.gguf') });
  engine.loading = mood === 'mute';
  const { PID_FILE: pidFile } = process.env;
  if (pidFile !== undefined) writeFileSync(pidFile, `${process.pid}`);
  await writeWords(engine);
} else {
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}
