/** A prompt of the AI SDK as messages of a conversation. What cannot be said in a chat template is refused, never left out. */
import { UnsupportedFunctionalityError } from '@ai-sdk/provider';
import type { LanguageModelV4FilePart, LanguageModelV4Message, LanguageModelV4Prompt, LanguageModelV4TextPart, LanguageModelV4ToolCallPart, LanguageModelV4ToolResultOutput } from '@ai-sdk/provider';
import type { ChatMessage, ToolCall } from '../../chat-message.ts';
import { writtenArguments } from './tool-call-metadata.ts';

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'];
type ToolContent = Extract<LanguageModelV4Message, { role: 'tool' }>['content'];

/** Throws UnsupportedFunctionalityError for images and other files that are no text. */
export function promptMessages(prompt: LanguageModelV4Prompt): ChatMessage[] {
  return prompt.flatMap((message): ChatMessage[] => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: message.content }];
      case 'user':
        return [{ role: 'user', content: message.content.map(userText).join('\n') }];
      case 'assistant':
        return [assistantMessage(message.content)];
      case 'tool':
        return toolMessages(message.content);
    }
  });
}

function userText(part: LanguageModelV4TextPart | LanguageModelV4FilePart): string {
  if (part.type === 'text') return part.text;
  const { data, mediaType } = part;
  if (data.type === 'text') return data.text;
  if (data.type === 'data' && /^text(\/|$)/.test(mediaType)) {
    const bytes = typeof data.data === 'string' ? Buffer.from(data.data, 'base64') : data.data;
    return new TextDecoder().decode(bytes);
  }
  throw new UnsupportedFunctionalityError({ functionality: `files of the kind ${mediaType} in a prompt` });
}

function assistantMessage(content: AssistantContent): ChatMessage {
  let text = '';
  let reasoning = '';
  const calls: ToolCall[] = [];
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'reasoning') reasoning += part.text;
    else if (part.type === 'tool-call') calls.push(toolCall(part));
    else throw new UnsupportedFunctionalityError({ functionality: `parts of the kind '${part.type}' in an assistant's message` });
  }
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** The arguments as the model wrote them, where the part still has them: the SDK hands back what a schema made of them. */
function toolCall({ toolCallId, toolName, input, providerOptions }: LanguageModelV4ToolCallPart): ToolCall {
  const given = writtenArguments(providerOptions) ?? (typeof input === 'string' ? input : JSON.stringify(input ?? {}));
  return { id: toolCallId, type: 'function', function: { name: toolName, arguments: given } };
}

function toolMessages(content: ToolContent): ChatMessage[] {
  return content.flatMap((part): ChatMessage[] => {
    // The model did not ask for the approval; it reads the result, or that there is none.
    if (part.type === 'tool-approval-response') return [];
    return [{ role: 'tool', content: outputText(part.output), tool_call_id: part.toolCallId, name: part.toolName }];
  });
}

function outputText(output: LanguageModelV4ToolResultOutput): string {
  switch (output.type) {
    case 'text':
      return output.value;
    case 'error-text':
      return asError(output.value);
    case 'json':
      return JSON.stringify(output.value);
    case 'error-json':
      return asError(JSON.stringify(output.value));
    case 'execution-denied':
      return asError(output.reason ?? 'the call was not allowed');
    case 'content':
      return output.value.map((part) => {
        if (part.type === 'text') return part.text;
        if (part.type === 'file' && part.data.type === 'text') return part.data.text;
        throw new UnsupportedFunctionalityError({ functionality: `parts of the kind '${part.type}' in a tool's result` });
      }).join('\n');
  }
}

/** In the words of our own tools' errors, so that a model meets the same in training and in use. */
const asError = (text: string): string => (text.startsWith('Error') ? text : `Error: ${text}`);
