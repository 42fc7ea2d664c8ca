/** Units of measure and currencies, in several languages, brought to one unit of each kind. */
import { decimalOf, type Decimal } from './decimal.ts';

export interface Unit {
  /** Equal for units that can be compared once multiplied by `factor`. */
  kind: string;
  factor: Decimal;
  /** Words that are often left out or implied, as in "aged 12": a number without a unit does not contradict them. */
  soft: boolean;
}

interface UnitSpelling {
  /** Regular expressions, tried after a number; words match in either case, abbreviations as they stand. */
  words?: string;
  signs?: string;
  kind: string;
  factor?: string;
  soft?: boolean;
}

/** Prefixes of metric units whose abbreviations are put together here. */
const metric = (kind: string, base: string, word: string, prefixes: readonly [sign: string, word: string, factor: string][]): UnitSpelling[] =>
  prefixes.map(([sign, prefix, factor]) => ({ kind, factor, signs: `${sign}${base}`, words: `${prefix}(?:${word})` }));

const METRE = 'm(?:et(?:re|er)n?s?|ètres?|etros?|etri|etro)';
const GRAM = '(?:gram(?:me|m)?(?:en|s|i|o|os)?|gramo?s?)';
const SQUARE = '(?:sq(?:uare|\\.)?|quadrat|vierkante)[ -]?';

