import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { testFolder } from '../../run/test-folder.ts';
import { findChromium } from '../web/chromium-path.ts';
import { reportToBibtex } from './bibtex.ts';
import { openReport, writeReportFiles } from './report-files.ts';
import { reportToHtml } from './report-html.ts';
import { reportToJson } from './report-json.ts';
import { reportToMarkdown } from './report-markdown.ts';
import { reportToPdf } from './report-pdf.ts';
import { REPORT_SCRIPT } from './report-script.ts';
import { sampleReport } from './sample-report.fixture.ts';

test('the report numbers its sources, shows each quote in its context, and says its own precision', { timeout: 120_000 }, async () => {
  const report = await sampleReport();
  expect(report.markdown).not.toContain('one winter out of three');
  const markdown = reportToMarkdown(report);
  expect(markdown).toContain('Frost formed on the outdoor unit in eleven homes; nine of these units were mounted less than 40 cm above the ground [1].');
  expect(markdown).toMatch(/2\. \*\*A meta-analysis.*arXiv/);
  expect(markdown).toContain(`${report.precision.sentences} sentences, ${report.precision.cited} cited, ${report.precision.verified} verified, ${report.precision.removed} removed`);

  const html = reportToHtml(report);
  expect(html).toContain('<html lang="en">');
  expect(html).toContain('<mark>At outdoor temperatures between −10 °C and −20 °C the pumps delivered on average 2.4 times as much heat as they used electricity.</mark> Below −25 °C');
  expect(html).toMatch(/<button type="button" class="cite" data-card="card-e2" popovertarget="card-e2" aria-label="Source 1: [^"]+">1<\/button>/);
  // Each citation has its card, and nothing is loaded from elsewhere.
  for (const [, id = ''] of html.matchAll(/data-card="([^"]+)"/g)) expect(html).toContain(`id="${id}" popover`);
  expect(html).not.toMatch(/<(?:link|img|iframe|object|embed|form|base)\b|\bsrc=|@import|url\(/i);

  const json: unknown = JSON.parse(reportToJson(report));
  expect(json).toMatchObject({ format: 1, language: 'en', precision: report.precision, sources: [{ number: 1 }, { number: 2 }, { number: 3, evidence: [{ page: 17 }, { page: 17 }] }] });
});

test('the fixed words are in the language of the report, in English where there are none', async () => {
  const german = { ...await sampleReport(), language: 'de' };
  expect(reportToHtml(german)).toMatch(/<html lang="de">[\s\S]*Vollständig[\s\S]*Sätze[\s\S]*11\. Februar 2026[\s\S]*Quelle öffnen/);
  expect(reportToHtml({ ...german, language: 'fi' })).toMatch(/<html lang="fi">[\s\S]*<p class="facts" lang="en">/);
});

test('hostile titles, quotes and Markdown stay text', async () => {
  const attack = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'`${x}[a](javascript:alert(1))';
  const report = await sampleReport({
    change: (page, i) => (i === 1 ? { ...page, title: attack, byline: attack, siteName: attack, publishedAt: attack, text: `${page.text} ${attack}`, language: '"><script>' } : { ...page, finalUrl: i === 2 ? 'javascript:alert(1)' : page.finalUrl }),
  });
  const hostile = { ...report, title: attack, question: `Why? ${attack}`, language: 'en', outcome: attack, reasons: [attack], markdown: `${report.markdown}\n${attack}\n\n![x](http://evil.example/p.png) [y](http://evil.example) <b onclick=x>b</b> <http://evil.example/z>\n\n\`\`\`\n${attack}\n\`\`\`\n` };
  const html = reportToHtml(hostile);
  const { document } = parseHTML(html);
  const elements = [...document.querySelectorAll('*')];
  expect([...new Set(elements.map(({ localName }) => localName))].filter((name) => /^(?:img|b|iframe|x)$/.test(name))).toEqual([]);
  expect(elements.flatMap(({ attributes }) => [...attributes].map(({ name }) => name)).filter((name) => /^on|^src/.test(name))).toEqual([]);
  expect([...document.querySelectorAll('script')].map(({ textContent }) => textContent)).toEqual([REPORT_SCRIPT]);
  expect([...document.querySelectorAll('[href]')].every((link) => /^https:\/\/(?:www\.example\.org|arxiv\.org)\//.test(link.getAttribute('href') ?? ''))).toBe(true);
  expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(reportToHtml({ ...report, title: 'Heat\u202epumps' })).toContain('<h1>Heatpumps</h1>');
  expect(reportToMarkdown(hostile)).not.toMatch(/\*\*[^\n]*(?<!\\)<script/);
  const bibtex = reportToBibtex({ ...report, snapshots: report.snapshots.map((snapshot) => ({ ...snapshot, title: '}\\input{/etc/passwd} 50% & $x_1$ {' })) });
  expect(bibtex).toContain('title = {{\\}\\textbackslash{}input\\{/etc/passwd\\} 50\\% \\& \\$x\\_1\\$ \\{}}');
});

test('BibTeX types follow the kind of source, and keys do not depend on other sources', async () => {
  const report = await sampleReport();
  const bibtex = reportToBibtex(report);
  expect([...bibtex.matchAll(/^@(\w+)\{([^,]+),/gm)].map(([, type, key]) => `${type} ${key}`)).toEqual([
    'online halvorsen2024heat', 'misc jankovic2023metaanalysis', 'techreport nationalstatisticsoffice2024heating',
  ]);
  expect(bibtex).toContain('eprint = {2401.01234}');
  expect(reportToBibtex({ ...report, markdown: 'Only this [e7].' })).toMatch(/^@misc\{jankovic2023metaanalysis,/);
  expect(() => reportToBibtex({ ...report, markdown: 'Not there [e99].' })).toThrow(/no evidence e99/);
});

test('files are written and opened; what is not there is said', { timeout: 120_000 }, async () => {
  const folder = testFolder();
  const paths = await writeReportFiles(await sampleReport(), folder);
  expect(paths.every((path) => existsSync(path) && !existsSync(`${path}.partial`))).toBe(true);
  const seen = join(folder, 'seen');
  const opener = join(folder, 'open.mjs');
  writeFileSync(opener, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(seen)}, process.argv[2]);`);
  expect(await openReport(folder, { opener: [process.execPath, opener] })).toBe(join(folder, 'report.html'));
  expect(readFileSync(seen, 'utf8')).toBe(join(folder, 'report.html'));
  await expect(openReport(folder, { format: 'pdf' })).rejects.toThrow(/has no report\.pdf\. It has report\.md, report\.html, report\.json, report\.bib/);
  await expect(openReport(folder, { opener: ['no-such-program-here'] })).rejects.toThrow(/could not open .*report\.html/);
  await expect(reportToPdf(await sampleReport(), { chromium: join(folder, 'none') })).rejects.toThrow(/did not start/);
});

test.skipIf(findChromium() === undefined)('Chromium prints the report', { timeout: 120_000 }, async () => {
  const pdf = await reportToPdf(await sampleReport());
  expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
  expect(pdf.length).toBeGreaterThan(10_000);
});
