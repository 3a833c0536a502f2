/** A Markdown table under a heading, aligned for the terminal. */
export function table(heading: string, rows: Record<string, string | number>[]): string {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const cell = (row: Record<string, string | number>, column: string) => String(row[column] ?? '');
  const width = (column: string) => Math.max(column.length, ...rows.map((row) => cell(row, column).length));
  const line = (text: (column: string) => string) => `| ${columns.map((column) => text(column).padEnd(width(column))).join(' | ')} |`;
  return [
    `\n${heading}\n`,
    line((column) => column),
    line((column) => '-'.repeat(width(column))),
    ...rows.map((row) => line((column) => cell(row, column))),
  ].join('\n');
}
