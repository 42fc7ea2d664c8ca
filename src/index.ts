/**
 * The library behind the command `r5`: whatever a command does is one of these calls.
 *
 *     import { defineTask, trainRun } from 'r5-rl';
 *
 * Three layers, each usable without the one above: runs (`trainRun`, `sftRun`, `evaluate`: folders, logs, checkpoints), loops (`trainGrpo`,
 * `fineTune`: an algorithm over any `Engine`), and the engine's four primitives (`LocalEngine`).
 */

// Tasks: data plus a reward.
export { defineTask, type Answer, type EpisodeLimits, type Score, type Task, type Verdict } from './task/task.ts';
export { loadTask } from './train/load-task.ts';
export { validateTask, type ValidationProblem, type ValidationReport } from './task/validate.ts';
export { builtInNames, builtInTasks } from './train/built-in-tasks.ts';

// Tools and episodes of many turns.
export { defineTool, type Tool, type ToolContext, type ToolSchema } from './task/tool.ts';
export { callTool } from './task/tool-call.ts';
export { chatTools } from './task/tool-schema.ts';
export { trainingSequences, type Episode, type EpisodeEnd, type EpisodeSegment, type EpisodeSequence, type EpisodeTurn, type ToolResultRecord } from './task/episode.ts';

// Rewards: components by name and weight.
export { groupRewards, rewards, type Weighted } from './task/reward/rewards.ts';
export { wholeText, type Component, type GroupComponent, type PartResult, type PartScore, type Reader, type Reference } from './task/reward/component.ts';
export { exactMatch } from './task/reward/exact-match.ts';
export { tokenF1 } from './task/reward/token-f1.ts';
export { mathAnswer } from './task/reward/math-answer.ts';
export { passesTests } from './task/reward/passes-tests.ts';
export { validJson } from './task/reward/valid-json.ts';
export { judge, type JudgeOptions } from './task/reward/judge.ts';
export { ranking, type RankingOptions } from './task/reward/ranking.ts';
export { judgeModel, type JudgeModel, type JudgeModelOptions } from './task/reward/judge-model.ts';
export { RewardWatch, type HackingWarning } from './rl/reward-hacking.ts';
export { LostRollout } from './task/lost-rollout.ts';
export { answerLine } from './task/answer-line.ts';
export { finalAnswer } from './task/math/final-answer.ts';
export { runEpisode, type EpisodeRequest } from './agent/run-episode.ts';
export { episodeAnswer, taskEpisode } from './agent/task-episode.ts';

// Models of r5 for the AI SDK, and agents that are trained.
export { trainAgent, type AgentTraining } from './train/train-agent.ts';
export { trainRemoteAgent, type RemoteAgentTraining } from './train/train-remote-agent.ts';
export type { AgentContext, AgentLimits, ScoredAgent } from './train/bind-agent.ts';
export { createR5, r5, type R5Provider, type R5ProviderSettings } from './train/r5-provider.ts';

// Runs: training as a folder that can be resumed.
export { resumeRun, trainRun, type EvaluationSummary, type TrainHooks, type TrainResult } from './train/train-run.ts';
export { defaultLearningRate, parseTrainSettings, trainSettingsSchema, type TrainSettings, type TrainSettingsInput } from './train/settings.ts';
export { isSftRun, resumeSftRun, sftRun, type SftHooks, type SftResult } from './train/sft-run.ts';
export { parseSftSettings, sftSettingsSchema, type SftSettings, type SftSettingsInput } from './train/sft-settings.ts';
export { bindTask, encodePrompt, type BoundCompletions, type BoundTask } from './train/bind-task.ts';
export { bindEpisodes, type BoundEpisodes, type EpisodeBinding } from './train/bind-episodes.ts';
export { bindToModel } from './train/bind-to-model.ts';
export { evaluate, type Evaluation, type EvaluationOptions } from './train/evaluate.ts';
export { endpointTeacher, localTeacher, type EndpointOptions, type Teacher, type TeacherAnswer } from './train/teacher.ts';
export { loadDataset, type LoadDatasetOptions } from './data/dataset.ts';
export { fetchModel } from './hub/model.ts';
export { resolveModel } from './train/resolve-model.ts';

// What a run has written.
export { eventsPath, openRun, readRun, runNames, type Run } from './run/run-folder.ts';
export { listRuns, summarizeRun, type RunList, type RunState, type RunSummary } from './run/summary.ts';
export { effectiveEvents, loadEvents, readEvents } from './run/read-events.ts';
export { findEpisodes, surpriseOf, type EpisodeQuery, type FoundEpisodes } from './run/find-episodes.ts';
export type { EpisodeEvent, EventOf, EventType, NewEvent, RunEvent, WarningEvent } from './run/event.ts';
export { latestCheckpoint, listCheckpoints, type Checkpoint } from './run/checkpoint-folder.ts';

