/** Sources and honest sentences about them, made from a seed; and ways to make a sentence false. */
import type { Random } from '../../random.ts';

/** A part of a sentence that can be made false: what it says, in several ways of writing. */
export type Slot =
  | { kind: 'number'; value: number; unit?: string; forms: readonly string[] }
  | { kind: 'date'; year: number; month: number; day: number; forms: readonly string[]; language: string }
  | { kind: 'year'; year: number; forms: readonly string[] }
  | { kind: 'name'; forms: readonly string[] }
  | { kind: 'quote'; forms: readonly string[] };

export type Part = string | Slot;

export interface Source {
  family: string;
  language: string;
  title: string;
  text: string;
  /** Honest sentences about the text, as parts. */
  claims: readonly (readonly Part[])[];
  claimLanguage: string;
}

const FIRST = 'Marie Anton Helena Ruth Oscar Victor Clara Julia Simon Laura Peter Ingrid Pablo Nadia Tomas Edith Bruno Alice Hugo Irene Walter Sofia Martin Elena Conrad Beatrix Leonard Agnes Felix Dorothea'.split(' ');
const LAST = 'Lindqvist Moreau Castellano Hartmann Okafor Petrov Yamada Sandoval Whitcombe Brandt Kowalski Fitzgerald Delacroix Jankovic Andersen Verhoeven Rossetti Caldwell Nakamura Obregon Thornton Eriksen Marchetti Dubois Halloran Steinberg Vasquez Langley Morozov Pemberton'.split(' ');
const CITIES = 'Lisbon Marseille Rotterdam Bergen Valencia Leipzig Glasgow Krakow Antwerp Gothenburg Trieste Bilbao Hamburg Porto Basel Graz Cardiff Tampere Split Utrecht Nantes Bremen Malaga Aarhus'.split(' ');
const COMPANIES = 'Norvalis Bellweather Quantrex Solvanta Meridian Arcturon Helvex Lumitech Corvantis Ostermark Vantorix Palanthe'.split(' ');
const DRUGS = 'velotrixan marcodipine sentirazole abrolimab pyrantolol delovacine'.split(' ').map((name) => name.charAt(0).toUpperCase() + name.slice(1));
const COUNTRIES = 'Norway Portugal Kenya Chile Vietnam Poland Ghana Peru Latvia Morocco'.split(' ');
const QUOTES = [
  'we expected a slow recovery but not such a long one', 'the figures are better than anything we have seen in a decade', 'nobody had thought that the old pumps would hold through the night',
  'this is the first time that the whole valley has been mapped in detail', 'our members will not accept another winter without heating', 'the museum cannot keep its doors open on ticket sales alone',
];
const MONTHS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(['en', 'de', 'fr', 'es', 'it', 'nl', 'pt'].map((language) => [
  language, Array.from({ length: 12 }, (_, month) => new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2023, month, 15)))),
]));

const grouped = (value: number, sign: string): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, sign);

const SMALL = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** A whole number as English writes it. */
const whole = (value: number): Slot => ({
  kind: 'number', value,
  forms: value >= 1000 ? [grouped(value, ','), grouped(value, '\u202f'), String(value), ...(value % 100_000 === 0 ? [`${value / 1_000_000} million`] : [])] : [String(value), ...(value >= 2 && value <= 12 ? [SMALL[value] ?? ''] : [])],
});

const percent = (value: number): Slot => ({ kind: 'number', value, unit: '%', forms: [`${value}%`, `${value} %`, `${value} percent`, `${value} per cent`] });

const money = (value: number): Slot => ({ kind: 'number', value, unit: '$', forms: [`$${value} billion`, `US$${value} billion`, `${value} billion dollars`, `$${value}bn`] });

const metres = (value: number): Slot => ({ kind: 'number', value, unit: 'm', forms: [`${grouped(value, ',')} metres`, `${value} m`, `${grouped(value, ',')} meters`, ...(value % 10 === 0 ? [`${value / 1000} km`, `${value / 1000} kilometres`] : [])] });

