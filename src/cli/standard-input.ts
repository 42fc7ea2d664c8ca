/** All of stdin as text, for a prompt that is piped in; undefined when stdin is a terminal, which nobody would type a prompt into unasked. */
export async function readStandardInput(): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : text;
}
