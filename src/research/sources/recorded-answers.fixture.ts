/** Answers in the shapes that the services give, written out by hand after their documentation and their own clients; each adapter names which. */

export const EXA = {
  requestId: 'b5947044c4b78efa9552a7c89b306d95', resolvedSearchType: 'neural', searchTime: 812.4,
  results: [
    { id: 'https://arxiv.org/abs/1706.03762', title: 'Attention Is All You Need', url: 'https://arxiv.org/abs/1706.03762', publishedDate: '2017-06-12T00:00:00.000Z', author: 'Ashish Vaswani', score: 0.41, text: 'The dominant sequence models.' },
    { id: 'https://example.org/x', title: null, url: 'https://example.org/x', publishedDate: null, author: null, text: 'Plain text of the page.' },
  ],
  costDollars: { total: 0.007, search: { neural: 0.007 } }, effectiveFilters: null,
};

export const TAVILY = {
  query: 'q', follow_up_questions: null, answer: null, images: [],
  results: [{ url: 'https://news.example.org/a', title: 'Heat pumps sell', content: 'Sales rose.', score: 0.83, raw_content: 'Sales rose by a third in 2024.', published_date: 'Tue, 12 Mar 2024 10:00:00 GMT' }],
  response_time: 1.09, usage: { credits: 1 }, request_id: '123e4567',
};

export const BRAVE = {
  type: 'search', query: { original: 'q', more_results_available: true }, mixed: { type: 'mixed', main: [] },
  web: { type: 'search', results: [{ type: 'search_result', title: 'Tides &amp; moons', url: 'https://tides.example.org/', is_source_local: false, description: 'The <strong>moon</strong> pulls.', page_age: '2023-05-01T09:00:00', age: 'May 1, 2023', language: 'en', extra_snippets: ['Twice a day.'], profile: { name: 'Tides' } }] },
};

export const SERPER = {
  searchParameters: { q: 'q', type: 'search', num: 10, engine: 'google' },
  organic: [{ title: 'Apple', link: 'https://www.apple.com/', snippet: 'Discover the iPhone.', date: 'Mar 5, 2024', position: 1 }, { title: 'No link', position: 2 }],
  credits: 1,
};

export const SEARXNG = {
  query: 'q', number_of_results: 0, answers: [], corrections: [], infoboxes: [], suggestions: [], unresponsive_engines: [['google', 'CAPTCHA']],
  results: [{ url: 'https://example.org/s', title: 'Found', content: 'Something', publishedDate: '2022-01-05T00:00:00', engine: 'bing', engines: ['bing'], score: 1, category: 'general', parsed_url: ['https', 'example.org', '/s', '', '', ''], template: 'default.html' }],
};

export const WIKIPEDIA = {
  batchcomplete: true, continue: { sroffset: 1, continue: '-||' },
  query: { searchinfo: { totalhits: 2 }, search: [{ ns: 0, title: 'C++ (language)', pageid: 72038, snippet: 'C++ is a <span class="searchmatch">language</span> &amp; more', timestamp: '2024-05-01T00:00:00Z' }] },
};

export const ARXIV = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">ArXiv Query</title><id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">1</opensearch:totalResults>
<entry><id>http://arxiv.org/abs/1706.03762v7</id><updated>2023-08-02T00:41:18Z</updated><published>2017-06-12T17:57:34Z</published><title>Attention Is
  All You Need</title><summary>  The dominant models &lt; all.
</summary><author><name>Ashish Vaswani</name></author><author><name>Noam Shazeer</name></author><link href="http://arxiv.org/abs/1706.03762v7" rel="alternate" type="text/html"/></entry></feed>`;

export const ARXIV_ERROR = `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title><summary>incorrect id format for x</summary></entry></feed>`;

export const OPENALEX = {
  meta: { count: 1, db_response_time_ms: 41, page: 1, per_page: 10 },
  results: [{
    id: 'https://openalex.org/W2741809807', doi: 'https://doi.org/10.7717/peerj.4375', display_name: 'The state of OA', publication_date: '2018-02-13', language: 'en',
    abstract_inverted_index: { Despite: [0], growing: [1], interest: [2, 4], 'in': [3] }, best_oa_location: { landing_page_url: 'https://doi.org/10.7717/peerj.4375', pdf_url: 'https://peerj.com/articles/4375.pdf' },
    primary_location: { landing_page_url: 'https://doi.org/10.7717/peerj.4375', pdf_url: null }, authorships: [{ author_position: 'first', author: { id: 'A1', display_name: 'Heather Piwowar' } }],
  }],
  group_by: [],
};

export const PUBMED_IDS = { header: { type: 'esearch', version: '0.3' }, esearchresult: { count: '1', retmax: '1', retstart: '0', idlist: ['31452104'], translationset: [], querytranslation: 'x' } };

export const PUBMED_ARTICLES = `<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">31452104</PMID><Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>2019</Year><Month>Aug</Month><Day>7</Day></PubDate></JournalIssue><Title>J</Title></Journal>
<ArticleTitle>Sleep and <i>memory</i>.</ArticleTitle><Abstract><AbstractText Label="BACKGROUND">Sleep helps.</AbstractText><AbstractText Label="RESULTS">It does.</AbstractText></Abstract>
<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Doe</LastName><ForeName>Jane</ForeName></Author></AuthorList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>`;

export const BRAVE_NEWS = { type: 'news', query: { original: 'q', spellcheck_off: false }, results: [{ type: 'news_result', title: 'Moon', url: 'https://news.example.org/m', description: 'A <strong>probe</strong> landed.', age: '2 hours ago', page_age: '2026-01-02T03:04:05', meta_url: { hostname: 'news.example.org' } }] };

export const SERPER_SCHOLAR = { searchParameters: { q: 'q', type: 'scholar', engine: 'google-scholar' }, organic: [{ title: 'Attention', link: 'https://arxiv.org/abs/1706.03762', publicationInfo: 'A Vaswani - NeurIPS, 2017', snippet: 'Models', year: 2017, citedBy: 100000, id: 'x' }], credits: 1 };

export const PUBMED_BOOK = `<?xml version="1.0" ?><PubmedArticleSet><PubmedBookArticle><BookDocument><PMID Version="1">29261985</PMID><Book><Publisher><PublisherName>StatPearls Publishing</PublisherName></Publisher><BookTitle book="statpearls">StatPearls</BookTitle><PubDate><Year>2024</Year><Month>01</Month></PubDate></Book>
<ArticleTitle book="statpearls" part="article-1">Sleep Apnea</ArticleTitle><AuthorList><Author><CollectiveName>The Sleep Group</CollectiveName></Author></AuthorList><Abstract><AbstractText>Apnea is common.</AbstractText></Abstract></BookDocument></PubmedBookArticle></PubmedArticleSet>`;
