/** Chats with a model: messages in, events and a message out, each token drawn kept. */
import type { ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import type { Engine, Generation, SamplingParams, TokenConstraint } from '../engine/engine.ts';
import type { RenderOptions } from '../model/chat-template.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { grammarConstraint, type Grammar } from '../grammar/grammar.ts';
import { answerGrammar, type AnswerRules } from './answer-grammar.ts';
import { AnswerStream } from './answer-stream.ts';
import type { AnswerShape } from './answer-parser.ts';
import { callId } from './call-id.ts';
import { ChatDialect, type SpecialTokensInContent } from './chat-dialect.ts';
import type { ChatAnswer, ChatEvent, ChatModel, ChatRequest, TextRequest } from './chat-request.ts';
import { ContextFullError } from './context-full-error.ts';
import { EventQueue } from './event-queue.ts';
import type { RecordedCall } from './episode-recorder.ts';
import { endsInThoughts, thinkingMarks } from './thinking-marks.ts';

export interface ChatModelOptions {
  engine: Pick<Engine, 'generate' | 'contextLength' | 'vocabularySize' | 'endTokens'>;
  tokenizer: Tokenizer;
  /** Name that answers carry. */
  name: string;
  /**
   * What texts of users and tools mean that spell special tokens (`<|im_end|>`). Default plain: only text to the model, so that nobody can
   * forge a turn. `recognized` gives the tokens that transformers gives.
   */
  specialTokensInContent?: SpecialTokensInContent;
}

/** What is known of a call before it is made. */
interface Prepared {
  prompt: readonly number[];
  shape: AnswerShape;
  params: SamplingParams;
  singleCall: boolean;
  constraint: TokenConstraint | undefined;
  recorded: RecordedCall | undefined;
  topLogprobs: number | undefined;
  signal: AbortSignal | undefined;
}

export function openChatModel({ engine, tokenizer, name, specialTokensInContent = 'plain' }: ChatModelOptions): ChatModel {
  let known: ChatDialect | undefined;
  const dialect = (): ChatDialect => (known ??= ChatDialect.of(tokenizer, { name, endTokens: engine.endTokens, specialTokens: specialTokensInContent }));
  const context = { engine, tokenizer, name, grammars: new Map<string, Grammar>() };
  const model: ChatModel = {
    name,
    contextLength: engine.contextLength,
    stream: (request) => run(context, prepareChat(context, dialect(), request)),
    complete: async (request) => lastOf(model.stream(request)),
    streamText: (request) => run(context, prepareText(context, request)),
    completeText: async (request) => lastOf(model.streamText(request)),
  };
  return model;
}

interface Context {
  engine: ChatModelOptions['engine'];
  tokenizer: Tokenizer;
  name: string;
  /** Those of the latest requests, by what they are made of: they keep what was worked out for them. */
  grammars: Map<string, Grammar>;
}

const MOST_GRAMMARS = 32;

function prepareChat(context: Context, dialect: ChatDialect, request: ChatRequest): Prepared {
  const { messages, sampling, recorder, templateVariables, topLogprobs, signal, parallelToolCalls = true } = request;
  const tools = toolsToShow(request, dialect, context.name);
  const options: RenderOptions = { ...(tools ? { tools } : {}), ...(templateVariables ? { variables: templateVariables } : {}) };
  const recorded = recorder?.begin({ dialect, messages, options });
  try {
    const promptText = recorded?.promptText ?? dialect.render(messages, { ...options, addGenerationPrompt: true });
    const prompt = recorded?.prompt ?? dialect.encode(promptText);
    const shape: AnswerShape = {
      thinking: dialect.thinking,
      startsInThoughts: endsInThoughts(promptText, dialect.thinking),
      calls: tools && dialect.callFormat ? { format: dialect.callFormat, tools } : undefined,
    };
    const params = samplingFor(context, prompt, sampling, dialect.endTokens);
    const rules: AnswerRules = {
      toolChoice: request.toolChoice ?? 'auto',
      parallelToolCalls,
      responseFormat: request.responseFormat ?? { type: 'text' },
      tools: tools ?? [],
      format: dialect.callFormat,
      thinking: dialect.thinking,
      thoughts: shape.startsInThoughts ? 'open' : dialect.thinks && !promptText.trimEnd().endsWith(dialect.thinking.close) ? 'may' : 'none',
    };
    const constraint = constraintOf(context, rules, params);
    return { prompt, shape, params, singleCall: !parallelToolCalls, constraint, recorded, topLogprobs, signal };
  } catch (error) {
    recorded?.fail();
    throw error;
  }
}

function constraintOf({ tokenizer, grammars }: Context, rules: AnswerRules, { stopTokens = [], maxTokens }: SamplingParams): TokenConstraint | undefined {
  const { tools, toolChoice, responseFormat, parallelToolCalls, thoughts } = rules;
  if ((toolChoice === 'auto' || toolChoice === 'none') && responseFormat.type === 'text') return undefined;
  const key = JSON.stringify([tools, toolChoice, responseFormat, parallelToolCalls, thoughts]);
  const grammar = grammars.get(key) ?? answerGrammar(rules, tokenizer);
  if (!grammar) return undefined;
  grammars.delete(key);
  grammars.set(key, grammar);
  const [oldest] = grammars.keys();
  if (grammars.size > MOST_GRAMMARS && oldest !== undefined) grammars.delete(oldest);
  return grammarConstraint(grammar, tokenizer, { endTokens: stopTokens, maxTokens });
}

function prepareText(context: Context, { prompt: given, sampling, topLogprobs, signal, constraint }: TextRequest): Prepared {
  const { tokenizer, engine } = context;
  const begin = tokenizer.addsBeginToken && tokenizer.beginToken !== null ? [tokenizer.beginToken] : [];
  const prompt = typeof given === 'string' ? [...begin, ...tokenizer.encode(given)] : given;
  const params = samplingFor(context, prompt, sampling, engine.endTokens);
  const shape: AnswerShape = { thinking: thinkingMarks(tokenizer), startsInThoughts: false, calls: undefined, plain: true };
  return { prompt, shape, params, singleCall: false, constraint, recorded: undefined, topLogprobs, signal };
}

/** The tools that the prompt shows. Throws R5Error for tools that cannot be shown, or a choice that is none of them. */
function toolsToShow({ tools = [], toolChoice = 'auto' }: ChatRequest, dialect: ChatDialect, name: string): readonly ChatTool[] | undefined {
  if (typeof toolChoice === 'object' && !tools.some((tool) => tool.function.name === toolChoice.name)) {
    throw new R5Error(`The tool to call is ${JSON.stringify(toolChoice.name)}, which is none of the tools given (${tools.map((tool) => tool.function.name).join(', ') || 'there are none'}).`);
  }
  if (toolChoice === 'required' && tools.length === 0) throw new R5Error('A tool call is required, and no tools are given.');
  if (tools.length === 0 || toolChoice === 'none') return undefined;
  if (!dialect.showsTools) throw new R5Error(`The chat template of ${name} has no place for tools. Leave the tools out, or use a model that was trained with them.`);
  return tools;
}

/** Throws ContextFullError for a prompt that leaves no room for an answer. */
function samplingFor({ engine, name }: Context, prompt: readonly number[], sampling: ChatRequest['sampling'], endTokens: readonly number[]): SamplingParams {
  const room = engine.contextLength - prompt.length;
  if (prompt.length === 0) throw new R5Error('The prompt is empty, and there is nothing to continue.');
  if (room < 1) throw new ContextFullError(name, prompt.length, engine.contextLength);
  return { ...sampling, stopTokens: sampling.stopTokens ?? endTokens, maxTokens: Math.min(sampling.maxTokens ?? room, room) };
}

async function* run(context: Context, prepared: Prepared): AsyncGenerator<ChatEvent, void, undefined> {
  const events = new EventQueue<ChatEvent>();
  const hangUp = new AbortController();
  const work = tellAll(context, prepared, events, hangUp);
  try {
    yield* events;
  } finally {
    // A reader that leaves early frees the row; what was drawn until then is still recorded.
    hangUp.abort();
    await work;
  }
}

async function tellAll(context: Context, prepared: Prepared, events: EventQueue<ChatEvent>, hangUp: AbortController): Promise<void> {
  try {
    const answer = await generate(context, prepared, (event) => events.push(event), hangUp);
    events.push({ type: 'finish', answer });
    events.end();
  } catch (error) {
    events.fail(error);
  }
}

async function generate({ engine, tokenizer }: Context, prepared: Prepared, emit: (event: ChatEvent) => void, hangUp: AbortController): Promise<ChatAnswer> {
  const { prompt, shape, params, singleCall, constraint, recorded, topLogprobs, signal } = prepared;
  const stop = params.stop ?? [];
  const specialStops = stop.flatMap((text) => {
    const id = tokenizer.tokenId(text);
    return id !== undefined && tokenizer.isSpecial(id) ? [id] : [];
  });
  const enough = new AbortController();
  const stream = new AnswerStream(tokenizer, {
    shape,
    stop,
    stopTokens: new Set([...(params.stopTokens ?? []), ...specialStops]),
    callId: (index) => callId(prompt, params.seed ?? 0, index),
    singleCall,
    emit,
  });
  const tokens: ChatAnswer['tokens'][number][] = [];
  let generation: Generation;
  try {
    generation = await engine.generate({
      prompt,
      params,
      ...(topLogprobs === undefined ? {} : { topLogprobs }),
      ...(constraint ? { constraint } : {}),
      signal: AbortSignal.any([enough.signal, hangUp.signal, ...(signal ? [signal] : [])]),
      onToken: (token) => {
        tokens.push(token);
        stream.push(token);
        if (stream.complete) enough.abort();
      },
    });
  } catch (error) {
    recorded?.fail();
    throw error;
  }
  const { message, stopString } = stream.finish();
  const stopReason = enough.signal.aborted && generation.stopReason === 'aborted' ? 'stop' : generation.stopReason;
  recorded?.finish(generation, message, stopReason);
  const last = generation.tokens.at(-1);
  const met = stopString ?? (stopReason === 'stop' && last !== undefined && specialStops.includes(last) ? tokenizer.tokenText(last) : undefined);
  const finishReason = stopReason === 'stop' && message.tool_calls ? 'tool-calls' : stopReason;
  return { message, finishReason, ...(met === undefined ? {} : { stopString: met }), prompt, generation: { ...generation, stopReason }, tokens };
}

async function lastOf(events: AsyncIterable<ChatEvent>): Promise<ChatAnswer> {
  for await (const event of events) if (event.type === 'finish') return event.answer;
  throw new Error('the last event is `finish`');
}
