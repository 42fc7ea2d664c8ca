/** How the person who reads this starts r5, so that what is printed can be typed: `npm run r5 --` in the repository, else `r5`. */
export function typedName(): string {
  const script = process.env.npm_lifecycle_event;
  return script === 'start' || script === 'r5' ? 'npm run r5 --' : 'r5';
}
