/** The language of a text, as far as reading its numbers, dates and names needs it. */

/** Languages whose words for numbers, units and months are known here. Texts in others are read with English words and their own months. */
export const KNOWN_LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'] as const;

/** A language by its BCP 47 tag without script and region: `en`, `de`, ... */
export const baseLanguage = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? 'en';

/** The region of a BCP 47 tag: `US` of `en-US`, `TW` of `zh-Hant-TW`. */
export const regionOf = (tag = ''): string | undefined => /^[a-z]{2,3}-(?:[A-Z][a-z]{3}-)?([A-Z]{2})\b/.exec(tag)?.[1];

/** Pattern of letters of scripts that part words by spaces; those of others stand beside a number as a space does. */
export const SPACED_LETTER = '(?:(?![\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}])\\p{L})';

/** Words that are frequent in one language and rare in the others. */
const MARKERS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set('the of and to is was were that with for by from are which has have been it this how what when where who why do does did can'.split(' ')),
  de: new Set('der das und ist nicht mit von ein eine einen auf für dem den sich im wurde werden bei nach auch zum'.split(' ')),
  fr: new Set('le les des et est une dans du pour que qui sur pas avec au aux par ce sont été ses'.split(' ')),
  es: new Set('el los las del y es una en por con que su para fue como se más entre sus al lo'.split(' ')),
  it: new Set('il gli della di che è una per con sono nel del alla delle dei si più anche dal nella'.split(' ')),
  pt: new Set('o os as da do e é uma em no na com não para que foi por dos das ao pelo são'.split(' ')),
  nl: new Set('het een van en is in op met voor de dat zijn niet werd aan door ook bij naar te wordt'.split(' ')),
};

/** From what the document says of itself, or from its frequent words; English when there is no sign. */
export function languageOf(text: string, declared?: string): string {
  if (declared !== undefined && /^[a-z]{2,3}(?:[-_]|$)/i.test(declared)) return baseLanguage(declared);
  if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return 'ja';
  const sample = text.slice(0, 20_000);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if ((sample.match(/\p{sc=Han}/gu)?.length ?? 0) > letters / 2) return 'zh';
  if ((sample.match(/\p{sc=Cyrillic}/gu)?.length ?? 0) > letters / 2) return /[іїєґ]/i.test(sample) ? 'uk' : 'ru';
  if ((sample.match(/\p{sc=Greek}/gu)?.length ?? 0) > letters / 2) return 'el';
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best = 'en';
  let most = 0;
  for (const language of KNOWN_LANGUAGES) {
    const count = words.filter((word) => MARKERS[language]?.has(word)).length;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}

/** Lower case, without accents: as words are compared. */
export const folded = (word: string): string =>
  /^[ -~]*$/.test(word) ? word.toLowerCase() : word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ß/g, 'ss').replace(/ø/g, 'o').replace(/ł/g, 'l').replace(/æ/g, 'ae').replace(/œ/g, 'oe').replace(/[\u2019\u02bc]/g, "'");
