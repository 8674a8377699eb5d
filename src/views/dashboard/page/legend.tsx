import type { Look, Subject } from './lines.js';

/** Which line is which, for all charts. */
export function Legend({ subjects, steps }: { subjects: readonly Subject[]; steps: Look | undefined }) {
  return (
    <ul class="legend">
      {subjects.flatMap(({ name, train, validation }, i) => [
        <Entry key={`${name}/train`} look={train} name={`${name}, train`} />,
        <Entry key={`${name}/validation`} look={validation} name={`${name}, validation`} />,
        steps && i === 0 && <Entry key="steps" look={steps} name={`${name}, train, the last steps`} />,
      ])}
    </ul>
  );
}

function Entry({ look, name }: { look: Look; name: string }) {
  return (
    <li>
      <svg width="36" height="10" aria-hidden="true">
        <line
          x1="0"
          y1="5"
          x2="36"
          y2="5"
          stroke={look.color}
          stroke-width={look.width + 1}
          stroke-dasharray={look.dash === 'dashed' ? '8 5' : 'none'}
        />
      </svg>
      {name}
    </li>
  );
}