const date = (year: number, month: number, day: number, language = 'en'): Slot => {
  const name = MONTHS[language]?.[month - 1] ?? '';
  const iso = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const forms = language === 'en' ? [`${day} ${name} ${year}`, `${name} ${day}, ${year}`, `${day}${day % 10 === 1 && day !== 11 ? 'st' : day % 10 === 2 && day !== 12 ? 'nd' : day % 10 === 3 && day !== 13 ? 'rd' : 'th'} of ${name} ${year}`, `${name.slice(0, 3)} ${day}, ${year}`, iso]
    : language === 'de' ? [`${day}. ${name} ${year}`, `${String(day).padStart(2, '0')}.${String(month).padStart(2, '0')}.${year}`, `${day}. ${name.slice(0, 3)}. ${year}`.replace(/^(.*) Mai\. /, '$1 Mai ')]
      : language === 'es' || language === 'pt' ? [`${day} de ${name} de ${year}`, `${day}/${month}/${year}`] : [`${day} ${name} ${year}`, `${day}/${month}/${year}`];
  return { kind: 'date', year, month, day, language, forms };
};

const year = (value: number): Slot => ({ kind: 'year', year: value, forms: [String(value)] });
const name = (...forms: string[]): Slot => ({ kind: 'name', forms });
const quote = (text: string): Slot => ({ kind: 'quote', forms: [`"${text}"`, `“${text}”`] });

type Maker = (random: Random) => Source;

const source = (family: string, language: string, title: string, text: string, claims: readonly (readonly Part[])[], claimLanguage = language): Source => ({ family, language, title, text, claims, claimLanguage });

const person = (random: Random): string => `${random.pick(FIRST)} ${random.pick(LAST)}`;
const dateParts = (random: Random): [number, number, number] => [random.integer(1890, 2023), random.integer(1, 12), random.integer(1, 28)];
const decimal = (random: Random, low: number, high: number): number => random.integer(low * 10 + 1, high * 10) / 10;

const bridge: Maker = (random) => {
  const [city, engineer, [y, m, d]] = [random.pick(CITIES), person(random), dateParts(random)];
  const long = random.integer(21, 480) * 10;
  const workers = random.integer(210, 9800);
  return source('bridge', 'en', `${city} river bridge`, `The road bridge in ${city} was opened to traffic on ${d} ${MONTHS['en']?.[m - 1]} ${y}. It is ${grouped(long, ',')} metres long, and ${grouped(workers, ',')} workers took part in its construction. The engineer ${engineer} designed the main span.`, [
    ['The bridge at ', name(city), ' opened on ', date(y, m, d), '.'],
    [name(engineer), ' designed the main span of the bridge, which is ', metres(long), ' long.'],
    ['Some of the ', whole(workers), ' workers who built the ', name(city), ' bridge saw it open in ', year(y), '.'],
    ['With a length of ', metres(long), ', the bridge in ', name(city), ' was the work of ', name(engineer), '.'],
  ]);
};

const company: Maker = (random) => {
  const [firm, chief, y, said] = [random.pick(COMPANIES), person(random), random.integer(1995, 2023), random.pick(QUOTES)];
  const [revenue, rise, shops] = [decimal(random, 1, 90), decimal(random, 2, 38), random.integer(13, 990)];
  return source('company', 'en', `${firm} annual results`, `${firm} reported revenue of $${revenue} billion for ${y}, a rise of ${rise}% on the year before. It runs ${shops} shops. Its chief executive, ${chief}, told analysts: “${said}”.`, [
    ['In ', year(y), ', ', name(firm), ' had revenue of ', money(revenue), '.'],
    ['Revenue at ', name(firm), ' grew by ', percent(rise), ' in ', year(y), '.'],
    [name(chief), ', who leads ', name(firm), ', said: ', quote(said), '.'],
    ['Sales rose ', percent(rise), ' to ', money(revenue), ', ', name(firm), ' reported.'],
    ['The company has ', whole(shops), ' shops, and ', name(chief), ' is its chief executive.'],
  ]);
};