const SPELLINGS: readonly UnitSpelling[] = [
  { kind: 'percentage point', signs: 'pp|p\\.p\\.|ppt', words: 'percentage[ -]points?|prozentpunkten?|prozentpunkte?|points? de pourcentage|puntos? porcentual(?:es)?|punt[io] percentual[ei]|pontos? percentua(?:l|is)|procentpunt(?:en)?' },
  { kind: 'percent', signs: '[%٪％]', words: 'per ?cent|pct|prozent|pour ?cent|por ?ciento|per ?cento|por ?cento|procent' },
  { kind: 'percent', factor: '0.1', signs: '‰', words: 'per mill?e?|promille' },
  // Areas and speeds stand before the lengths that they begin with.
  { kind: 'speed', signs: 'km/h|kmh|kph', words: 'kilomet(?:re|er)s? (?:per|an) hour|stundenkilometern?|kilomètres? ?(?:par heure|/h|-heure)' },
  { kind: 'speed', factor: '1.609344', signs: 'mph', words: 'miles? (?:per|an) hour' },
  { kind: 'speed', factor: '3.6', signs: 'm/s', words: 'met(?:re|er)s? per second' },
  { kind: 'area', factor: '1000000', signs: 'km²|km2|sq\\.? ?km', words: `${SQUARE}kilo${METRE}|kilomètres? carrés?|kilómetros cuadrados|chilometri quadrati|quilómetros quadrados|quilômetros quadrados` },
  { kind: 'area', signs: 'm²|m2|sq\\.? ?m', words: `${SQUARE}${METRE}|mètres? carrés?|metros cuadrados|metri quadrati|metros quadrados` },
  { kind: 'area', factor: '10000', signs: 'ha', words: 'hectares?|hektare?n?|ettari|hectáreas?' },
  { kind: 'square mile', signs: 'sq\\.? ?mi', words: 'square miles?|quadratmeilen' },
  { kind: 'square foot', signs: 'sq\\.? ?ft', words: 'square f(?:ee|oo)t' },
  { kind: 'acre', words: 'acres?' },
  { kind: 'volume', factor: '1000', signs: 'm³|m3', words: `cubic ${METRE}|kubik${METRE}|mètres? cubes?|metros cúbicos|metri cubi` },
  { kind: 'volume', factor: '1000000000000', signs: 'km³|km3', words: `cubic kilo${METRE}|kubikkilo${METRE}` },
  { kind: 'rate', signs: 'kg/m³|g/cm³|mg/dl|mg/dL|g/l|g/L|µg/m³|μg/m³|mmHg' },
  ...metric('length', 'm', METRE, [['k', '(?:k|ch|qu)[ií]l[oóô]', '1000'], ['c', '(?:c|z)ent[ií]', '0.01'], ['m', 'mil[l]?[ií]', '0.001'], ['[µμ]', 'mi[ck]r[oó]', '0.000001'], ['n', 'nan[oó]', '0.000000001'], ['d', 'd[eé][cz]i', '0.1']]),
  { kind: 'length', signs: 'm', words: METRE },
  { kind: 'mile', signs: 'mi', words: 'miles?|meilen?|milles?|millas?|miglia|milhas?|mijl(?:en)?' },
  { kind: 'foot', signs: 'ft', words: 'feet|foot|fuß|pieds|pies|piedi|pés|voet' },
  { kind: 'inch', words: 'inch(?:es)?|zoll|pouces|pulgadas|pollici|polegadas' },
  { kind: 'yard', signs: 'yd', words: 'yards?' },
  { kind: 'nautical mile', signs: 'nmi', words: 'nautical miles?|seemeilen' },
  { kind: 'light year', signs: 'ly', words: 'light[ -]?years?|lichtjahren?|lichtjahre|années-lumière|años luz|anni luce|anos-luz' },
  ...metric('mass', 'g', GRAM, [['k', '(?:k|ch|qu)[ií]l[oóô]', '1000'], ['m', 'mil[l]?[ií]', '0.001'], ['[µμ]', 'mi[ck]r[oó]', '0.000001'], ['n', 'nan[oó]', '0.000000001']]),
  { kind: 'mass', factor: '1000', words: 'kilos?' },
  { kind: 'mass', signs: 'g', words: GRAM },
  { kind: 'mass', factor: '1000000', signs: 't', words: '(?:metric )?tonn?e[sn]?|(?:metric )?tons?|toneladas?|tonnellat[ae]' },
  { kind: 'pound mass', signs: 'lbs?' },
  { kind: 'ounce', signs: 'oz', words: 'ounces?|unzen?' },
  { kind: 'energy', factor: '3.6', signs: 'kWh', words: 'kilowatt[ -]?(?:hours?|stunden?|heures?)' },
  { kind: 'energy', factor: '3600', signs: 'MWh', words: 'megawatt[ -]?(?:hours?|stunden?|heures?)' },
  { kind: 'energy', factor: '3600000', signs: 'GWh', words: 'gigawatt[ -]?(?:hours?|stunden?|heures?)' },
  { kind: 'energy', factor: '3600000000', signs: 'TWh', words: 'terawatt[ -]?(?:hours?|stunden?|heures?)' },
  { kind: 'energy', signs: 'MJ', words: 'megajoules?' }, { kind: 'energy', factor: '0.001', signs: 'kJ', words: 'kilojoules?' }, { kind: 'energy', factor: '0.000001', signs: 'J', words: 'joules?' },
  { kind: 'calorie', factor: '1000', signs: 'kcal', words: 'kilocalories?|kilokalorien' }, { kind: 'calorie', signs: 'cal', words: 'calories?|kalorien' },
  { kind: 'power', factor: '1000', signs: 'kW', words: 'kilowatts?' }, { kind: 'power', factor: '1000000', signs: 'MW', words: 'megawatts?' },
  { kind: 'power', factor: '1000000000', signs: 'GW', words: 'gigawatts?' }, { kind: 'power', factor: '1000000000000', signs: 'TW', words: 'terawatts?' }, { kind: 'power', signs: 'W', words: 'watts?' },
  { kind: 'horsepower', signs: 'hp|PS', words: 'horsepower' },
  { kind: 'frequency', signs: 'Hz', words: 'hertz' }, { kind: 'frequency', factor: '1000', signs: 'kHz', words: 'kilohertz' },
  { kind: 'frequency', factor: '1000000', signs: 'MHz', words: 'megahertz' }, { kind: 'frequency', factor: '1000000000', signs: 'GHz', words: 'gigahertz' },
  { kind: 'celsius', signs: '°C|℃|° C', words: '(?:degrees?|grad|degrés|grados|gradi|graus|graden) celsius|celsius|degrees? centigrade' },
  { kind: 'fahrenheit', signs: '°F|℉|° F', words: '(?:degrees?|grad|degrés|grados|gradi|graus|graden) fahrenheit|fahrenheit' },
  { kind: 'kelvin', words: 'kelvins?' },
  { kind: 'degree', signs: '°', words: 'degrees?|grad|degrés|grados|gradi|graus|graden' },
  { kind: 'volume', signs: 'l|L', words: 'lit(?:re|er)n?s?|litros?|litri' }, { kind: 'volume', factor: '0.001', signs: 'm[lL]', words: 'millilit(?:re|er)n?s?|millilitres' },
  { kind: 'barrel', signs: 'bbl', words: 'barrels?' }, { kind: 'gallon', words: 'gallons?' },
  { kind: 'byte', factor: '1000', signs: '[kK]B', words: 'kilobytes?' }, { kind: 'byte', factor: '1000000', signs: 'MB', words: 'megabytes?' },
  { kind: 'byte', factor: '1000000000', signs: 'GB', words: 'gigabytes?' }, { kind: 'byte', factor: '1000000000000', signs: 'TB', words: 'terabytes?' }, { kind: 'byte', factor: '1000000000000000', signs: 'PB', words: 'petabytes?' },
  { kind: 'byte', words: 'bytes?' },
  { kind: 'pressure', signs: 'hPa', factor: '100' }, { kind: 'pressure', signs: 'kPa', factor: '1000' }, { kind: 'pressure', signs: 'Pa', words: 'pascals?' }, { kind: 'pressure', signs: 'bar', factor: '100000' },
  { kind: 'volt', signs: 'V', words: 'volts?' }, { kind: 'volt', factor: '1000', signs: 'kV', words: 'kilovolts?' },
  { kind: 'decibel', signs: 'dB', words: 'decibels?|dezibel' },
  { kind: 'ppm', signs: 'ppm', words: 'parts per million' }, { kind: 'ppm', factor: '0.001', signs: 'ppb', words: 'parts per billion' },
  { kind: 'fold', words: 'fold|fach(?:e[nrs]?)?' },
  { kind: 'before our era', signs: 'BCE?|B\\.C\\.(?:E\\.)?|v\\. ?Chr\\.|av\\. ?J\\.-C\\.|a\\. ?C\\.|aC' },
  { kind: 'century', words: "cent(?:ury|uries)|jahrhunderts?|jh\\.|siècles?|siglos?|secol[oi]|séculos?|eeuw(?:en)?", soft: true },
  { kind: 'decade', words: 'decades?|jahrzehnten?|jahrzehnte?|décennies?|décadas?|decenni(?:o)?', soft: true },
  { kind: 'year', words: "years?|yrs?|jahre?n?s?|jährigen?|jähriger?|jährlich|ans|années?|años?|anni|anno|anos?|jaar|jaren", soft: true },
  { kind: 'month', words: 'months?|monaten?|monate?|mois|meses|mes|mesi|mese|mês|maand(?:en)?', soft: true },
  { kind: 'week', words: 'weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week', soft: true },
  { kind: 'day', words: 'days?|tagen?|tage?|jours?|días?|giorn[io]|dias?|dag(?:en)?', soft: true },
  { kind: 'time', factor: '3600', signs: 'h|hrs?', words: 'hours?|stunden?|heures?|horas?|or[ae]|uren|uur', soft: true },
  { kind: 'time', factor: '60', signs: 'min', words: 'minutes?|minuten?|minutos?|minut[io]', soft: true },
  { kind: 'time', factor: '0.001', signs: 'ms', words: 'milliseconds?|millisekunden', soft: true },
  { kind: 'time', words: 'seconds|sekunden?|secondes|segundos|secondi|seconden', soft: true },
];

