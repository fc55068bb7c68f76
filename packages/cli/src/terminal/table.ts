// SPDX-License-Identifier: MIT

/** Rows of cells as aligned lines below a heading; an absent cell shows as `-`. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  const cells = [heading, ...rows.map((row) => row.map((cell) => (cell === undefined ? '-' : String(cell))))];
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
