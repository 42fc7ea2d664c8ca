/** Whether a sentence turns its source round: a negation that is not there, a rise for a fall, more for fewer. Only what code can tell for certain. */
import { folded } from './language.ts';

const list = (text: string): ReadonlySet<string> => new Set(text.split(' ').map(folded));

/** Words that deny. */
const NEGATORS = list("not no never none neither nor nobody nothing cannot without nicht kein keine keinen keiner keinem nie niemals weder ohne ne pas jamais aucun aucune sans ni nunca ningún ninguna sin jamás tampoco non nessun nessuna mai senza não nem nunca nenhum nenhuma sem niet geen nooit noch zonder");
/** Words that hold a denial in themselves; a sentence may say so with "not". */
const SOFT_NEGATIVES = list('fail fails failed failing failure lack lacks lacked lacking absent absence hardly barely scarcely rarely seldom unlikely unable unclear unknown except rather instead refuse refused refuses deny denied denies reject rejected rejects avoid avoided prevent prevented little few fewer less stop stopped false wrong doubt unless kaum selten fehlt fehlen fehlte statt sondern wenig weniger unklar scheiterte lehnte manque peu rarement faute échoué apenas falta raramente poco manca falta pouco nauwelijks zelden weinig mislukte');

const tokens = (text: string): string[] => [...text.matchAll(/\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)?/gu)].map(([word]) => folded(word));

const isNegator = (word: string): boolean => NEGATORS.has(word) || word.endsWith("n't");

/** `not only`, `whether or not`, `no longer ... than`: denials that deny nothing. */
const IDIOMS = /\b(?:not only|not just|not least|whether or not|if not|no\. ?\d|no doubt|no less than|no fewer than|no more than|no later than|nicht nur|nicht zuletzt|non seulement|no solo|no sólo|non solo|não só|não apenas|niet alleen)\b/giu;

const plain = (text: string): string => text.replace(IDIOMS, ' ').replace(/\bout of (?=(?:work|office|use|print|service|business|control|danger|reach|order|stock|school|hospital|money)\b)/giu, 'without ');

/** `hopeless`, `mühelos`; not `close`, `kilos`. */
const isWithout = (word: string): boolean => word.endsWith('less') || (word.length >= 6 && /[^cr]los(?:e[nrms]?)?$/.test(word));

const hasNegative = (text: string): boolean => tokens(plain(text)).some((word) => isNegator(word) || SOFT_NEGATIVES.has(word) || isWithout(word));

/** `unclear` denies what `not clear` denies. */
const hasOpposite = (text: string, words: readonly string[]): boolean =>
  tokens(text).some((word) => words.some((claim) => claim.length >= 4 && new RegExp(`^(?:un|in|im|ir|il|dis|non|mis|dés|des)-?${stem(claim)}`, 'u').test(word)));

/** `n't` and the like put the verb before them; others stand before what they deny. */
function deniedStems(text: string): { denied: Set<string>; affirmed: Set<string> } {
  const denied = new Set<string>();
  const affirmed = new Set<string>();
  const all = tokens(plain(text));
  let reach = 0;
  for (const word of all) {
    if (isNegator(word)) {
      reach = 3;
      continue;
    }
    const isContent = word.length >= 4 && !AUXILIARY.has(word);
    if (isContent && reach > 0) {
      denied.add(stem(word));
      reach = 0;
    } else if (isContent) affirmed.add(stem(word));
    else if (reach > 0) reach--;
  }
  return { denied, affirmed };
}

const AUXILIARY = list('been have that this also even ever very much more most yet any does with from into will would could should were was had has being significantly statistically necessarily clearly');

const stem = (word: string): string => word.replace(/y$/, 'i').slice(0, 5);

