import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KeyValues } from '#lockstep/views/pages/elements.js';
import { browserScript, renderPage } from '#lockstep/views/pages/page.js';
import { Pixels, pagePicture } from '#lockstep/views/pages/pixels.js';
import { Table } from '#lockstep/views/pages/table.js';

const markup = '<img src=x onerror=alert(1)>';

const page = suite('a page');

page('escapes what it is given', () => {
  const html = renderPage({
    title: markup,
    lead: markup,
    contents: [{ id: 'a', name: markup }],
    body: <Table caption={markup} rows={[markup]} columns={[{ name: markup, of: (text) => text }]} />,
  });
  assert.not.ok(html.includes('<img'));
  assert.is(html.split('&lt;img').length - 1, 8);
});

page('allows its own scripts by their hash, and nothing from elsewhere', () => {
  const script = browserScript('sort-tables');
  const html = renderPage({ title: 'a', body: 'b', scripts: [script] });
  const inside = /<script type="module">(.*?)<\/script>/s.exec(html)![1]!;
  const hash = createHash('sha256').update(inside).digest('base64');
  assert.ok(html.includes(`script-src 'sha256-${hash}'`));
  assert.ok(html.includes("default-src 'none'"));
  assert.not.ok(html.includes('connect-src'));
  assert.not.match(html, /(?:src|href)="(?:https?:)?\/\//);
  assert.ok(renderPage({ title: 'a', body: 'b', connects: true }).includes("connect-src 'self'"));
});

page('refuses a script that would end early', () => {
  assert.throws(() => renderPage({ title: 'a', body: 'b', scripts: ['"</script>"'] }), /would end early/);
});

page('browser scripts import and export nothing', () => {
  for (const name of ['sort-tables', 'confusion-matrix'] as const)
    assert.not.match(browserScript(name), /^\s*(?:import|export)\b|sourceMappingURL/m);
});

page.run();

const parts = suite('parts of a page');

parts('a table names its rows and columns, and puts numbers right', () => {
  const html = renderToString(
    <Table
      caption="Things"
      sortable
      rows={[{ name: 'a', size: 1234 }]}
      columns={[
        { name: 'Name', of: (row) => row.name },
        { name: 'Size', of: (row) => `${row.size} B`, numeric: true, sortBy: (row) => row.size },
      ]}
    />,
  );
  assert.ok(html.includes('<th scope="col" class="n">Size</th>'));
  assert.ok(html.includes('<th scope="row">a</th>'));
  assert.ok(html.includes('<td class="n" data-value="1234">1234 B</td>'));
  assert.match(html, /^<div class="scroll" role="group" aria-label="Things" tabindex="0">/);
});

parts('a value that is undefined leaves its line out', () => {
  const html = renderToString(
    <KeyValues
      pairs={[
        ['a', undefined],
        ['b', 0],
      ]}
    />,
  );
  assert.is(html, '<dl class="pairs"><div><dt>b</dt><dd>0</dd></div></dl>');
});

parts('a picture has the pixels that it is of, and is enlarged by whole factors', async () => {
  const rgb = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i * 10);
  const picture = await pagePicture({ rgb, width: 3, height: 2 });
  const bytes = Buffer.from(picture.address.slice('data:image/png;base64,'.length), 'base64');
  assert.equal(Uint8Array.from(await sharp(bytes).removeAlpha().raw().toBuffer()), rgb);
  const html = renderToString(<Pixels picture={picture} side={30} text="a" />);
  assert.ok(html.includes('width="30" height="24"'), html);
});

parts('a large picture is made smaller', async () => {
  const { width, height } = await pagePicture({
    rgb: new Uint8Array(3 * 400 * 200),
    width: 400,
    height: 200,
  });
  assert.equal([width, height], [256, 128]);
});

parts.run();
