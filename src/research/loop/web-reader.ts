/** Reads the pages of hits through the guard of the web. */
import { SourceError } from '../source-error.ts';
import { PageReader } from '../web/read-page.ts';
import type { HitReader } from './research-context.ts';

/** Pages that a source found on this machine are not the web's to read: their source gives their text. */
export function webReader(pages: PageReader = new PageReader()): HitReader {
  return async ({ url, origin }, { signal }) => {
    if (origin === 'file' || !/^https?:/i.test(url)) throw new SourceError('refused', `${url} is no page of the web, and its source gave no text.`);
    return pages.read(url, { signal });
  };
}
