/**
 * The first key that some object of a JSON text holds twice, or undefined. `JSON.parse` silently keeps the last of two equal keys.
 * The text must be valid JSON.
 */
export function firstDuplicateKey(json: string): string | undefined {
  /** One entry for each object or array that is open: the keys of an object, null for an array. */
  const open: (Set<string> | null)[] = [];
  let keyComes = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') open.push(character === '{' ? new Set() : null);
    if (character === '}' || character === ']') open.pop();
    // After an opening brace or a comma the next string is a key, if what is open is an object.
    if (character === '{' || character === ',') keyComes = true;
    if (character !== '"') continue;
    const end = endOfString(json, i);
    const keys = open.at(-1);
    if (keyComes && keys) {
      const key: unknown = JSON.parse(json.slice(i, end + 1));
      if (typeof key === 'string') {
        if (keys.has(key)) return key;
        keys.add(key);
      }
    }
    keyComes = false;
    i = end;
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}
