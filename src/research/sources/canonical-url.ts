/** One address for one document, however it was found: two hits with the same are one. For comparing only; what is read is the hit's own. */

/** Parameters that say who sent the reader, not what is read. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|_ga|_gl|vero_id|oly_enc_id|oly_anon_id|s_cid|ref_src|ref_url|cmpid|guccounter|guce_referrer|guce_referrer_sig|amp|outputtype|srsltid|spm)$/i;

/** arXiv's pages, PDFs, versions and mirrors of one paper; old ids have their subject before the number. */
const ARXIV = /^\/(?:abs|pdf|html|format|e-print)\/((?:[a-z-]+(?:\.[a-z]{2})?\/)?\d{4}\.?\d{3,5})(?:v\d+)?(?:\.pdf)?$/i;
const DOI = /^10\.\d{4,9}\/\S+$/;

/**
 * The address in its plainest form: no scheme, `www.`, `m.` or `amp.`, default port, tracking parameters, fragment (unless it is the route of a
 * page that is an application), AMP path or slash at the end; DOIs and arXiv ids in one writing. An address that is none is given back as it is.
 */
export function canonicalUrl(address: string): string {
  const doi = doiOf(address);
  if (doi !== undefined) return doi;
  const outer = URL.parse(address.trim());
  if (outer === null) return address.trim();
  if (outer.protocol !== 'http:' && outer.protocol !== 'https:') {
    outer.hash = '';
    return outer.href;
  }
  const url = unwrapAmp(outer);
  const host = url.hostname.toLowerCase().replace(/\.$/, '').replace(/^(?:www\d?|amp|m|mobile)\.(?=[^.]+\.)/, '').replace(/^([a-z-]{2,12})\.m\.(wik\w+\.org)$/, '$1.$2');
  if (host === 'arxiv.org' || host.endsWith('.arxiv.org')) {
    const id = ARXIV.exec(url.pathname)?.[1];
    if (id !== undefined) return `arxiv:${id.toLowerCase()}`;
  }
  const known = knownPage(host, url);
  if (known !== undefined) return known;
  const path = plainPath(url.pathname);
  return `${host}${url.port === '' ? '' : `:${url.port}`}${path}${plainQuery(url.searchParams)}${routeOf(url.hash)}`;
}

/** `doi:10.…` in lower case, from `doi:…`, a bare DOI, or a resolver's address; arXiv's own DOIs become their arXiv id. */
function doiOf(address: string): string | undefined {
  const written = address.trim();
  // Old DOIs hold a # or ?, which an address has to encode.
  const resolved = /^https?:\/\/(?:dx\.|www\.)?doi\.org\/([^?#]+)/i.exec(written)?.[1];
  const doi = (resolved === undefined ? written.replace(/^doi:\s*/i, '') : decode(resolved)).replace(/\/+$/, '').toLowerCase();
  if (!DOI.test(doi)) return undefined;
  const paper = /^10\.48550\/arxiv\.(.+?)(?:v\d+)?$/.exec(doi)?.[1];
  return paper === undefined ? `doi:${doi}` : `arxiv:${paper}`;
}

/** Articles that are found under several hosts. */
function knownPage(host: string, { pathname, searchParams }: URL): string | undefined {
  const pubmed = host === 'pubmed.ncbi.nlm.nih.gov' ? /^\/(\d+)\/?$/.exec(pathname) : host === 'ncbi.nlm.nih.gov' ? /^\/pubmed\/(\d+)\/?$/.exec(pathname) : null;
  if (pubmed !== null) return `pubmed:${pubmed[1]}`;
  const central = host === 'pmc.ncbi.nlm.nih.gov' || host === 'ncbi.nlm.nih.gov' ? /^\/(?:pmc\/)?articles\/(PMC\d+)(?:\/|$)/i.exec(pathname)?.[1] : undefined;
  if (central !== undefined) return `pmc:${central.toUpperCase()}`;
  const video = host === 'youtu.be' ? pathname.slice(1) : host === 'youtube.com' && pathname === '/watch' ? searchParams.get('v') : undefined;
  return video == null || video === '' ? undefined : `youtube:${video}`;
}

/** Applications in one page name theirs after the #: `#/page` and `#!page`. */
const routeOf = (hash: string): string => (/^#!?\//.test(hash) || hash.startsWith('#!') ? hash : '');

/** The page behind Google's and the CDN's AMP viewers. */
function unwrapAmp(url: URL): URL {
  const viewer = /^\/amp\/(?:s\/)?(.+)$/.exec(url.pathname)?.[1];
  const isViewer = /(?:^|\.)google\.[a-z.]+$/.test(url.hostname) || url.hostname.endsWith('.cdn.ampproject.org');
  const behind = /^\/[cv]\/(?:s\/)?(.+)$/.exec(url.pathname)?.[1];
  const inner = isViewer ? (viewer ?? (url.hostname.endsWith('.cdn.ampproject.org') ? behind : undefined)) : undefined;
  return (inner === undefined ? null : URL.parse(`https://${inner}${url.search}`)) ?? url;
}

function plainPath(pathname: string): string {
  const path = decode(pathname)
    .replace(/\/{2,}/g, '/')
    .replace(/^\/amp(?=\/.)/, '')
    .replace(/\/(?:amp|amp\.html|index\.(?:html?|php))\/?$/i, '/')
    .replace(/\.amp(?:\.html)?$/i, '')
    .replace(/\/+$/, '');
  return encodeURI(path);
}

function plainQuery(parameters: URLSearchParams): string {
  const kept = [...parameters].filter(([name, value]) => !TRACKING.test(name) && !(name === 'ref' && /^[\w.-]*$/.test(value)));
  const sorted = kept.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).sort();
  return sorted.length === 0 ? '' : `?${sorted.join('&')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % is part of the address.
    return text;
  }
}
