/** Places and peoples under their names in several languages: a German report may say Deutschland where its source says Germany. */
import { folded, KNOWN_LANGUAGES } from './language.ts';

const PLACES: readonly string[] = [
  'usa us u.s. u.s u.s.a. america american americans united-states vereinigte-staaten etats-unis estados-unidos stati-uniti verenigde-staten us-amerikanisch amerikanisch americain',
  'uk u.k. britain british great-britain united-kingdom großbritannien vereinigtes-königreich royaume-uni reino-unido regno-unito verenigd-koninkrijk britons',
  'eu european-union europäische-union union-européenne unión-europea unione-europea união-europeia europese-unie',
  'un united-nations vereinte-nationen nations-unies naciones-unidas nazioni-unite nações-unidas verenigde-naties onu vn',
  'who weltgesundheitsorganisation oms world-health-organization world-health-organisation',
  'nato otan', 'europe europa european europäisch européen europeo europeu europees europeans', 'africa afrika afrique african', 'asia asien asie azië asian', 'australia australien australie australian',
  'germany german germans', 'france french', 'spain spanish spaniards spaniard', 'italy italian', 'netherlands dutch holland', 'poland polish poles', 'switzerland swiss', 'sweden swedish swedes', 'norway norwegian', 'denmark danish danes', 'finland finnish finns', 'ireland irish',
  'greece greek greeks', 'turkey turkish turks türkiye', 'china chinese', 'japan japanese', 'russia russian', 'ukraine ukrainian', 'portugal portuguese', 'brazil brazilian', 'mexico mexican', 'canada canadian', 'india indian', 'egypt egyptian', 'iceland icelandic', 'austria austrian', 'belgium belgian', 'wales welsh', 'scotland scottish scots', 'england english',
  'vienna wien vienne viena', 'munich münchen monaco-di-baviera', 'cologne köln colonia', 'rome rom roma', 'milan mailand milano', 'venice venedig venezia venise', 'florence florenz firenze', 'naples neapel napoli', 'turin torino', 'prague prag praga praha', 'warsaw warschau varsovie varsovia warszawa',
  'moscow moskau moscou moscú mosca moskva', 'geneva genf genève ginebra ginevra', 'zurich zürich zurigo', 'lisbon lissabon lisbonne lisboa', 'athens athen athènes atenas atene', 'brussels brüssel bruxelles bruselas brussel', 'copenhagen kopenhagen copenhague københavn', 'beijing peking pékin pekín', 'tokyo tokio', 'cairo kairo le-caire',
  'london londres londra londen', 'paris parigi parijs', 'berlin berlino berlijn berlín', 'danube donau danubio', 'rhine rhein rhin reno', 'bavaria bayern bavière baviera', 'tuscany toskana toscana', 'mediterranean mittelmeer méditerranée', 'alps alpen alpes alpi', 'hanover hannover', 'nuremberg nürnberg', 'the-hague den-haag', 'antwerp antwerpen anvers', 'seville sevilla séville',
];

const byName = new Map<string, Set<string>>();

function link(names: readonly string[]): void {
  const group = new Set(names.map((name) => folded(name).replace(/[\s-]+/g, ' ')));
  for (const name of group) for (const other of byName.get(name) ?? []) group.add(other);
  for (const name of group) byName.set(name, group);
}

function fill(): void {
  const codes = 'AD AE AF AL AM AO AR AT AU AZ BA BD BE BF BG BI BJ BO BR BT BW BY CA CD CG CH CI CL CM CN CO CR CU CY CZ DE DK DO DZ EC EE EG ER ES ET FI FR GA GB GE GH GR GT GY HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KR KP KW KZ LA LB LK LR LS LT LU LV LY MA MD ME MG MK ML MM MN MR MT MU MW MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PG PH PK PL PT PY QA RO RS RU RW SA SD SE SG SI SK SN SO SS SV SY TD TG TH TJ TM TN TR TW TZ UA UG US UY UZ VE VN YE ZA ZM ZW'.split(' ');
  const tables = KNOWN_LANGUAGES.map((language) => new Intl.DisplayNames([language], { type: 'region' }));
  for (const code of codes) link(tables.flatMap((table) => table.of(code) ?? []));
  for (const line of PLACES) link(line.split(' '));
}

/** Whether it is the name of a country, a people or a city that is known here, in any language. */
export function isPlace(name: string): boolean {
  if (byName.size === 0) fill();
  return byName.has(folded(name).replace(/[\s-]+/g, ' ').trim());
}

/** Other names of the same place or body, lower case without accents, words parted by spaces; the name itself is among them. */
export function samePlace(name: string): ReadonlySet<string> {
  if (byName.size === 0) fill();
  const key = folded(name).replace(/[\s-]+/g, ' ').trim();
  return byName.get(key) ?? new Set([key]);
}