/** Currencies: what may stand before and after the number. */
const CURRENCIES: readonly { kind: string; before: string; words: string }[] = [
  { kind: 'AUD', before: 'A\\$|AU\\$|AUD', words: 'australian dollars?' },
  { kind: 'CAD', before: 'C\\$|CA\\$|CAD', words: 'canadian dollars?' },
  { kind: 'NZD', before: 'NZ\\$|NZD', words: 'new zealand dollars?' },
  { kind: 'HKD', before: 'HK\\$|HKD', words: 'hong kong dollars?' },
  { kind: 'SGD', before: 'S\\$|SGD', words: 'singapore dollars?' },
  { kind: 'BRL', before: 'R\\$|BRL', words: 'brazilian rea(?:is|ls?)|reais' },
  { kind: 'USD', before: 'US ?\\$|USD|\\$', words: '(?:us[- ]|u\\.s\\. |american )?dollars?|us-dollar|dólares?|dollari|dollaro' },
  { kind: 'EUR', before: '€|EUR', words: 'euros?' },
  { kind: 'GBP', before: '£|GBP', words: '(?:british )?pounds?(?: sterling)?|pfund|livres? sterling|libras?|sterline' },
  { kind: 'JPY', before: '¥|JPY', words: '(?:japanese )?yen' },
  { kind: 'CNY', before: 'CNY|RMB|CN¥', words: '(?:chinese )?yuan|renminbi' },
  { kind: 'CHF', before: 'CHF|SFr\\.?', words: 'swiss francs?|(?:schweizer )?franken|francs? suisses?' },
  { kind: 'INR', before: '₹|INR|Rs\\.?', words: '(?:indian )?rupees?|rupien' },
  { kind: 'KRW', before: '₩|KRW', words: '(?:south )?korean won' },
  { kind: 'RUB', before: '₽|RUB', words: '(?:russian )?rou?bles?|rubel' },
  { kind: 'SEK', before: 'SEK', words: '(?:swedish )?kron(?:or|a)' }, { kind: 'NOK', before: 'NOK', words: '(?:norwegian )?kroner' }, { kind: 'DKK', before: 'DKK', words: 'danish kroner' },
  { kind: 'PLN', before: 'PLN', words: 'z[łl]oty(?:ch)?' }, { kind: 'MXN', before: 'MXN|MX\\$', words: '(?:mexican )?pesos?' }, { kind: 'TRY', before: '₺|TRY', words: '(?:turkish )?lira' },
  { kind: 'cent', before: '(?!)', words: 'cents?|pence|p(?!\\.m)' },
];

