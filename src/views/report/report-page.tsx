import { Note, Section } from '../pages/elements.js';
import { browserScript, renderPage } from '../pages/page.js';
import { Augmentation } from './augmentation.js';
import { EvaluationSections } from './evaluation.js';
import { Headline } from './headline.js';
import { NetworkTable } from './network.js';
import { NetworkGraph } from './network-graph.js';
import { FilterPictures, Mistakes } from './pictures.js';
import type { Plots } from './plots.js';
import { Recipe } from './recipe.js';
import { Repeat } from './repeat.js';
import type { ReportData } from './report-data.js';
import { Machine, Training } from './training.js';

const styles = `
.matrix{position:relative}
.matrix svg{max-width:none}
.matrix svg>rect:first-child{fill:none}
.matrix .cross{fill:var(--ink);opacity:.12}
.matrix .cursor{fill:none;stroke:var(--ink);stroke-width:2}
.tip{position:absolute;z-index:1;max-width:min(100%,20rem);padding:.3rem .6rem;border-radius:.375rem;background:var(--ink);color:var(--paper);font-size:.875rem;pointer-events:none}
.tip:empty{padding:0}
.network{container-type:inline-size}
.network svg{max-width:none}
.network svg>rect:first-child{fill:none}
.network .wide{display:none}
.seen{width:min-content;min-width:6rem;font-size:.75rem;line-height:1.3}
.mistake{width:9rem;font-size:.875rem}
.mistake p{margin:.35rem 0 0}
@media print{.matrix .scroll>div{zoom:.8}.network .wide{display:block;min-width:0!important}.network .wide~.narrow{display:none}.seen{min-width:0}.seen img{width:3.75rem;height:auto}}
`;

/** The report of a run, as one page. */
export function renderReport(content: ReportData, plots: Plots): string {
  const { run, split, choice, model, evaluation, mistakes, filters, layers, notes } = content;
  const parts = [
    {
      id: 'training',
      name: 'Training',
      body: [<Training content={content} plots={plots} />, <Machine content={content} />],
    },
    evaluation && {
      id: 'evaluation',
      name: `Evaluation: ${split} images, ${choice} weights${model?.epoch === undefined ? '' : ` (epoch ${model.epoch})`}`,
      body: <EvaluationSections scores={evaluation.scores} plots={plots} />,
    },
    mistakes.length > 0 && {
      id: 'mistakes',
      name: 'Most confident mistakes',
      body: <Mistakes mistakes={mistakes} dir={content.dir} />,
    },
    {
      id: 'network',
      name: 'Network',
      body: [
        <NetworkGraph config={run.config} layers={layers} />,
        <NetworkTable layers={layers} />,
        filters && (
          <Section id="filters" title="First layer" level={3}>
            <FilterPictures filters={filters} />
          </Section>
        ),
      ],
    },
    {
      id: 'augmentation',
      name: 'Augmentation',
      body: <Augmentation run={run} augmented={content.augmented} />,
    },
    { id: 'recipe', name: 'Recipe', body: <Recipe config={run.config} /> },
    { id: 'repeat', name: 'Repeat it', body: <Repeat content={content} /> },
  ].filter((part) => part !== undefined && part !== false);
  return renderPage({
    title: run.config.name,
    lead: `Report on the training in ${run.directory}`,
    contents: parts.map(({ id, name }) => ({ id, name: name.replace(/:.*/, '') })),
    styles,
    scripts:
      evaluation === undefined ? [] : [browserScript('sort-tables'), browserScript('confusion-matrix')],
    body: (
      <>
        {notes.map((note) => (
          <Note key={note}>{note}</Note>
        ))}
        <Headline content={content} />
        {parts.map(({ id, name, body }) => (
          <Section key={id} id={id} title={name}>
            {body}
          </Section>
        ))}
      </>
    ),
  });
}