// Loops over an engine.
export { grpoDefaults, trainGrpo, type GrpoHooks, type GrpoSettings, type GrpoStep } from './rl/grpo.ts';
export type { GroupPosition, Rest, Unused, UnusedRollout } from './rl/step-rollouts.ts';
export type { LostReason, LostRecord } from './rl/lost-rollouts.ts';
export { distillOnPolicy, type DistillHooks, type DistillSettings, type DistillStep } from './rl/distill.ts';
export { rejectionSample, type RejectionOptions, type RejectionResult } from './rl/rejection-sampling.ts';
export { fineTune, sftDatum, type SftExample, type SftOptions, type SftStep } from './rl/sft.ts';
export {
  collectGroups, outcomeOf, writtenTokens,
  type Collected, type CollectOptions, type CompletionSource, type EpisodeSource, type Group, type PlayedRollout, type RolloutContext, type RolloutOutcome,
  type RolloutSource, type ScoredRollout,
} from './rl/rollouts.ts';
export { groupAdvantages, tokenFactors, type AdvantageKind, type Normalization } from './rl/advantages.ts';
export { cispo, crossEntropy, gspo, importanceSampling, ppo, truncatedImportanceSampling, withKl, type ClipBounds, type KlEstimator, type PolicyLossName } from './rl/losses.ts';
export { learningRateAt, type LearningRateSchedule } from './rl/schedule.ts';
export { CheckFailure, type CheckResult } from './rl/checks.ts';

// The four primitives, on this machine.
export { LocalEngine, type LocalEngineOptions } from './engine/local/local-engine.ts';
export type {
  Completion, Datum, Engine, ForwardBackwardResult, OptimParams, OptimResult, ParameterChange, SampleRequest, SamplingParams,
} from './engine/engine.ts';
export type { LossFunction, LossInputs, LossResult } from './engine/loss.ts';
export { openCheckpoint, saveCheckpoint, type Checkpoint as ModelCheckpoint, type Parameter } from './model/checkpoint.ts';
export { loadTokenizer, type Tokenizer } from './model/tokenizer.ts';
export { parseModelConfig, readModelConfig, type ModelConfig } from './model/config.ts';
export type { LoraOptions } from './model/lora.ts';

// Conversations with a model.
export { openChatModel, type ChatModelOptions } from './chat/chat-model.ts';
export type { ChatAnswer, ChatEvent, ChatFinishReason, ChatModel, ChatRequest, JsonSchema, ResponseFormat, TextRequest, ToolChoice } from './chat/chat-request.ts';
export { EpisodeRecorder } from './chat/episode-recorder.ts';
export type { ChatMessage, ChatTool, ToolCall } from './chat-message.ts';

// The search task's encyclopaedia and index.
export { encyclopaedia, type Encyclopaedia } from './task/search/encyclopaedia.ts';
export { search as searchTask } from './task/search/search.ts';
export type { SearchRow } from './task/search/row.ts';
export { FullTextIndex } from './task/search/full-text-index.ts';
export type { Article } from './task/search/article.ts';

// Research: a question in, a report out whose citations were checked; every run can be gone on with and gone through again.
export { replayResearch, research, resumeResearch, type NewResearch, type ResearchOptions } from './research/loop/research.ts';
export { createResearchRun, forkResearchRun, openResearchRun, researchRunNames, type ResearchRun } from './research/loop/run-folder.ts';
export { researchModel, type LanguageModelObject, type ModelRole, type ResearchModel } from './research/loop/research-model.ts';
export { verifySentences, type CitedSentence, type SentenceCheck } from './research/loop/sentence-check.ts';
export { webReader } from './research/loop/web-reader.ts';
export { reportMarkdown } from './research/loop/report-markdown.ts';
export { readPrices, type Price, type Prices } from './research/loop/prices.ts';
export { readJournal } from './research/loop/journal-file.ts';
export { runConversation, type RunConversation } from './research/loop/run-conversation.ts';
export { RunCost, type ModelCost } from './research/loop/run-cost.ts';
export type { HitReader } from './research/loop/research-context.ts';
export type { NumberedEvent as ResearchEvent } from './research/loop/journal-event.ts';
export { reportOf } from './research/loop/result-report.ts';
export { listResearch, type ResearchList, type ResearchSummary } from './research/loop/run-summary.ts';
export type { EntailmentCount, ReportSection, ReportSentence, ResearchResult } from './research/loop/research-result.ts';
export type { BudgetLimits } from './research/loop/budget.ts';
export type { DepthName } from './research/loop/depth.ts';
export type { Outcome } from './research/loop/outcome.ts';
export type { PlanQuestion } from './research/loop/plan.ts';
export { eventLine } from './research/loop/event-line.ts';

