/** Numbers that are written as words. */
import { folded } from './language.ts';

interface Numerals {
  /** 0 to 99. */
  small: ReadonlyMap<string, number>;
  ordinals: ReadonlyMap<string, number>;
  /** Words that multiply what stands before them, also after digits: `1.2 million`. */
  magnitudes: ReadonlyMap<string, number>;
  /** Between the parts of one number: `two hundred and five`. */
  and: string;
}

const words = (text: string): string[] => folded(text).split(' ');

const numbered = (text: string, first: number, step = 1): [string, number][] => words(text).map((word, i) => [word, first + i * step]);

const table = (text: string): Map<string, number> =>
  new Map(text.split(' ').map((pair) => {
    const [word = '', value = ''] = pair.split('=');
    return [folded(word), Number(value)];
  }));

/** Tens and units joined by the language's rule; spellings with `-` and with ` ` are both read, as the tokens are split at both. */
function joined(tens: readonly [string, number][], units: readonly [string, number][], join: (ten: string, unit: string, value: number) => string[]): [string, number][] {
  return tens.flatMap(([ten, tenValue]) => units.flatMap(([unit, value]) => join(ten, unit, value).map((word): [string, number] => [word, tenValue + value])));
}

const english: Numerals = (() => {
  const units = numbered('one two three four five six seven eight nine', 1);
  const tens = numbered('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10);
  const small = new Map([
    ['zero', 0], ...units, ...numbered('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10), ...tens,
    ...joined(tens, units, (ten, unit) => [`${ten}-${unit}`, `${ten} ${unit}`]),
  ] as [string, number][]);
  const ordinalUnits = numbered('first second third fourth fifth sixth seventh eighth ninth', 1);
  const ordinals = new Map([
    ...ordinalUnits, ...numbered('tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth', 10),
    ...numbered('twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth', 20, 10),
    ...joined(tens, ordinalUnits, (ten, unit) => [`${ten}-${unit}`, `${ten} ${unit}`]),
  ]);
  return { small, ordinals, magnitudes: table('hundred=100 thousand=1e3 million=1e6 millions=1e6 billion=1e9 billions=1e9 trillion=1e12 trillions=1e12 lakh=1e5 crore=1e7 mn=1e6 bn=1e9 tn=1e12 dozen=12'), and: 'and' };
})();

const german: Numerals = (() => {
  const units = numbered('ein zwei drei vier fünf sechs sieben acht neun', 1);
  const tens = numbered('zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig', 20, 10);
  const small: [string, number][] = [
    ['null', 0], ['eins', 1], ...units.slice(1), ['zwo', 2], ...numbered('zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn', 10), ...tens,
    ...joined(tens, units, (ten, unit) => [`${unit}und${ten}`]),
  ];
  const ordinals: [string, number][] = small.flatMap(([word, value]) => (value < 2 ? [] : (['e', 'er', 'es', 'en', 'em'].map((end): [string, number] => [
    `${value === 3 ? 'drit' : value === 7 ? 'sieb' : value === 8 ? 'ach' : word}${value < 20 ? 't' : 'st'}${end}`, value,
  ]))));
  const first = ['erste', 'erster', 'erstes', 'ersten', 'erstem'].map((word): [string, number] => [word, 1]);
  return {
    small: new Map(small), ordinals: new Map([...first, ...ordinals]), and: 'und',
    magnitudes: table('hundert=100 tausend=1e3 million=1e6 millionen=1e6 mio=1e6 milliarde=1e9 milliarden=1e9 mrd=1e9 billion=1e12 billionen=1e12 bio=1e12 dutzend=12'),
  };
})();

const french: Numerals = (() => {
  const to16 = numbered('un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize', 1);
  const to19: [string, number][] = [...to16, ...numbered('dix-sept dix-huit dix-neuf', 17)];
  const tens = numbered('vingt trente quarante cinquante soixante', 20, 10);
  const over = (ten: string, unit: string, value: number): string[] => (value === 1 || value === 11 ? [`${ten} et ${unit}`, `${ten}-et-${unit}`] : [`${ten}-${unit}`, `${ten} ${unit}`]);
  const small = new Map<string, number>([
    ['zero', 0], ...to19.slice(1), ...tens, ['quatre-vingts', 80], ['quatre-vingt', 80],
    ...joined(tens, to19.slice(0, 9), over), ...joined([['soixante', 60]], to19.slice(9), over),
    ...joined([['quatre-vingt', 80]], to19, (ten, unit) => [`${ten}-${unit}`]),
  ]);
  const ordinals = table('premier=1 première=1 deuxième=2 second=2 seconde=2 troisième=3 quatrième=4 cinquième=5 sixième=6 septième=7 huitième=8 neuvième=9 dixième=10 vingtième=20');
  return { small, ordinals, magnitudes: table('cent=100 cents=100 mille=1e3 million=1e6 millions=1e6 milliard=1e9 milliards=1e9 md=1e9 mds=1e9 billion=1e12 billions=1e12 douzaine=12'), and: 'et' };
})();

const spanish: Numerals = (() => {
  const units = numbered('uno dos tres cuatro cinco seis siete ocho nueve', 1);
  const tens = numbered('treinta cuarenta cincuenta sesenta setenta ochenta noventa', 30, 10);
  const small = new Map<string, number>([
    ['cero', 0], ...units.slice(1), ...numbered('diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve', 10),
    ...tens, ...joined(tens, units, (ten, unit) => [`${ten} y ${unit}`]),
  ]);
  const ordinals = table('primero=1 primera=1 primer=1 segundo=2 segunda=2 tercero=3 tercera=3 tercer=3 cuarto=4 cuarta=4 quinto=5 quinta=5 sexto=6 sexta=6 séptimo=7 séptima=7 octavo=8 octava=8 noveno=9 novena=9 décimo=10 décima=10');
  return { small, ordinals, magnitudes: table('cien=100 ciento=100 mil=1e3 millón=1e6 millones=1e6 billón=1e12 billones=1e12 docena=12'), and: 'y' };
})();

const italian: Numerals = (() => {
  const units = numbered('uno due tre quattro cinque sei sette otto nove', 1);
  const tens = numbered('venti trenta quaranta cinquanta sessanta settanta ottanta novanta', 20, 10);
  const small = new Map<string, number>([
    ['zero', 0], ...units.slice(1), ...numbered('dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove', 10), ...tens,
    ...joined(tens, units, (ten, unit, value) => [`${value === 1 || value === 8 ? ten.slice(0, -1) : ten}${unit}`]),
  ]);
  const ordinals = table('primo=1 prima=1 secondo=2 seconda=2 terzo=3 terza=3 quarto=4 quarta=4 quinto=5 quinta=5 sesto=6 sesta=6 settimo=7 settima=7 ottavo=8 ottava=8 nono=9 nona=9 decimo=10 decima=10');
  return { small, ordinals, magnitudes: table('cento=100 mille=1e3 mila=1e3 milione=1e6 milioni=1e6 mln=1e6 miliardo=1e9 miliardi=1e9 mld=1e9 dozzina=12'), and: 'e' };
})();

const portuguese: Numerals = (() => {
  const units = numbered('um dois três quatro cinco seis sete oito nove', 1);
  const tens = numbered('vinte trinta quarenta cinquenta sessenta setenta oitenta noventa', 20, 10);
  const small = new Map<string, number>([
    ['zero', 0], ...units.slice(1), ['duas', 2], ...numbered('dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove', 10),
    ['dezasseis', 16], ['dezassete', 17], ['dezanove', 19], ...tens, ...joined(tens, units, (ten, unit) => [`${ten} e ${unit}`]),
  ]);
  const ordinals = table('primeiro=1 primeira=1 segundo=2 segunda=2 terceiro=3 terceira=3 quarto=4 quarta=4 quinto=5 quinta=5 sexto=6 sexta=6 sétimo=7 sétima=7 oitavo=8 oitava=8 nono=9 nona=9 décimo=10 décima=10');
  return { small, ordinals, magnitudes: table('cem=100 cento=100 mil=1e3 milhão=1e6 milhões=1e6 bilhão=1e9 bilhões=1e9 mil-milhões=1e9 trilhão=1e12 trilhões=1e12 bilião=1e12 biliões=1e12 dúzia=12'), and: 'e' };
})();

const dutch: Numerals = (() => {
  const units = numbered('een twee drie vier vijf zes zeven acht negen', 1);
  const tens = numbered('twintig dertig veertig vijftig zestig zeventig tachtig negentig', 20, 10);
  const small = new Map<string, number>([
    ['nul', 0], ...units.slice(1), ...numbered('tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien', 10), ...tens,
    ...joined(tens, units, (ten, unit) => [`${unit}en${ten}`]),
  ]);
  const ordinals = table('eerste=1 tweede=2 derde=3 vierde=4 vijfde=5 zesde=6 zevende=7 achtste=8 negende=9 tiende=10');
  return { small, ordinals, magnitudes: table('honderd=100 duizend=1e3 miljoen=1e6 mln=1e6 miljard=1e9 mld=1e9 biljoen=1e12 dozijn=12'), and: 'en' };
})();

const ALL: Readonly<Record<string, Numerals>> = { en: english, de: german, fr: french, es: spanish, it: italian, pt: portuguese, nl: dutch };

/** Those of English for languages that are not known here. */
export const numeralsOf = (language: string): Numerals => ALL[language] ?? english;

/** Words that are more often something else than a number; they count in a source, and are not asked of a sentence. */
const DOUBTFUL: Readonly<Record<string, readonly string[]>> = {
  en: ['one', 'first'], de: ['acht', 'erste', 'ersten', 'erster', 'erstes', 'erstem', 'eins'], fr: ['neuf', 'premier', 'premiere', 'seconde'], es: ['once', 'primera', 'primer', 'primero'],
  it: ['sei', 'prima', 'primo', 'secondo'], pt: ['primeiro', 'primeira', 'segundo'], nl: ['eerste'],
};

export const isDoubtful = (word: string, language: string): boolean => (DOUBTFUL[language] ?? DOUBTFUL['en'] ?? []).includes(folded(word));

/** The value of a German number in one word: `zweihundertfünfzig`, `dreitausend`. */
export function germanCompound(word: string): number | undefined {
  const thousands = /^(.*)tausend(?:und)?(.*)$/.exec(word);
  if (thousands !== null) return combined(thousands, 1000, germanBelowThousand);
  return germanBelowThousand(word);
}

function germanBelowThousand(word: string): number | undefined {
  const hundreds = /^(.*)hundert(?:und)?(.*)$/.exec(word);
  if (hundreds !== null) return combined(hundreds, 100, (part) => (part === 'ein' ? 1 : german.small.get(part)));
  return word === 'ein' ? 1 : german.small.get(word);
}

function combined([, before = '', after = '']: RegExpExecArray, factor: number, read: (part: string) => number | undefined): number | undefined {
  const high = before === '' ? 1 : read(before);
  const low = after === '' ? 0 : germanBelowThousand(after);
  return high === undefined || low === undefined ? undefined : high * factor + low;
}

/** `XIX` as 19; undefined for what is no Roman number from 1 to 3999. */
export function romanNumber(word: string): number | undefined {
  if (!/^(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/.test(word)) return undefined;
  const values: Readonly<Record<string, number>> = { M: 1000, D: 500, C: 100, L: 50, X: 10, V: 5, I: 1 };
  const digits = [...word].map((letter) => values[letter] ?? 0);
  return digits.reduce((sum, digit, i) => sum + (digit < (digits[i + 1] ?? 0) ? -digit : digit), 0);
}
