import { runSwapCycles, leaksOf } from './swap-cycles.ts';
const r = await runSwapCycles({
  engine: process.argv[2] as any,
  cycles: Number(process.argv[3]),
  onSample: (m) => console.log(m.toFixed(1)),
});
console.log(r, leaksOf(r, 1.1));