const trial: Maker = (random) => {
  const [drug, city, patients, stopped] = [random.pick(DRUGS), random.pick(CITIES), random.integer(120, 8900), random.integer(2, 12)];
  const [lower, dose] = [decimal(random, 11, 60), random.integer(3, 95)];
  return source('trial', 'en', `${drug} in adults: a randomised trial`, `In a randomised trial in ${city} with ${grouped(patients, ',')} patients, ${drug} at ${dose} mg a day reduced relapses by ${lower}% compared with placebo. The drug did not improve sleep. ${SMALL[stopped]} patients stopped because of side effects.`, [
    [name(drug), ' reduced relapses by ', percent(lower), ' against placebo.'],
    ['The trial in ', name(city), ' had ', whole(patients), ' patients.'],
    ['Patients took ', { kind: 'number', value: dose, unit: 'mg', forms: [`${dose} mg`, `${dose} milligrams`] }, ' of ', name(drug), ' a day.'],
    [name(drug), ' did not improve sleep.'],
    [whole(stopped), ' patients in ', name(city), ' stopped because of side effects.'],
    ['Among ', whole(patients), ' patients, relapses were ', percent(lower), ' lower with ', name(drug), '.'],
  ]);
};

const town: Maker = (random) => {
  const [city, mayor, y] = [random.pick(CITIES), person(random), random.integer(1950, 2023)];
  const people = random.integer(21, 98) * 100_000;
  const [born, pct] = [random.integer(1100, 9700), decimal(random, 1, 25)];
  return source('town', 'en', `${city}: population`, `At the end of ${y}, ${city} had ${grouped(people, ',')} inhabitants. ${grouped(born, ',')} children were born there in that year, and ${pct}% of the people were older than 65. The mayor, ${mayor}, called for new schools.`, [
    [name(city), ' had ', whole(people), ' inhabitants at the end of ', year(y), '.'],
    ['In ', year(y), ', ', whole(born), ' children were born in ', name(city), '.'],
    ['People older than 65 made up ', percent(pct), ' of the population of ', name(city), '.'],
    ['The mayor of ', name(city), ', ', name(mayor), ', asked for new schools.'],
  ]);
};

const weather: Maker = (random) => {
  const [city, [y, m, d]] = [random.pick(CITIES), dateParts(random)];
  const cold = decimal(random, 2, 38);
  const [snow, wind] = [random.integer(13, 240), random.integer(61, 190)];
  return source('weather', 'en', `Records of the weather station at ${city}`, `On ${MONTHS['en']?.[m - 1]} ${d}, ${y} the station at ${city} measured −${cold} °C, the lowest temperature on record. Snow lay ${snow} cm deep, and gusts reached ${wind} km/h.`, [
    ['A low of ', { kind: 'number', value: -cold, unit: 'C', forms: [`−${cold} °C`, `-${cold} °C`, `minus ${cold} degrees Celsius`] }, ' was measured at ', name(city), ' on ', date(y, m, d), '.'],
    ['Snow was ', { kind: 'number', value: snow, unit: 'cm', forms: [`${snow} cm`, `${snow} centimetres`] }, ' deep at ', name(city), '.'],
    ['Gusts reached ', { kind: 'number', value: wind, unit: 'km/h', forms: [`${wind} km/h`, `${wind} kilometres per hour`] }, ' in ', name(city), '.'],
  ]);
};

const vote: Maker = (random) => {
  const [land, minister, [y, m, d]] = [random.pick(COUNTRIES), person(random), dateParts(random)];
  const [yes, no] = [random.integer(101, 240), random.integer(13, 99)];
  const share = random.integer(14, 49);
  return source('vote', 'en', `Parliament of ${land} passes water act`, `The parliament of ${land} passed the water act by ${yes} votes to ${no} on ${d} ${MONTHS['en']?.[m - 1]} ${y}. Minister ${minister} said that more than ${share}% of households would pay less. The act does not apply to farms.`, [
    ['The water act passed the parliament of ', name(land), ' on ', date(y, m, d), '.'],
    [name(land), ' passed the act with ', whole(yes), ' votes against ', whole(no), '.'],
    ['According to ', name(minister), ', more than ', percent(share), ' of households would pay less.'],
    ['The act of ', name(land), ' does not apply to farms.'],
  ]);
};

