// SPDX-License-Identifier: MIT

/** A model file with a header that somebody has tampered with; `sizeBytes` may be more than `header` holds, all zeros. */
export interface Mutant {
  readonly header: Buffer;
  readonly sizeBytes: number;
}

/** What counts, lengths and offsets are set to. */
const VALUES: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  63n,
  255n,
  65_536n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** The mutant of a number: the same number gives the same mutant. */
export function mutate(file: Buffer, headerBytes: number, seed: number): Mutant {
  let state = (seed * 2_654_435_761 + 1) % 2 ** 32;
  const draw = (below: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
  let header = Buffer.from(file.subarray(0, headerBytes));
  let sizeBytes = file.length;
  for (let count = 1 + draw(3); count > 0; count -= 1) {
    // Half of them where the structure is: the beginning, and the tensors at the end.
    const area = draw(4);
    const at =
      area === 0 ? draw(1_024) : area === 1 ? Math.max(0, header.length - 1 - draw(3_000)) : draw(header.length);
    const value = VALUES[draw(VALUES.length)] ?? 0n;
    switch (draw(8)) {
      case 0:
        header[at] = (header[at] ?? 0) ^ (1 << draw(8));
        break;
      case 1:
        header[at] = draw(256);
        break;
      case 2:
        if (at + 4 <= header.length) header.writeUInt32LE(Number(value % 2n ** 32n), at);
        break;
      case 3:
        if (at + 8 <= header.length) header.writeBigUInt64LE(value, at);
        break;
      case 4:
        sizeBytes = draw(2) === 0 ? at : headerBytes + draw(sizeBytes);
        break;
      case 5:
        header = Buffer.concat([header.subarray(0, at), header.subarray(Math.min(header.length, at + 1 + draw(64)))]);
        break;
      case 6:
        header = Buffer.concat([header.subarray(0, at), header.subarray(Math.max(0, at - draw(64)))]);
        break;
      default:
        header.copy(header, at, draw(header.length), header.length);
    }
  }
  return { header: header.subarray(0, sizeBytes), sizeBytes };
}