/** Sentences and quotations of a source that share a word with a claim: a denial elsewhere is of something else. */
function unitsAbout(sources: string, claims: readonly string[]): string[] {
  const wanted = new Set(claims.filter((word) => word.length >= 4 && !AUXILIARY.has(word)).map(stem));
  const quotations = [...sources.matchAll(/["“„«][^"“”„«»]+["“”»]/gu)].map(([quotation]) => quotation);
  const sentences = sources.replace(/["“„«][^"“”„«»]+["“”»]/gu, ' ').split(/(?<=[.!?])\s+(?=\P{Ll})/u);
  return [...sentences, ...quotations].filter((unit) => tokens(unit).some((word) => wanted.has(stem(word))));
}

/** What the sentence denies or affirms against its sources, in words; undefined when nothing is certain. Both in one language. */
export function polarityFault(sentence: string, sources: string): string | undefined {
  const claims = tokens(plain(sentence));
  const negator = claims.find(isNegator);
  if (negator !== undefined) return unitsAbout(sources, claims).some((unit) => hasNegative(unit)) || hasOpposite(sources, claims) ? undefined : `"${negator}" denies, and nothing in the source does`;
  if (hasNegative(sentence) || hasOpposite(sentence, [...deniedStems(sources).denied])) return undefined;
  const superlative = oppositeSuperlative(claims, sources);
  if (superlative !== undefined) return superlative;
  const { denied, affirmed } = deniedStems(sources);
  const word = claims.find((claim) => claim.length >= 4 && denied.has(stem(claim)) && !affirmed.has(stem(claim)));
  return word === undefined ? undefined : `the source denies "${word}"`;
}

/** Pairs of which a text that has the one and not the other says the opposite. */
const SUPERLATIVES: readonly (readonly [RegExp, RegExp])[] = [
  [/^highest$/, /^lowest$/], [/^(?:largest|biggest|greatest)$/, /^smallest$/], [/^longest$/, /^shortest$/], [/^oldest$/, /^(?:youngest|newest)$/],
  [/^best$/, /^worst$/], [/^(?:fastest|quickest)$/, /^slowest$/], [/^(?:hottest|warmest)$/, /^(?:coldest|coolest)$/], [/^heaviest$/, /^lightest$/], [/^richest$/, /^poorest$/], [/^strongest$/, /^weakest$/],
  [/^hochste[nmrs]?$/, /^(?:niedrigste|tiefste|geringste)[nmrs]?$/], [/^grosste[nmrs]?$/, /^kleinste[nmrs]?$/], [/^langste[nmrs]?$/, /^kurzeste[nmrs]?$/], [/^alteste[nmrs]?$/, /^(?:jungste|neueste)[nmrs]?$/],
  [/^beste[nmrs]?$/, /^schlechteste[nmrs]?$/], [/^schnellste[nmrs]?$/, /^langsamste[nmrs]?$/], [/^warmste[nmrs]?$/, /^kalteste[nmrs]?$/],
];

function oppositeSuperlative(claims: readonly string[], sources: string): string | undefined {
  const said = tokens(sources);
  for (const [one, other] of SUPERLATIVES.flatMap(([a, b]) => [[a, b], [b, a]] as const)) {
    const claim = claims.find((word) => one.test(word));
    const opposite = said.find((word) => other.test(word));
    if (claim !== undefined && opposite !== undefined && !said.some((word) => one.test(word))) return `"${claim}" for "${opposite}"`;
  }
  return undefined;
}

const RANK = '(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\\d+(?:nd|rd|th))';

/** "The first woman", where the source knows the fourth and no first: in words, or undefined. English only. */
export function wrongFirst(sentence: string, sources: string): string | undefined {
  const noun = /\b(?:the|a|its|his|her|their) first (\p{Ll}{3,})/u.exec(sentence)?.[1];
  if (noun === undefined || /\b(?:first|1st|only|maiden|inaugural|earliest|oldest|never|debut|new)\b/iu.test(sources)) return undefined;
  const said = new RegExp(`\\b${RANK} ${noun}\\b`, 'iu').exec(sources)?.[0];
  return said === undefined ? undefined : `"first ${noun}" for "${said}"`;
}

const UP = list('rise rises rose risen rising raise raised raises increase increases increased increasing grow grows grew grown growing growth climb climbed climbs gain gained gains soar soared surge surged jump jumped up higher more stieg stiegen steigt steigen gestiegen anstieg zunahme wuchs gewachsen zunehmen mehr höher augmenté augmente augmentation hausse progressé progression plus aumentó aumentado aumento creció crecimiento subió más aumentato aumenta cresciuto crescita salito più aumentou cresceu crescimento subiu mais steeg gestegen toename groei groeide meer');
const DOWN = list('fall falls fell fallen falling decrease decreases decreased decreasing decline declined declines declining drop drops dropped dropping shrink shrank shrunk reduce reduced reduces reduction cut cuts lower lost loss plunge plunged slump slumped down fewer less sank sanken sinkt sinken gesunken rückgang abnahme fiel fielen gefallen schrumpfte weniger niedriger diminué diminue diminution baisse baissé recul reculé moins disminuyó disminuido disminución cayó caída bajó menos diminuito diminuzione calo calato sceso meno diminuiu caiu queda redução menos daalde gedaald daling afname kromp minder');

/** `up`, `down`, or undefined where the words near a number say neither or both. */
export function directionNear(text: string, start: number, end: number): 'up' | 'down' | undefined {
  const before = text.slice(Math.max(0, start - 60), start).split(/[.;:!?]\s/).at(-1) ?? '';
  const after = (text.slice(end, end + 30).split(/[.;:!?,]\s|\band\b|\bund\b|\bet\b/)[0] ?? '').replace(/^\s*(?:to|auf|à|a)\b.*/i, '');
  const near = [...tokens(before.replace(/\bup to\b/giu, ' ')).slice(-6), ...tokens(after).slice(0, 3)];
  const up = near.some((word) => UP.has(word));
  const down = near.some((word) => DOWN.has(word));
  return up === down ? undefined : up ? 'up' : 'down';
}

const AT_LEAST = /(?:\b(?:more than|at least|over|above|exceed(?:s|ed|ing)?|no (?:fewer|less) than|a minimum of|mehr als|mindestens|über|plus d[e']|au moins|más de|al menos|por lo menos|più di|almeno|oltre|mais de|pelo menos|meer dan|minstens|ten minste)|[>≥])\s*$/iu;
const AT_MOST = /(?:\b(?:fewer than|less than|at most|under|below|no more than|up to|a maximum of|nearly|almost|just under|weniger als|höchstens|unter|bis zu|fast|knapp|moins d[e']|au plus|près d[e']|presque|jusqu'à|menos de|como máximo|hasta|casi|meno di|al massimo|fino a|quasi|menos de|no máximo|até|quase|minder dan|hoogstens|maximaal|bijna)|[<≤])\s*$/iu;
const ABOUT = /(?:\b(?:about|around|roughly|approximately|some|circa|nearly|almost|over|more than|just under|just over|close to|well over|fewer than|less than|under|rund|etwa|ungefähr|knapp|gut|fast|über|mehr als|weniger als|environ|près de|presque|quelque|plus de|moins de|unos|unas|cerca de|casi|aproximadamente|alrededor de|más de|menos de|circa|quasi|quase|cerca de|aproximadamente|mais de|ongeveer|bijna|meer dan|zo'n)|[~≈])\s*$/iu;

const NEARLY = /(?:\b(?:about|around|roughly|approximately|some|circa|nearly|almost|just under|close to|rund|etwa|ungefähr|knapp|fast|environ|près de|presque|quelque|unos|unas|cerca de|casi|aproximadamente|alrededor de|quasi|quase|ongeveer|bijna)|[~≈])\s*$/iu;

/** Whether the words before a number say that it is near another, on either side or just below it. */
export const isNearly = (text: string, start: number): boolean => NEARLY.test(text.slice(Math.max(0, start - 24), start));

/** What stands before a number: a lower or an upper bound. */
export function boundBefore(text: string, start: number): 'at least' | 'at most' | undefined {
  const before = text.slice(Math.max(0, start - 24), start);
  if (AT_MOST.test(before)) return 'at most';
  return AT_LEAST.test(before) ? 'at least' : undefined;
}

const FROM = /\b(?:from|von)\s+(?:\p{Ll}+\s+)?$/iu;
const TO = /\b(?:to|auf)\s+(?:\p{Ll}+\s+)?$/iu;

/** Whether a number is where something started or ended, as in "fell from 12 to 9". */
export const isEndOfChange = (text: string, start: number): boolean => endOfChange(text, start) !== undefined;

export function endOfChange(text: string, start: number): 'from' | 'to' | undefined {
  const before = text.slice(Math.max(0, start - 24), start);
  return FROM.test(before) ? 'from' : TO.test(before) ? 'to' : undefined;
}

/** Whether the words before a number say that it is rounded. */
export const isRounded = (text: string, start: number): boolean => ABOUT.test(text.slice(Math.max(0, start - 24), start));
