import { useMemo } from 'preact/hooks';
import { integer, learningRateText, natsText, percent } from '../../format.js';
import type { Subject } from './lines.js';
import { WideTable } from './wide-table.js';

const columns = [
  { name: 'run', isNumber: false },
  ...[
    'epoch',
    'train loss',
    'validation loss',
    'train top-1',
    'validation top-1',
    'images/s',
    'learning rate',
  ].map((name) => ({ name, isNumber: true })),
];

/** Number of epochs shown for each run. */
const shown = 3;

/** The last values of each curve as text, for readers who cannot see a chart or want the numbers. */
export function ValuesTable({ subjects, version }: { subjects: readonly Subject[]; version: string }) {
  return useMemo(() => <Table subjects={subjects} />, [version, subjects.length]);
}

function Table({ subjects }: { subjects: readonly Subject[] }) {
  return (
    <>
      <h3 id="values-title">Last values</h3>
      <WideTable label="Table of the last values" columns={columns}>
        {subjects.flatMap(rows)}
      </WideTable>
    </>
  );
}

function rows({ name, curves }: Subject) {
  const last = curves.epoch.length - 1;
  return Array.from({ length: Math.min(shown, last + 1) }, (_, back) => last - back).map((i) => (
    <tr key={`${name}/${i}`}>
      <th scope="row">{name}</th>
      <td class="number">{curves.epoch[i]}</td>
      {/* A loss that is not finite came as null: the page gets JSON. */}
      <td class="number">{natsText(curves.trainLoss[i])}</td>
      <td class="number">{natsText(curves.validationLoss[i])}</td>
      <td class="number">{percent(curves.trainTop1[i]!)}</td>
      <td class="number">{percent(curves.validationTop1[i]!)}</td>
      <td class="number">{integer(curves.imagesPerSecond[i]!)}</td>
      <td class="number">{learningRateText(curves.learningRate[i]!)}</td>
    </tr>
  ));
}
