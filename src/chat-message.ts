/** A message of a conversation, in the form that OpenAI's protocol and Hugging Face's chat templates share. */

export interface ToolCall {
  id?: string;
  type?: 'function';
  function: { name: string; arguments: Readonly<Record<string, unknown>> | string };
}

export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content: string | null;
  /** What the model thought before it answered. */
  reasoning_content?: string;
  tool_calls?: readonly ToolCall[];
  /** Of a tool's result: which call it answers. */
  tool_call_id?: string;
  name?: string;
}

/** A tool as its JSON schema. */
export interface ChatTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: Readonly<Record<string, unknown>> };
}
