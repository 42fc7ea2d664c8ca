/** A report as PDF, printed by the Chromium of this machine. */
import { R5Error } from '../../error.ts';
import { findChromium } from '../web/chromium-path.ts';
import { launchChromium } from '../web/launch-chromium.ts';
import { escapeHtml } from './html-text.ts';
import { reportToHtml } from './report-html.ts';
import type { Report } from './report.ts';

export interface PdfOptions {
  /** Path of the browser. Default: found on this machine. */
  chromium?: string;
}

/** Throws R5Error when there is no Chromium or it does not start. */
export async function reportToPdf(report: Report, { chromium = findChromium() }: PdfOptions = {}): Promise<Uint8Array> {
  if (chromium === undefined) throw new R5Error('a PDF is printed by Chromium, and none was found on this machine. Install Chromium or Chrome, or take the HTML report and print it.');
  let browser;
  try {
    browser = await launchChromium(chromium);
  } catch (cause) {
    throw new R5Error(`${chromium} did not start, so there is no PDF: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`, { cause });
  }
  try {
    const page = await browser.newPage({ javaScriptEnabled: false, offline: true });
    await page.setContent(reportToHtml(report), { waitUntil: 'load' });
    return await page.pdf({
      format: 'A4', preferCSSPageSize: false, printBackground: false, tagged: true, outline: true, displayHeaderFooter: true,
      margin: { top: '20mm', bottom: '20mm', left: '18mm', right: '18mm' },
      headerTemplate: '<span></span>',
      footerTemplate: `<div style="font:8px sans-serif;color:#666;width:100%;padding:0 18mm;display:flex;justify-content:space-between"><span>${escapeHtml(report.title)}</span><span class="pageNumber"></span></div>`,
    });
  } finally {
    await browser.close();
  }
}
