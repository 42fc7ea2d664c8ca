import { expect, test } from 'vitest';
import { readHtml } from './html-document.ts';

const URL_OF_PAGE = 'https://example.org/articles/one';

const FILLER = 'The committee met on Tuesday to discuss the new bridge, its cost, its length and the people who would use it every day. '.repeat(4);

const page = (body: string, head = ''): string => `<!doctype html><html lang="en-GB"><head><title>The bridge</title>${head}</head><body><article><h1>The bridge</h1><p>${FILLER}</p>${body}<p>${FILLER}</p></article></body></html>`;

test('text has a line break between blocks, Markdown its structure, passages their headings', () => {
  const document = readHtml(
    `<html><head><title>Rivers</title></head><body><main><h1>Rivers</h1><p>First <b>bold</b> and <a href="/about?x=(1)">a link</a>.<br>Second line.</p>
     <h2>Length</h2><ul><li>Rhine<ul><li>Upper</li></ul></li><li>Elbe</li></ul><ol start="3"><li>three</li></ol>
     <table><tr><th>River</th><th>km</th></tr><tr><td>Rhine</td><td>1,233</td></tr></table>
     <blockquote><p>Quoted.</p></blockquote><h3>Code</h3><pre>let a;\n  let b;</pre><h2>Sources</h2><p>Last${'&nbsp;'}words.</p></main></body></html>`,
    URL_OF_PAGE,
  );
  expect(document.title).toBe('Rivers');
  expect(document.text).toContain('First bold and a link.\nSecond line.\n\nLength\n\nRhine\nUpper\nElbe');
  expect(document.text).toContain('River\tkm\nRhine\t1,233');
  expect(document.text).toContain('let a;\n  let b;');
  expect(document.text).toContain('Last words.');
  expect(document.markdown).toContain('[a link](https://example.org/about?x=%281%29)');
  expect(document.markdown).toContain('- Rhine\n  - Upper\n- Elbe');
  expect(document.markdown).toContain('3. three');
  expect(document.markdown).toContain('| River | km |\n| --- | --- |\n| Rhine | 1,233 |');
  expect(document.markdown).toContain('> Quoted.');
  expect(document.markdown).toContain('```\nlet a;\n  let b;\n```');
  const headings = (text: string) => document.passages.find(({ start, end }) => document.text.slice(start, end).includes(text))?.headings.slice(-2);
  expect(headings('1,233')?.at(-1)).toBe('Length');
  expect(headings('let a;')).toEqual(['Length', 'Code']);
  expect(headings('Last words')?.at(-1)).toBe('Sources');
});

test('metadata: title, author, site, day of publication, language', () => {
  const head = `<meta name="author" content="Ada Example"><meta property="og:site_name" content="The Example"><meta name="description" content="About a bridge.">
    <script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"The bridge","datePublished":"2024-03-05T10:00:00+01:00"}</script>`;
  expect(readHtml(page('', head), URL_OF_PAGE)).toMatchObject({ byline: 'Ada Example', siteName: 'The Example', excerpt: 'About a bridge.', publishedAt: '2024-03-05T09:00:00.000Z', language: 'en-GB' });
  expect(readHtml(page('', '<meta name="citation_publication_date" content="2024/03/05">'), URL_OF_PAGE).publishedAt).toBe('2024-03-05');
  expect(readHtml(page('', '<meta name="date" content="5 March 2024">'), URL_OF_PAGE).publishedAt).toBe('2024-03-05');
  expect(readHtml(page('', '<meta name="date" content="yesterday">'), URL_OF_PAGE).publishedAt).toBeUndefined();
});

const HIDDEN: Record<string, [body: string, head?: string]> = {
  'display: none': ['<p style="display:none">SECRET</p>'],
  'display: none, important, in capitals': ['<p style="DISPLAY : NONE !important">SECRET</p>'],
  'visibility: hidden': ['<p style="color:red;visibility:hidden">SECRET</p>'],
  opacity: ['<p style="opacity:0">SECRET</p>'],
  'opacity nearly nothing': ['<p style="opacity:0.01">SECRET</p>'],
  'font size': ['<p style="font-size:0">SECRET</p><p style="font-size:1px">SECRET</p>'],
  'no size': ['<div style="width:0;height:0;overflow:hidden">SECRET</div>'],
  'outside the screen': ['<p style="position:absolute;left:-9999px">SECRET</p><p style="text-indent:-9999px">SECRET</p>'],
  clip: ['<p style="position:absolute;clip:rect(0,0,0,0)">SECRET</p><p style="clip-path:inset(50%)">SECRET</p>'],
  scale: ['<p style="transform:scale(0)">SECRET</p>'],
  transparent: ['<p style="color:transparent">SECRET</p><p style="color:rgba(0,0,0,0)">SECRET</p>'],
  'same colour': ['<p style="color:#1a2b3c;background:#1A2B3C">SECRET</p><p style="color:#fff;background-color:white">SECRET</p>'],
  'white on the white page': ['<p style="color:white">SECRET</p><p style="color:rgb(255, 255, 255)">SECRET</p><font color="#FFFFFF">SECRET</font>'],
  'hidden attribute': ['<p hidden>SECRET</p>'],
  'aria-hidden': ['<p aria-hidden="true">SECRET</p>'],
  'a class of the page': ['<p class="x">SECRET</p>', '<style>.y{color:red} .x{display:none}</style>'],
  'an id, among others, after a comment': ['<p id="x">SECRET</p>', '<style>/* } */ h9, #x { position: absolute; left: -5000px }</style>'],
  'inside @media screen': ['<p class="x">SECRET</p>', '<style>@media screen { .x { visibility: hidden } }</style>'],
  comment: ['<p>a<!-- SECRET --></p>'],
  'noscript and template': ['<noscript><p>SECRET</p></noscript><template><p>SECRET</p></template>'],
  script: ['<script>var a = "SECRET"</script><style>.a::before{content:"SECRET"}</style>'],
  'form fields': ['<input value="SECRET"><textarea>SECRET</textarea><select><option>SECRET</option></select>'],
  'closed dialogue': ['<dialog>SECRET</dialog>'],
  'alternative texts': ['<img alt="SECRET" title="SECRET" src="x.png"><p title="SECRET">a</p>'],
  iframe: ['<iframe srcdoc="SECRET">SECRET</iframe><object>SECRET</object>'],
  'svg text': ['<svg><text>SECRET</text><title>SECRET</title></svg>'],
  'tag characters': [`<p>a${[...'SECRET'].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('')}</p>`],
};

