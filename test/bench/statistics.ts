/** The few statistics a benchmark prints, and the table it prints them in. */

/** The value below which `percent` of the samples lie (nearest rank). NaN without samples. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** `holdfast / keepalived` with two decimals and a times sign. */
export function ratio(holdfast: number, keepalived: number): string {
  return `${(holdfast / keepalived).toFixed(2)}x`;
}

/** Rows of cells as aligned columns, the first row underlined. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.join('\n');
}
