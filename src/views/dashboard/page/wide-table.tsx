import type { ComponentChildren } from 'preact';
import { Unbroken } from '../../pages/unbroken.js';

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
}

/** A table that scrolls sideways where it is too wide, also by keyboard. */
export function WideTable(props: { label: string; columns: readonly Column[]; children: ComponentChildren }) {
  const { label, columns, children } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll it
    <section class="wide" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, isNumber }) => (
              <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
                <Unbroken text={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