// Research for other programs: a server of OpenAI's API and one of MCP.
export { ResearchService, type ResearchRequest, type ResearchServiceOptions } from './research-server/research-service.ts';
export { serveResearch, type ServeResearchOptions } from './research-server/serve-research.ts';
export type { ResearchServerLimits } from './research-server/research-server-context.ts';
export { researchMcpServer, type ResearchMcpOptions } from './research-server/mcp/mcp-server.ts';

// A server that OpenAI's clients can call.
export { serve, type ServeOptions } from './serve/serve.ts';
export type { RunningServer } from './serve/http-server.ts';
export { openModel, type OpenModel, type OpenModelSettings } from './train/open-model.ts';
export { servedModel, type ServedModel } from './serve/served-model.ts';
export { EpisodeStore, type RewardedEpisode, type WantedRollout } from './serve/episodes/episode-store.ts';
export { readEpisodes, type RecordedEpisode } from './serve/episodes/episode-replay.ts';
export { defaultServeLimits, type ServeLimits } from './serve/serve-limits.ts';

// Documents of one's own, searchable.
export { indexFolder, indexPathOf, type IndexFolderOptions, type IndexReport } from './research/documents/index-folder.ts';
export { DocumentIndex, type FoundDocument, type FoundPassage, type IndexedDocument } from './research/documents/search-documents.ts';
export { localSource, type LocalSourceOptions } from './research/documents/local-source.ts';
export { endpointEmbedder, transformersEmbedder, type Embedder, type EmbeddingEndpoint } from './research/documents/embeddings.ts';

// Search sources.
export { openSources, SOURCE_NAMES, usableSources, type OpenSourcesOptions } from './research/sources/open-sources.ts';
export { searchTogether, type TogetherResult } from './research/sources/search-together.ts';
export { canonicalUrl } from './research/sources/canonical-url.ts';
export { mcpSource, type McpSourceSettings } from './research/sources/mcp-source.ts';
export type { SearchHit, SearchQuery, SearchResult, SearchSource, SourceDocument } from './research/search-source.ts';

// Reading the web.
export { PageReader, readPage, type JavaScriptUse, type PageReaderSettings, type ReadPageOptions } from './research/web/read-page.ts';
export { guardedFetch, type FetchedResponse, type FetchGuard, type GuardedFetchOptions } from './research/web/guarded-fetch.ts';
export type { FetchLimits } from './research/web/fetch-limits.ts';
// Evidence of a research run, and the check of its report.
export { EvidenceStore, type QuoteClaim } from './research/evidence/evidence-store.ts';
export { SnapshotStore } from './research/evidence/snapshot-store.ts';
export { locateQuote } from './research/evidence/locate-quote.ts';
export { settleReport, type ReportPrecision, type SettledReport, type SettleOptions } from './research/evidence/settle-report.ts';
export { verifyReport, type VerifiedSentence, type VerifyOptions } from './research/evidence/verify-report.ts';
export type { Reason } from './research/evidence/verify-sentence.ts';
export { checkEntailment, type EntailedSentence, type Entailment } from './research/evidence/entailment.ts';
export { sentenceProblems } from './research/evidence/sentence-problems.ts';
export type { Evidence } from './research/evidence.ts';
export type { Snapshot } from './research/snapshot.ts';

// A research report and its renderings.
export { openReport, reportPath, writeReportFiles, REPORT_FORMATS, type ReportFormat } from './research/report/report-files.ts';
export { reportToBibtex } from './research/report/bibtex.ts';
export { reportToHtml } from './research/report/report-html.ts';
export { reportToJson } from './research/report/report-json.ts';
export { reportToMarkdown } from './research/report/report-markdown.ts';
export { reportToPdf } from './research/report/report-pdf.ts';
export type { Report } from './research/report/report.ts';

/** Grammars that are enforced while sampling: JSON schemas, literals, free text until a trigger. */
export * as grammar from './grammar/grammar.ts';

/** Symbolic tensors, for losses of your own. */
export * as tensor from './tensor/index.ts';

export { R5Error } from './error.ts';

// Research as a task to train on, and models that were trained on it.
export { researchTask, type ResearchTaskOptions } from './research/task/research-task.ts';
export type { ResearchRow } from './research/task/research-row.ts';
export { encyclopaediaSource } from './research/sources/encyclopaedia.ts';
export { trainedForResearch } from './train/trained-task.ts';
