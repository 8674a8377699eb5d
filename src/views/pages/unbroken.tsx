/** A heading without line breaks at hyphens, such as between "top-" and "1". The style sheets define its class. */
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