const germanTown: Maker = (random) => {
  const [city, mayor, [y, m, d]] = [random.pick(CITIES), person(random), dateParts(random)];
  const people = random.integer(110, 980) * 1000;
  const share = decimal(random, 3, 40);
  const de = { p: String(share).replace('.', ','), n: grouped(people, '.') };
  const count: Slot = { kind: 'number', value: people, forms: [de.n, grouped(people, '\u00a0'), String(people)] };
  const part: Slot = { kind: 'number', value: share, unit: '%', forms: [`${de.p} %`, `${de.p} Prozent`] };
  return source('germanTown', 'de', `${city} im Überblick`, `Die Stadt ${city} hat ${de.n} Einwohner. Der Anteil der Pendler stieg auf ${de.p} Prozent. Am ${d}. ${MONTHS['de']?.[m - 1]} ${y} wurde ${mayor} zur Leiterin des Hafens gewählt.`, [
    [name(city), ' hat ', count, ' Einwohner.'],
    ['In ', name(city), ' leben ', count, ' Menschen, und ', part, ' sind Pendler.'],
    ['Der Anteil der Pendler stieg in ', name(city), ' auf ', part, '.'],
    ['Seit dem ', date(y, m, d, 'de'), ' leitet ', name(mayor), ' den Hafen.'],
  ]);
};

const acrossLanguages: Maker = (random) => {
  const base = town(random);
  const [, y = '', city = '', people = ''] = /At the end of (\d+), (\S+) had ([\d,]+)/.exec(base.text) ?? [];
  const mayor = /The mayor, ([^,]+),/.exec(base.text)?.[1] ?? '';
  const count = Number(people.replaceAll(',', ''));
  return { ...base, family: 'acrossLanguages', claimLanguage: 'de', claims: [
    [name(city), ' hatte Ende ', year(Number(y)), ' ', { kind: 'number', value: count, forms: [grouped(count, '.'), `${String(count / 1e6).replace('.', ',')} Millionen`, `${String(count / 1e6).replace('.', ',')} Mio.`] }, ' Einwohner.'],
    ['Für neue Schulen sprach sich ', name(mayor), ' aus.'],
  ] };
};

const french: Maker = (random) => {
  const [city, woman, [y, m, d]] = [random.pick(CITIES), person(random), dateParts(random)];
  const [visitors, share] = [random.integer(12_000, 980_000), decimal(random, 3, 40)];
  const p = String(share).replace('.', ',');
  return source('french', 'fr', `Le musée de ${city}`, `Le musée de ${city} a ouvert ses portes le ${d} ${MONTHS['fr']?.[m - 1]} ${y}. Il a reçu ${grouped(visitors, '\u202f')} visiteurs, soit une hausse de ${p} %. La directrice, ${woman}, veut agrandir les salles.`, [
    ['Le musée de ', name(city), ' a ouvert le ', date(y, m, d, 'fr'), '.'],
    ['Il a accueilli ', { kind: 'number', value: visitors, forms: [grouped(visitors, ' '), grouped(visitors, '\u00a0'), grouped(visitors, '.')] }, ' visiteurs à ', name(city), '.'],
    ['La hausse a été de ', { kind: 'number', value: share, unit: '%', forms: [`${p} %`, `${p} pour cent`] }, ', selon ', name(woman), '.'],
  ]);
};

const spanish: Maker = (random) => {
  const [city, man, [y, m, d]] = [random.pick(CITIES), person(random), dateParts(random)];
  const [tons, share] = [random.integer(12_000, 980_000), decimal(random, 3, 40)];
  const p = String(share).replace('.', ',');
  return source('spanish', 'es', `El puerto de ${city}`, `El puerto de ${city} movió ${grouped(tons, '.')} toneladas y creció un ${p} %. El director, ${man}, presentó los datos el ${d} de ${MONTHS['es']?.[m - 1]} de ${y}.`, [
    ['El puerto de ', name(city), ' movió ', { kind: 'number', value: tons, unit: 't', forms: [`${grouped(tons, '.')} toneladas`, `${grouped(tons, '\u00a0')} toneladas`] }, '.'],
    ['Los datos los presentó ', name(man), ' el ', date(y, m, d, 'es'), '.'],
    ['El puerto creció un ', { kind: 'number', value: share, unit: '%', forms: [`${p} %`, `${p} por ciento`] }, ' en ', name(city), '.'],
  ]);
};

