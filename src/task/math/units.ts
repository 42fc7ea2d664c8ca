/** Units behind a number: what they are called, and which names mean the same one. There is no conversion. */

/** First the name that stands for all. A `unit` is none in particular. */
const NAMES: readonly (readonly string[])[] = [
  ['m', 'meter', 'meters', 'metre', 'metres'], ['cm', 'centimeter', 'centimeters', 'centimetre', 'centimetres'],
  ['mm', 'millimeter', 'millimeters', 'millimetre', 'millimetres'], ['km', 'kilometer', 'kilometers', 'kilometre', 'kilometres'],
  ['in', 'inch', 'inches'], ['ft', 'foot', 'feet'], ['yd', 'yard', 'yards'], ['mi', 'mile', 'miles'],
  ['g', 'gram', 'grams'], ['kg', 'kilogram', 'kilograms', 'kilos'], ['mg', 'milligram', 'milligrams'], ['lb', 'lbs', 'pound', 'pounds', '£'],
  ['oz', 'ounce', 'ounces'], ['ton', 'tons', 'tonne', 'tonnes'], ['l', 'liter', 'liters', 'litre', 'litres'],
  ['ml', 'milliliter', 'milliliters', 'millilitre', 'millilitres'],
  ['gal', 'gallon', 'gallons'], ['qt', 'quart', 'quarts'], ['pt', 'pint', 'pints'], ['cup', 'cups'],
  ['s', 'sec', 'secs', 'second', 'seconds'], ['min', 'mins', 'minute', 'minutes'], ['h', 'hr', 'hrs', 'hour', 'hours'], ['day', 'days'],
  ['week', 'weeks'], ['month', 'months'], ['year', 'years', 'yr', 'yrs'], ['mph'], ['kph'],
  ['deg', 'degree', 'degrees'], ['rad', 'radian', 'radians'], ['degC', 'deg C', 'degrees Celsius', 'Celsius'],
  ['degF', 'deg F', 'degrees Fahrenheit', 'Fahrenheit'],
  ['dollar', 'dollars', 'usd', '$'], ['cent', 'cents', '¢'], ['euro', 'euros', 'eur', '€'], ['yen', '¥'],
  ['unit', 'units'], ['person', 'persons', 'people'], ['item', 'items'], ['piece', 'pieces'], ['time', 'times'], ['way', 'ways'], ['point', 'points'],
];
const CANONICAL = new Map(NAMES.flatMap((names) => names.map((name) => [name.toLowerCase(), names[0] ?? name] as const)));
const WRITTEN: Readonly<Record<string, string>> = { mph: 'mi/h', kph: 'km/h', unit: '' };

const ANY = [...CANONICAL.keys()].toSorted((a, b) => b.length - a.length).map((name) => name.replace('$', '\\$')).join('|');
const TERM = String.raw`(square|cubic|sq\.?|cu\.?)?\s*(?<![a-zA-Z])(${ANY})(?![a-zA-Z])(?:\s*\^\s*\(?\s*([23])\s*\)?)?`;
const TAIL = new RegExp(String.raw`(?:^|(?<=[\d)\s]))${TERM}(?:\s*(?:\/|per\s)\s*${TERM})?$`, 'i');

export interface WithUnit {
  /** What stands before the unit. */
  body: string;
  /** Its one name, such as `cm^2` or `km/h`; empty for `units`. */
  unit: string;
  /** A single letter right behind a digit, as in `3m`, may as well be a variable. */
  ambiguous: boolean;
}

/** Cuts the unit off the end of a text; undefined when it ends in none. */
export function splitUnit(text: string): WithUnit | undefined {
  const found = TAIL.exec(text);
  if (!found || found.index === 0) return undefined;
  const [written, prefix, name, power, perPrefix, perName, perPower] = found;
  const above = term(prefix, name, power);
  const unit = perName === undefined ? above : `${above}/${term(perPrefix, perName, perPower)}`;
  const ambiguous = /^[a-z]$/i.test(written) && !/\s$/.test(text.slice(0, found.index));
  return { body: text.slice(0, found.index).trim(), unit, ambiguous };
}

function term(prefix: string | undefined, name = '', power: string | undefined): string {
  const canonical = CANONICAL.get(name.toLowerCase()) ?? '';
  const base = WRITTEN[canonical] ?? canonical;
  const exponent = power ?? (prefix === undefined ? undefined : prefix.toLowerCase().startsWith('sq') ? '2' : '3');
  return base === '' || exponent === undefined ? base : `${base}^${exponent}`;
}

/** The unit of a sign of money in front of a number. */
export const unitOfCurrency = (sign: string): string => CANONICAL.get(sign) ?? '';
