/**
 * What a tool call carries through the AI SDK. The SDK gives a schema's version of the arguments back to the model (defaults filled in,
 * unknown fields dropped), and an empty object for a call that did not fit; the model's own words keep the conversation what it was.
 */
import type { SharedV4ProviderMetadata, SharedV4ProviderOptions } from '@ai-sdk/provider';

export function toolCallMetadata(written: string): SharedV4ProviderMetadata {
  return { r5: { arguments: written } };
}

/** The arguments as the model wrote them; undefined for a call that did not come from an r5 model. */
export function writtenArguments(options: SharedV4ProviderOptions | undefined): string | undefined {
  const written = options?.r5?.arguments;
  return typeof written === 'string' ? written : undefined;
}
