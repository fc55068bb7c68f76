// SPDX-License-Identifier: MIT
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

// Loads model files and makes a small context of each; one line for each, until one of them ends this process.
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.disabled });
for (const modelPath of process.argv.slice(2)) {
  process.stdout.write(`${await load(modelPath)}\n`);
}
process.exit(0);

async function load(modelPath: string): Promise<'loaded' | 'refusedByEngine'> {
  try {
    await using model = await llama.loadModel({ modelPath, checkTensors: true });
    await using _context = await model.createContext({ contextSize: 64, sequences: 1 });
    model.tokenize('a haiku about rain');
    return 'loaded';
  } catch {
    // Refusing is what an engine should do with a file that is no model.
    return 'refusedByEngine';
  }
}
