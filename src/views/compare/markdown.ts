import { printable } from '../printable.js';
import type { TextTable } from '../text-table.js';
import type { Comparison } from './comparison.js';
import { findings, methods, tablesOf } from './tables.js';

/** `compare.md`: what the page says, without its curves, as GitHub's Markdown. */
export function markdownOf(comparison: Comparison, title: string): string {
  const said = findings(comparison).map((text) => `- ${escaped(text)}`);
  const sections = tablesOf(comparison).map((table) =>
    [
      `## ${table.title}`,
      `${escaped(table.caption)}.`,
      tableText(table),
      ...(table.id === 'differences' ? [said.join('\n')] : []),
    ].join('\n\n'),
  );
  const how = ['## How it was computed', ...methods(comparison).map(escaped)].join('\n\n');
  return printable(`${[`# ${escaped(title)}`, ...sections, how].join('\n\n')}\n`);
}

function tableText({ columns, rows }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ name }) => escaped(name))),
    line(columns.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escaped))),
  ].join('\n');
}

/** Text that stays text, and a cell that stays one. */
const escaped = (text: string): string => text.replaceAll('\n', ' ').replace(/[\\`*_[\]<>|#~]/g, '\\$&');
