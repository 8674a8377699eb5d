import { percentText } from '../pages/numbers.js';
import { Pixels } from '../pages/pixels.js';
import type { Filters } from './filters.js';
import type { Mistake } from './mistakes.js';

/** What is looked at rather than read. */

/** The images that the model was most sure of, and wrong. */
export const Mistakes = ({ mistakes }: { mistakes: readonly Mistake[] }) => (
  <ul class="pictures">
    {mistakes.map(({ split, index, label, predicted, confidence, picture }) => (
      <li key={`${split} ${index}`} class="mistake">
        {picture && <Pixels picture={picture} text="" />}
        <p>
          <span class="muted">Is</span> {label}
          <br />
          <span class="muted">taken for</span> {predicted}
          <br />
          <span class="muted">
            {percentText(confidence, 1)} sure; {split} {index}
          </span>
        </p>
      </li>
    ))}
  </ul>
);

export const FilterPictures = ({ filters: { name, count, pictures } }: { filters: Filters }) => (
  <>
    <p>
      {pictures.length < count ? `The first ${pictures.length} of ${count} filters` : `The ${count} filters`}{' '}
      of {name}: gray is 0, and each filter's largest value is black or white, or a full colour.
    </p>
    <ul class="pictures">
      {pictures.map((picture, i) => (
        <li key={picture.address}>
          <Pixels picture={picture} side={64} text={`Filter ${i + 1}`} />
        </li>
      ))}
    </ul>
  </>
);
