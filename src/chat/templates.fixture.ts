/** Chat templates in the formats of well-known families, with the special tokens that they need. Written for the tests. */

export interface TemplateFamily {
  template: string;
  /** Special tokens; the first ends an answer. */
  special: readonly string[];
  /** Tokens of their own that are text all the same. */
  added?: readonly string[];
}

const chatMl = ({ call, thoughts = '', tool }: { call: string; thoughts?: string; tool: string }): string => `{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
{{- '# Tools\\n' }}
{%- for tool in tools %}{{- tool | tojson }}{{- '\\n' }}{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=-1) %}
{%- for message in messages %}{%- if message.role == 'user' %}{%- set ns.last = loop.index0 %}{%- endif %}{%- endfor %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
${thoughts}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- if message.tool_calls %}{%- for call in message.tool_calls %}
{%- if not loop.first or message.content %}{{- '\\n' }}{%- endif %}
${call}
{%- endfor %}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
${tool}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;

const grouped = `{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}`;

const hermesCall = `{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}`;

const tagsCall = `{{- '<tool_call>\\n<function=' + call.function.name + '>\\n' }}
{%- for key, value in call.function.arguments.items() %}{{- '<parameter=' + key + '>\\n' + (value if value is string else value | tojson) + '\\n</parameter>\\n' }}{%- endfor %}
{{- '</function>\\n</tool_call>' }}`;

const lastThoughts = `{%- if message.reasoning_content and loop.index0 > ns.last %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}`;
const allThoughts = `{%- if message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}`;

const imTokens = ['<|im_end|>', '<|im_start|>', '<|endoftext|>'];
const imAdded = ['<tool_call>', '</tool_call>', '<think>', '</think>'];

const llama = `{{- bos_token }}
{%- if tools %}{{- '<|start_header_id|>system<|end_header_id|>\\n\\nYou can call:\\n' }}{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}{{- '<|eot_id|>' }}{%- endif %}
{%- for message in messages %}
{%- if message.tool_calls %}
{%- if message.tool_calls | length != 1 %}{{- raise_exception('This model calls one tool at a time') }}{%- endif %}
{%- set call = message.tool_calls[0].function %}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + call.name + '", "parameters": ' + (call.arguments | tojson) + '}<|eot_id|>' }}
{%- elif message.role == 'tool' %}
{{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' + message.content + '<|eot_id|>' }}
{%- else %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}`;

const mistral = (calls: string): string => `{{- bos_token }}
{%- if tools %}{{- '[AVAILABLE_TOOLS]' + (tools | tojson) + '[/AVAILABLE_TOOLS]' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or message.role == 'system' %}{{- '[INST]' + message.content + '[/INST]' }}
{%- elif message.tool_calls %}${calls}{{- eos_token }}
{%- elif message.role == 'assistant' %}{{- message.content + eos_token }}
{%- elif message.role == 'tool' %}{{- '[TOOL_RESULTS]{"content": ' + (message.content | tojson) + ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
{%- endif %}
{%- endfor %}`;

const mistralList = `{{- '[TOOL_CALLS][' }}{%- for call in message.tool_calls %}
{%- if call.id | length != 9 %}{{- raise_exception('ids of calls have 9 characters') }}{%- endif %}
{{- '{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + ', "id": "' + call.id + '"}' }}{%- if not loop.last %}{{- ', ' }}{%- endif %}
{%- endfor %}{{- ']' }}`;

const mistralNamed = `{{- message.content or '' }}{%- for call in message.tool_calls %}{{- '[TOOL_CALLS]' + call.function.name + '[ARGS]' + (call.function.arguments | tojson) }}{%- endfor %}`;

const phi = `{%- if tools %}{{- '<|system|><|tool|>' + (tools | tojson) + '<|/tool|><|end|>' }}{%- endif %}
{%- for message in messages %}
{%- if message.tool_calls %}{{- '<|assistant|><|tool_call|>[' }}{%- for call in message.tool_calls %}{{- {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}{{- ']<|/tool_call|><|end|>' }}
{%- else %}{{- '<|' + message.role + '|>' + message.content + '<|end|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}`;

const deepSeek = `{%- if tools %}{{- '<|tools|>' + (tools | tojson) }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' %}{{- '<|user|>' + message.content }}
{%- elif message.role == 'tool' %}{{- '<|tool_output|>' + message.content }}
{%- elif message.tool_calls %}{{- '<|assistant|><|tool_calls_begin|>' }}{%- for call in message.tool_calls %}{{- '<|tool_call_begin|>function<|tool_sep|>' + call.function.name + '\\n\`\`\`json\\n' + (call.function.arguments | tojson) + '\\n\`\`\`<|tool_call_end|>' }}{%- if not loop.last %}{{- '\\n' }}{%- endif %}{%- endfor %}{{- '<|tool_calls_end|><|end|>' }}
{%- else %}{{- '<|assistant|>' + message.content.split('</think>')[-1] + '<|end|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|><think>\\n' }}{%- endif %}`;

const mistralTokens = ['</s>', '<s>', '[INST]', '[/INST]', '[AVAILABLE_TOOLS]', '[/AVAILABLE_TOOLS]', '[TOOL_CALLS]', '[TOOL_RESULTS]', '[/TOOL_RESULTS]', '[ARGS]'];

export const families = {
  /** As Qwen 2.5 and Hermes. */
  hermes: { template: chatMl({ call: hermesCall, tool: grouped }), special: imTokens, added: imAdded },
  /** As Qwen 3: thoughts of earlier turns are dropped. */
  thinking: { template: chatMl({ call: hermesCall, thoughts: lastThoughts, tool: grouped }), special: imTokens, added: imAdded },
  /** Thoughts stay. */
  openThinking: { template: chatMl({ call: hermesCall, thoughts: allThoughts, tool: grouped }), special: imTokens, added: imAdded },
  /** As Qwen 3 Coder. */
  tags: { template: chatMl({ call: tagsCall, tool: grouped }), special: imTokens, added: imAdded },
  llama: { template: llama, special: ['<|eot_id|>', '<|begin_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|python_tag|>'] },
  mistral: { template: mistral(mistralList), special: mistralTokens },
  mistralNamed: { template: mistral(mistralNamed), special: mistralTokens },
  phi: { template: phi, special: ['<|end|>', '<|user|>', '<|assistant|>', '<|system|>', '<|tool|>', '<|/tool|>'], added: ['<|tool_call|>', '<|/tool_call|>'] },
  /** As the distillations of DeepSeek R1: the prompt opens the thoughts, and the template drops them. */
  deepSeek: {
    template: deepSeek,
    special: ['<|end|>', '<|user|>', '<|assistant|>', '<|tools|>', '<|tool_output|>', '<|tool_calls_begin|>', '<|tool_call_begin|>', '<|tool_sep|>', '<|tool_call_end|>', '<|tool_calls_end|>'],
    added: ['<think>', '</think>'],
  },
} as const satisfies Record<string, TemplateFamily>;

export type FamilyName = keyof typeof families;
