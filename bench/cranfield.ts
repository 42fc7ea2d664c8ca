/** The test collection Cranfield 1400, in ../shared beside the checkout: abstracts of aerodynamics, questions, and which abstracts answer them. */
import { readFileSync } from 'node:fs';
import { R5Error } from '../src/error.ts';

export interface CranfieldDocument {
  id: string;
  title: string;
  body: string;
}

export interface CranfieldQuery {
  /** From 1; the judgements count the queries in their order, whatever numbers stand in their file. */
  number: number;
  text: string;
  /** Ids of the documents with grades 1 to 4. */
  relevant: ReadonlySet<string>;
}

export function readCranfield(folder: string): { documents: CranfieldDocument[]; queries: CranfieldQuery[] } {
  const read = (name: string): string => {
    try {
      return readFileSync(`${folder}/${name}`, 'utf8');
    } catch (cause) {
      throw new R5Error(`${folder}/${name} cannot be read; the collection Cranfield is expected in ${folder}.`, { cause });
    }
  };
  const documents = records(read('cran.all.1400')).map(({ id, fields }) => ({ id, title: fields.get('T') ?? '', body: fields.get('W') ?? '' }));
  // This copy of the judgements holds the grades 1 to 4; cran.qrels beside it has -1 for the paper that a question came from.
  const judgements = read('cran.qrels.trec-format').trim().split('\n').map((line) => line.trim().split(/\s+/));
  const queries = records(read('cran.qry')).map(({ fields }, index) => ({
    number: index + 1,
    text: fields.get('W') ?? '',
    relevant: new Set(judgements.filter(([query, , , grade]) => Number(query) === index + 1 && Number(grade) >= 1).map(([, , document = '']) => document)),
  }));
  return { documents, queries };
}

function records(text: string): { id: string; fields: Map<string, string> }[] {
  return text.split(/^\.I /m).slice(1).map((record) => {
    const [id = '', ...parts] = record.split(/^\.([A-Z])[ \t]*$/m);
    const fields = new Map<string, string>();
    for (let index = 0; index + 1 < parts.length; index += 2) fields.set(parts[index] ?? '', (parts[index + 1] ?? '').replace(/\s+/g, ' ').trim());
    return { id: id.trim(), fields };
  });
}

/** nDCG at 10, every relevant document counting the same: 1 for a list that could not be better. */
export function ndcg10(ranked: readonly string[], relevant: ReadonlySet<string>): number {
  const discount = (place: number): number => 1 / Math.log2(place + 2);
  const gain = ranked.slice(0, 10).reduce((sum, id, place) => sum + (relevant.has(id) ? discount(place) : 0), 0);
  const ideal = Array.from({ length: Math.min(10, relevant.size) }, (_, place) => discount(place)).reduce((sum, one) => sum + one, 0);
  return ideal === 0 ? 0 : gain / ideal;
}
