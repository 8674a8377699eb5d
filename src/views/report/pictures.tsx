import { percentText } from '../format.js';
import { Pixels } from '../pages/pixels.js';
import type { Filters } from './filters.js';
import type { Mistake } from './mistakes.js';

/** Sections of pictures. */

/** The misclassified images of the highest confidence. */
export const Mistakes = ({ mistakes, dir }: { mistakes: readonly Mistake[]; dir: string }) => (
  <>
    <p>
      What the model is most sure of, and wrong about: hard images, and wrong labels. The files are in {dir}.
    </p>
    {mistakes[0]?.picture === undefined && (
      <p>
        There are no images to show: the packed dataset holds histograms or values alone, or, as a note above
        says, pictures cannot be drawn here.
      </p>
    )}
    <ul class="pictures">
      {mistakes.map(({ split, index, image, class: name, predicted, confidence, picture }) => (
        <li key={`${split} ${index}`} class="mistake">
          {picture && <Pixels picture={picture} text="" />}
          <p>
            <span class="muted">Is</span> {name}
            <br />
            <span class="muted">taken for</span> {predicted}
            <br />
            <span class="muted">
              {percentText(confidence)} sure
              <br />
              <span class="file">{image ?? `${split} ${index}`}</span>
            </span>
          </p>
        </li>
      ))}
    </ul>
  </>
);

const layouts: Readonly<Record<Filters['over'], string>> = {
  maps: 'Over three channels, these are red, green and blue.',
  histograms: 'A row is a channel: red, green, blue; a column is a bin.',
  values: 'Their values stand row by row, in a square.',
};

/** The first layer's filters. */
export const FilterPictures = ({ filters }: { filters: Filters }) => {
  const { name, count, pictures, over } = filters;
  return (
    <>
      <p>
        {pictures.length < count
          ? `The first ${pictures.length} of ${count} filters`
          : `The ${count} filters`}{' '}
        of {name}. Gray is 0, and a filter's value that is farthest from it is all black or all white.{' '}
        {layouts[over]}
      </p>
      <ul class="pictures">
        {pictures.map((picture, i) => (
          <li key={i}>
            <Pixels picture={picture} side={over === 'histograms' ? 128 : 64} text={`Filter ${i + 1}`} />
          </li>
        ))}
      </ul>
    </>
  );
};