const italian: Maker = (random) => {
  const [city, [y, m, d]] = [random.pick(CITIES), dateParts(random)];
  const long = random.integer(12, 480);
  return source('italian', 'it', `La ferrovia di ${city}`, `La ferrovia di ${city} fu inaugurata il ${d} ${MONTHS['it']?.[m - 1]} ${y} ed è lunga ${long} km.`, [
    ['La ferrovia di ', name(city), ' fu inaugurata il ', date(y, m, d, 'it'), '.'],
    ['La linea di ', name(city), ' è lunga ', { kind: 'number', value: long, unit: 'km', forms: [`${long} km`, `${long} chilometri`] }, '.'],
  ]);
};

const dutch: Maker = (random) => {
  const [city, [y, m, d]] = [random.pick(CITIES), dateParts(random)];
  const homes = random.integer(1200, 98_000);
  return source('dutch', 'nl', `Woningen in ${city}`, `In ${city} werden ${grouped(homes, '.')} woningen gebouwd. De laatste werd op ${d} ${MONTHS['nl']?.[m - 1]} ${y} verkocht.`, [
    ['In ', name(city), ' zijn ', { kind: 'number', value: homes, forms: [grouped(homes, '.'), String(homes)] }, ' woningen gebouwd.'],
    ['De laatste woning in ', name(city), ' werd verkocht op ', date(y, m, d, 'nl'), '.'],
  ]);
};

const ferry: Maker = (random) => {
  const [city, land, ruler, woman, y] = [random.pick(CITIES), random.pick(COUNTRIES), random.pick(FIRST), person(random), random.integer(1950, 2023)];
  const [before, now] = [random.integer(100, 400) * 10 + random.integer(1, 9), random.integer(500, 900) * 10 + random.integer(1, 9)];
  const [dear, cheap] = [random.integer(31, 59), random.integer(14, 28)];
  const [vessels, late] = [random.integer(61, 98), random.integer(3, 9)];
  return source('ferry', 'en', `The ferry of ${city}`, `In ${y} the ferry of ${city}, named after ${ruler} IV, carried ${grouped(now, ',')} passengers a day, up from ${grouped(before, ',')} before the war. The fare was cut from €${dear} to €${cheap}. With ${vessels} boats its company is the fourth-largest in ${land}; at ${late}.5%, its share of late trips is the lowest in the country. A third of the passengers are commuters. ${woman} is the fifth woman to lead the company.`, [
    ['In ', year(y), ' the ferry of ', name(city), ' carried ', whole(now), ' passengers a day.'],
    ['Passengers in ', name(city), ' rose from ', whole(before), ' to ', whole(now), ' each day.'],
    ['The fare in ', name(city), ' was cut from ', { kind: 'number', value: dear, unit: '€', forms: [`€${dear}`, `${dear} euros`] }, ' to ', { kind: 'number', value: cheap, unit: '€', forms: [`€${cheap}`, `${cheap} euros`] }, '.'],
    ['The company in ', name(city), ' is the fourth-largest in ', name(land), ' and has ', whole(vessels), ' boats.'],
    ['Its share of late trips, ', percent(late + 0.5), ', is the lowest in ', name(land), '.'],
    ['A third of the passengers in ', name(city), ' commute.'],
    [name(woman), ' is the fifth woman to lead the company.'],
    ['The ferry of ', name(city), ' has the name of ', name(ruler), ' IV.'],
  ]);
};

export const FAMILIES: readonly Maker[] = [bridge, company, trial, town, weather, vote, germanTown, acrossLanguages, french, spanish, italian, dutch, ferry];

export const render = (parts: readonly Part[], random: Random): string[] => {
  const texts = parts.map((part) => (typeof part === 'string' ? part : random.pick(part.forms)));
  const [first = ''] = texts;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...texts.slice(1)];
};
