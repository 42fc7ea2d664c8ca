/**
 * A report's Markdown as HTML. Citations become buttons that open the evidence. HTML in the Markdown is shown as text, links and images as their
 * words: a report points to its sources and nowhere else.
 */
import { Marked, type Tokens } from 'marked';
import { citationAtStart } from '../evidence/report-sentences.ts';
import { UNSUPPORTED_MARK } from '../evidence/settle-report.ts';
import { escapeHtml } from './html-text.ts';

export interface MarkdownHtmlOptions {
  /** The HTML of a citation of these evidence ids. */
  citation: (ids: readonly string[]) => string;
  /** The words for a sentence that is not supported. */
  unsupported: string;
}

/** A heading in the Markdown is one rank lower on the page, whose first rank is the title. */
const HIGHEST_RANK = 2;

export function markdownToHtml(markdown: string, { citation, unsupported }: MarkdownHtmlOptions): string {
  const marked = new Marked({
    gfm: true,
    async: false,
    renderer: {
      html: ({ text }) => escapeHtml(text),
      link({ tokens }) {
        return this.parser.parseInline(tokens);
      },
      image: ({ text }) => escapeHtml(text),
      text(token) {
        return 'tokens' in token && token.tokens !== undefined ? this.parser.parseInline(token.tokens) : escapeHtml(token.text);
      },
      codespan: ({ text }) => `<code>${escapeHtml(text)}</code>`,
      code: ({ text }) => `<pre><code>${escapeHtml(text)}</code></pre>\n`,
      heading({ tokens, depth }) {
        const rank = Math.min(6, Math.max(HIGHEST_RANK, depth));
        return `<h${rank}>${this.parser.parseInline(tokens)}</h${rank}>\n`;
      },
      table(token) {
        const row = (cells: readonly Tokens.TableCell[], tag: 'th' | 'td'): string =>
          `<tr>${cells.map((cell) => `<${tag}${cell.align === null ? '' : ` class="${cell.align}"`}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        // A wide table scrolls by itself; the focus lets the keyboard scroll it.
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>\n`;
      },
    },
    extensions: [
      {
        name: 'citation',
        level: 'inline',
        start: (source: string) => source.search(/\[\s*e\d/i),
        tokenizer(source: string) {
          const cited = citationAtStart(source);
          return cited === undefined ? undefined : { type: 'citation', raw: cited.written, ids: cited.ids };
        },
        renderer: (token) => citation(Array.isArray(token['ids']) ? token['ids'].map(String) : []),
      },
      {
        name: 'unsupported',
        level: 'inline',
        start: (source: string) => source.indexOf(UNSUPPORTED_MARK),
        tokenizer: (source: string) => (source.startsWith(UNSUPPORTED_MARK) ? { type: 'unsupported', raw: UNSUPPORTED_MARK } : undefined),
        renderer: () => `<span class="unsupported">${escapeHtml(unsupported)}</span>`,
      },
    ],
  });
  return marked.parse(markdown, { async: false });
}
