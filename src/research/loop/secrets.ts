/** What must not leave this machine in a query, however it is written. */

/** Shorter values occur by chance. */
const SHORTEST = 8;

/** So much of a code, of digits and letters mixed, is no accident; words of a secret are. */
const CODE_PIECE = 8;

/** Shorter pieces of a code may go out, until the texts that have gone out hold this share of it between them. */
const SMALL_PIECE = 4;
const MOST_TOLD = 0.5;

/** Pieces of a long secret count too; one of one and a half times this length is always seen. */
const PIECE = 16;

/** The same of a text in common words. */
const STRETCH = 40;

const NAMES = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i;

/** Values of the environment whose names say that they are secret. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => (NAMES.test(name) && value !== undefined && value.length >= SHORTEST ? [value] : []));
}

export class Secrets {
  readonly #forms: readonly string[];
  readonly #texts: readonly string[];
  /** By form: the places that texts which were let through have told. */
  readonly #told = new Map<string, Set<number>>();

  /** `texts`: what models are told and nobody else is to hear; only long stretches of them count. */
  constructor(secrets: readonly string[], texts: readonly string[] = []) {
    this.#forms = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))];
    this.#texts = texts.map(bare);
  }

  /**
   * Whether a text carries one of them or a long piece of one, as it is, backwards, in another case, spelled out, or encoded; or so much of one
   * that, with the texts that were asked about before and let through, most of it would be told.
   */
  isIn(text: string): boolean {
    const plain = bare(text);
    if (this.#isWholly(plain)) return true;
    const told = this.#forms.map((form) => ({ form, places: new Set([...(this.#told.get(form) ?? []), ...placesTold(plain, form)]) }));
    if (told.some(({ form, places }) => places.size > form.length * MOST_TOLD)) return true;
    for (const { form, places } of told) if (places.size > 0) this.#told.set(form, places);
    return false;
  }

  #isWholly(plain: string): boolean {
    return this.#forms.some((form) => holds(plain, form, PIECE) || holdsCode(plain, form)) || this.#texts.some((form) => holds(plain, form, STRETCH));
  }
}

/** Letters and digits only, in one case, so that blanks, dots and dashes between them hide nothing. */
const bare = (text: string): string => decoded(text).normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing.
    return text;
  }
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // A text in base64 differs by where it begins among three bytes.
  const base64 = [0, 1, 2].map((offset) => Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').slice(offset === 0 ? 0 : offset + 2, -4));
  const turned = secret.replace(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first);
  });
  const forms = [secret, bytes.toString('hex'), turned, ...base64];
  return [...forms, ...forms.map((form) => [...form].reverse().join(''))].map(bare).filter((form) => form.length >= SHORTEST);
}

const isCode = (piece: string): boolean => /\d/.test(piece) && /\p{L}/u.test(piece);

function placesTold(plain: string, form: string): number[] {
  const places: number[] = [];
  for (let start = 0; start + SMALL_PIECE <= form.length; start++) {
    const piece = form.slice(start, start + SMALL_PIECE);
    if (isCode(piece) && plain.includes(piece)) for (let at = start; at < start + SMALL_PIECE; at++) places.push(at);
  }
  return places;
}

/** Sent piece by piece, a secret would leave all the same. */
function holdsCode(plain: string, form: string): boolean {
  for (let start = 0; start + CODE_PIECE <= form.length; start++) {
    const piece = form.slice(start, start + CODE_PIECE);
    if ((piece.match(/\d/g)?.length ?? 0) >= 2 && /\p{L}/u.test(piece) && plain.includes(piece)) return true;
  }
  return false;
}

function holds(plain: string, form: string, piece: number): boolean {
  if (plain.includes(form)) return true;
  for (let start = 0; start + piece <= form.length; start += piece / 2) if (plain.includes(form.slice(start, start + piece))) return true;
  return false;
}
