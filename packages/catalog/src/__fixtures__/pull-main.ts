// SPDX-License-Identifier: MIT
import { openCatalog } from '../open-catalog.ts';

// A process that can be killed: pulls `reference` into `folder` from the hub at `endpoint`, and says the digest.
const [folder = '', endpoint = '', reference = ''] = process.argv.slice(2);
const catalog = await openCatalog({
  folder,
  hub: { endpoint },
  outbound: { allowedNetworks: ['127.0.0.0/8'] },
  tuning: { pieceBytes: 256 * 1_024, recordBytes: 128 * 1_024 },
  clock: {
    nowMs: () => performance.now(),
    wallNowMs: () => Date.now(),
    setTimer(delayMs, fire) {
      const timer = setTimeout(fire, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  },
});
const model = await catalog.pull({ reference });
process.stdout.write(model.digest ?? '');
await catalog.close();
