/** A heading whose words are not broken at their hyphens: never "top-" above "1". The style sheets know the class. */
export const Unbroken = ({ text }: { text: string }) => (
  <>
    {text.split(/(\S+-\S+)/).map((part, i) =>
      i % 2 === 0 ? (
        part
      ) : (
        <span key={i} class="unbroken">
          {part}
        </span>
      ),
    )}
  </>
);