test.each(Object.entries(HIDDEN))('hidden text is not read: %s', (_name, [body, head]) => {
  const document = readHtml(page(body, head), URL_OF_PAGE);
  expect(document.text).toContain('The committee met on Tuesday');
  expect(JSON.stringify(document)).not.toContain('SECRET');
  expect(document.text).not.toMatch(/[\u{e0000}-\u{e007f}]/u);
});

const SHOWN: Record<string, [body: string, head?: string]> = {
  'a rule for narrow screens': ['<p class="x">PLAIN</p>', '<style>@media (max-width: 600px) { .x { display: none } }</style>'],
  'white on a dark page': ['<p style="color:white">PLAIN</p>', '<style>body { background: #222 }</style>'],
  'white, with style sheets that are not known': ['<p style="color:white">PLAIN</p>', '<link rel="stylesheet" href="/a.css">'],
  'shown again by a later rule': ['<p class="tab open">PLAIN</p>', '<style>.tab { display: none } .tab.open { display: block }</style>'],
  'small print': ['<p style="font-size:0.8em">PLAIN</p>'],
  'half transparent': ['<p style="opacity:0.5">PLAIN</p>'],
  'a rule that is no CSS': ['<p class="x">PLAIN</p>', '<style>.x[[ { display: none } } { </style>'],
};

test.each(Object.entries(SHOWN))('what is shown is read: %s', (_name, [body, head]) => {
  expect(readHtml(page(body, head), URL_OF_PAGE).text).toContain('PLAIN');
});

test('a page hidden as a whole until its script has run is read', () => {
  expect(readHtml(page('', '<style>body { opacity: 0 } article { visibility: hidden }</style>'), URL_OF_PAGE).text).toContain('The committee met');
});

test('a page without an article is read without its frame', () => {
  const links = Array.from({ length: 12 }, (_, index) => `<li><a href="/r/${index}">Report number ${index} of the year</a></li>`).join('');
  const { text } = readHtml(`<html><body><nav><a href="/">Home</a></nav><ul>${links}</ul><footer>Imprint</footer></body></html>`, URL_OF_PAGE);
  expect(text).toContain('Report number 11 of the year');
  expect(text).not.toMatch(/Imprint/);
});

test('a long paragraph becomes several passages, cut between sentences, that hold all of it', () => {
  const sentences = Array.from({ length: 120 }, (_, index) => `Sentence number ${index} speaks of the bridge.`);
  const { text, passages } = readHtml(`<html><body><article><h1>Long</h1><p>${sentences.join(' ')}</p></article></body></html>`, URL_OF_PAGE);
  const parts = passages.map(({ start, end }) => text.slice(start, end));
  expect(parts.length).toBeGreaterThan(2);
  for (const part of parts) expect(part).toMatch(/^(?:Sentence|Long)[^]*\.$/);
  for (const sentence of sentences) expect(parts.filter((part) => part.includes(sentence))).toHaveLength(1);
});

test('empty pages and pages nested beyond measure are unreadable', () => {
  expect(() => readHtml('<html><body><script>app()</script></body></html>', URL_OF_PAGE)).toThrow(expect.objectContaining({ kind: 'unreadable' }));
  const deep = (depth: number): string => `${'<div>'.repeat(depth)}deep${'</div>'.repeat(depth)}`;
  expect(() => readHtml(deep(20_000), URL_OF_PAGE)).toThrow(expect.objectContaining({ kind: 'unreadable' }));
  expect(readHtml(deep(900), URL_OF_PAGE).text).toBe('deep');
});

test('sources made to keep a reader busy are read in little time', { timeout: 100_000 }, () => {
  const sources = {
    comments: `<p>text</p>${'<!--'.repeat(100_000)}`,
    'style comments': `<p>text</p><style>${'/*'.repeat(100_000)}</style>`,
    spaces: `<pre>${' '.repeat(200_000)}x${' '.repeat(200_000)}x</pre><p>text</p>`,
    rules: `<style>${Array.from({ length: 5000 }, (_, index) => `p.a${index % 7}{display:none}`).join('')}</style>${'<p class="a1 a2">x</p>'.repeat(20)}${'<p>more text'.repeat(500)}`,
    'long declaration': `<p style="color:rgba(${', '.repeat(200_000)}">text</p>`,
    depth: `${'<div>'.repeat(300)}text${'</div>'.repeat(300)}`.repeat(20),
  };
  for (const [name, source] of Object.entries(sources)) {
    const start = performance.now();
    expect(readHtml(source, URL_OF_PAGE).text.length, name).toBeGreaterThan(0);
    expect(performance.now() - start, name).toBeLessThan(30_000);
  }
  expect(() => readHtml('<p>text</p>'.repeat(500_000), URL_OF_PAGE)).toThrow(expect.objectContaining({ kind: 'too-large' }));
});
