import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { globOf } from '#lockstep/data/images/glob.js';

const test = suite('glob');

/** Of each pattern: what it takes, and what it leaves. */
const cases: Record<string, { takes: string[]; leaves: string[] }> = {
  '*.png': { takes: ['a.png', '.png', 'ä😀.png'], leaves: ['a.jpg', 'a/b.png', 'a.png.x'] },
  '?.png': { takes: ['a.png', '😀.png'], leaves: ['ab.png', '.png', '/.png'] },
  '[a-c].png': { takes: ['b.png'], leaves: ['d.png', 'ab.png'] },
  '[!a-c].png': { takes: ['d.png'], leaves: ['a.png', '/.png'] },
  '[]a]': { takes: [']', 'a'], leaves: ['b'] },
  '[a-]': { takes: ['a', '-'], leaves: ['b'] },
  '[*]': { takes: ['*'], leaves: ['a'] },
  'a[b': { takes: ['a[b'], leaves: ['ab'] },
  '{a,b}.png': { takes: ['a.png', 'b.png'], leaves: ['c.png', 'a,b.png'] },
  '{a,{b,c}d,}x': { takes: ['ax', 'bdx', 'cdx', 'x'], leaves: ['dx'] },
  'a,b': { takes: ['a,b'], leaves: ['a'] },
  '**/x': { takes: ['x', 'a/x', 'a/b/x'], leaves: ['ax', 'a/bx', '/x'] },
  'a/**': { takes: ['a/b', 'a/b/c'], leaves: ['a', 'a/', 'b/a'] },
  'a/**/b': { takes: ['a/b', 'a/x/b', 'a/x/y/b'], leaves: ['a/xb', 'ab'] },
  'a**/b': { takes: ['a/b', 'axx/b'], leaves: ['a/x/b'] },
  '{**/,}x': { takes: ['x', 'a/b/x'], leaves: ['ax'] },
  'a.b+c(d)$^|\\': { takes: ['a.b+c(d)$^|\\'], leaves: ['axb+c(d)$^|\\'] },
  '': { takes: [''], leaves: ['a'] },
};

for (const [pattern, { takes, leaves }] of Object.entries(cases)) {
  test(pattern || 'an empty one', () => {
    const matches = globOf(pattern);
    assert.equal([...takes, ...leaves].filter(matches), takes);
  });
}

test('a faulty pattern is reported', () => {
  const fault = (pattern: string) => {
    try {
      globOf(pattern);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };
  assert.is(fault('{a,b'), 'it opens a brace and does not close it');
  assert.is(fault('a}'), 'it closes a brace that is not open');
  assert.is(fault('[z-a]'), '[z-a] ends before it begins');
  assert.is(fault('{'.repeat(100_000)), 'it has braces in braces more than 100 deep');
});

// Each would take longer than the universe by trying one way after the other.
test('no pattern takes long', () => {
  const name = 'a'.repeat(250);
  for (const pattern of [
    `${'*a'.repeat(30)}*b.png`,
    `${'{a,a}'.repeat(100)}*${'{a,aa}'.repeat(100)}b`,
    `${'**/*a*/'.repeat(20)}b`,
    `${'?'.repeat(10)}${'*'.repeat(100)}b`,
  ])
    assert.is(globOf(pattern)(pattern.includes('/') ? `${name}/`.repeat(15) : name), false);
  assert.is(globOf(`${'*a'.repeat(30)}*b.png`)(`${name}b.png`), true);
});

test('matches the same paths as the equivalent regular expression', () => {
  const token = fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[!a]', '{a,b}', '{ab,}', '**/');
  const sources: Record<string, string> = {
    '*': '[^/]*',
    '?': '[^/]',
    '[!a]': '[^a/]',
    '{a,b}': '(?:a|b)',
    '{ab,}': '(?:ab|)',
    '**/': '(?:[^/]+/)*',
  };
  const pattern = fc
    .array(token, { maxLength: 6 })
    // `**` is a name of its own, and what lies before it ends with a slash.
    .filter((tokens) =>
      tokens.every((each, i) => {
        const before = tokens[i - 1] ?? '/';
        if (each === '**/') return before.endsWith('/');
        return !(each === '*' && (before === '*' || tokens[i + 1] === '*' || tokens[i + 1] === '**/'));
      }),
    );
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', '/'), { maxLength: 8 })
    .map((letters) => letters.join(''));
  fc.assert(
    fc.property(pattern, path, (tokens, text) => {
      const source = tokens.map((each) => sources[each] ?? each).join('');
      assert.is(
        globOf(tokens.join(''))(text),
        new RegExp(`^${source}$`, 'su').test(text),
        `${tokens.join('')} ${text}`,
      );
    }),
    { seed: 1, numRuns: 5000 },
  );
});

test.run();