const ONE = decimalOf('1');

interface CompiledUnit {
  pattern: RegExp;
  unit: Unit;
  /** Words fit the text in lower case: far quicker to compile than patterns that ignore case. */
  isWord: boolean;
}

/** Not a part of a longer word. */
const END = '(?![\\p{L}\\p{N}])';

const AFTER: readonly CompiledUnit[] = [
  ...SPELLINGS.flatMap(({ words, signs, kind, factor, soft = false }) => {
    const unit: Unit = { kind, factor: factor === undefined ? ONE : decimalOf(factor), soft };
    return [
      ...(words === undefined ? [] : [{ pattern: new RegExp(`^(?:${words})${END}`, 'u'), unit, isWord: true }]),
      ...(signs === undefined ? [] : [{ pattern: new RegExp(`^(?:${signs})${END}`, 'u'), unit, isWord: false }]),
    ];
  }),
  ...CURRENCIES.flatMap(({ kind, before, words }) => {
    const unit: Unit = { kind, factor: ONE, soft: false };
    return [{ pattern: new RegExp(`^(?:${words})${END}`, 'u'), unit, isWord: true }, { pattern: new RegExp(`^(?:${before})${END}`, 'u'), unit, isWord: false }];
  }),
];

const BEFORE: readonly Omit<CompiledUnit, 'isWord'>[] = CURRENCIES.map(({ kind, before }) => ({
  pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${before})[\\s\\u00a0]?$`, 'u'),
  unit: { kind, factor: ONE, soft: false },
}));

/** Whether any of them fits at all, in one pass: most words after a number are no unit. */
const anyOf = (units: readonly CompiledUnit[]): RegExp => new RegExp(units.map(({ pattern }) => `(?:${pattern.source})`).join('|'), 'u');
const ANY_WORD = anyOf(AFTER.filter(({ isWord }) => isWord));
const ANY_SIGN = anyOf(AFTER.filter(({ isWord }) => !isWord));

/** The unit that `text` begins with, the longest of those that fit, and its length. */
export function unitAfter(text: string): { unit: Unit; length: number } | undefined {
  const lower = text.toLowerCase();
  if (!ANY_WORD.test(lower) && !ANY_SIGN.test(text)) return undefined;
  let best: { unit: Unit; length: number } | undefined;
  for (const { pattern, unit, isWord } of AFTER) {
    const length = pattern.exec(isWord ? lower : text)?.[0].length ?? 0;
    if (length > (best?.length ?? 0)) best = { unit, length };
  }
  return best;
}

/** The currency that `text` ends with, and its length. */
export function currencyBefore(text: string): { unit: Unit; length: number } | undefined {
  if (!/[\p{Lu}\p{Sc}.][\s\u00a0]?$/u.test(text)) return undefined;
  let best: { unit: Unit; length: number } | undefined;
  for (const { pattern, unit } of BEFORE) {
    const length = pattern.exec(text)?.[0].length ?? 0;
    if (length > (best?.length ?? 0)) best = { unit, length };
  }
  return best;
}
