/** The course of a run, from the question to the report. Everything that could come out differently another time goes through the journal. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Evidence } from '../evidence.ts';
import { EvidenceStore } from '../evidence/evidence-store.ts';
import type { SnapshotStore } from '../evidence/snapshot-store.ts';
import type { SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { researchAsAgent, type AgentSettings } from './agent-loop.ts';
import type { Budget } from './budget.ts';
import { askBack, type Answerer } from './clarify.ts';
import type { Depth } from './depth.ts';
import { Gathering, stopOf, type Gathered } from './gather.ts';
import type { Journal } from './journal.ts';
import { judgeSentences } from './judge-sentences.ts';
import { makePlan } from './make-plan.ts';
import type { ModelCaller } from './model-caller.ts';
import { outcomeOf } from './outcome.ts';
import { aboutData } from './outside-text.ts';
import { KnownAddresses, typedAddresses } from './page-address.ts';
import { PageStore } from './page-store.ts';
import { withEdits, withQuestions, type PlanQuestion } from './plan.ts';
import { PlanFile } from './plan-file.ts';
import { readNotes } from './read-notes.ts';
import type { HitReader, ResearchContext, UnsupportedPolicy } from './research-context.ts';
import type { CitedSource, EntailmentCount, ReportSentence, ResearchResult } from './research-result.ts';
import type { RunCost } from './run-cost.ts';
import { planPath, steeringPath, type ResearchRun } from './run-folder.ts';
import type { LoopName } from './run-settings.ts';
import { Secrets } from './secrets.ts';
import type { SentenceCheck } from './sentence-check.ts';
import { StructuredModel } from './structured-answer.ts';
import { writeReport, type WrittenReport } from './write-report.ts';

export interface ResearchParts {
  run: ResearchRun;
  /** What the user had said before the question. */
  earlier: readonly string[];
  journal: Journal;
  caller: ModelCaller;
  sources: readonly SearchSource[];
  readPage: HitReader;
  snapshots: SnapshotStore;
  budget: Budget;
  cost: RunCost;
  depth: Depth;
  check: SentenceCheck;
  /** Agents that share the plan's questions. */
  parallel: number;
  /** What must not leave this machine. */
  secrets: readonly string[];
  pageCharacters: number;
  loop: LoopName;
  agent: AgentSettings;
  unsupported: UnsupportedPolicy;
  /** Name of the model that gives a second opinion on the report's sentences. */
  judge?: string | undefined;
  /** Asks the user what the question means, before the plan; absent where nothing is to be asked. */
  clarify?: Answerer | undefined;
  /** Waits until the user has agreed to the plan. */
  approvePlan?: ((plan: readonly PlanQuestion[], path: string) => Promise<void>) | undefined;
  signal: AbortSignal;
  firstRetryMs?: number | undefined;
}

/** Throws what aborted it, and defects; every other failure is in the result. */
export async function runResearch(parts: ResearchParts): Promise<ResearchResult> {
  const context = await contextOf(parts);
  const store = new EvidenceStore(parts.snapshots);
  const { gathered, written } = parts.loop === 'agent' ? await researchAsAgent(context, { ...parts, store, settings: parts.agent, steering: steeringOf(parts) }) : await researchByPlan(parts, context, store);
  const { caller, judge, journal } = parts;
  const entailment = judge === undefined || written === undefined || written.counts.verified === 0 ? undefined : await judgeSentences(allSentences(written), { caller, judge, evidence: store });
  const { time: finishedAt } = await journal.perform({
    kind: 'clock',
    // Another end has another time. Of what stopped it a replay knows the message and no more.
    input: { end: createHash('sha256').update(JSON.stringify([written && { ...written, stop: written.stop?.message }, entailment, gathered.plan])).digest('hex').slice(0, 16) },
    parse: (read) => clockSchema.parse(read),
    run: async () => ({ time: new Date().toISOString() }),
  });
  const result = resultOf(parts, { gathered, written, store, entailment, finishedAt });
  parts.journal.tell('outcome', { outcome: result.outcome, reasons: result.reasons, counts: { ...result.counts } });
  return result;
}

/** Questions, evidence on each, and a section for each that has some. */
async function researchByPlan(parts: ResearchParts, context: ResearchContext, store: EvidenceStore): Promise<{ gathered: Gathered; written: WrittenReport | undefined }> {
  const gathered = await gatherAll(parts, context);
  const byQuestion = new Map<string, Evidence[]>();
  for (const claim of gathered.claims) {
    const evidence = store.add(claim);
    if (evidence === undefined) continue;
    parts.journal.tell('evidence', { ...evidence });
    // One span may answer several questions.
    const known = byQuestion.get(claim.question ?? '') ?? [];
    if (!known.includes(evidence)) byQuestion.set(claim.question ?? '', [...known, evidence]);
  }
  parts.budget.openForWriting();
  parts.journal.tell('writing', { evidence: store.all().length });
  return { gathered, written: store.all().length === 0 ? undefined : await writeReport(context, { plan: gathered.plan, store, byQuestion, check: parts.check }) };
}

const clockSchema = z.object({ time: z.iso.datetime() });
const drawnSchema = z.object({ fence: z.string(), today: z.string() });

async function contextOf({ run, journal, caller, secrets, ...parts }: ResearchParts): Promise<ResearchContext> {
  const { fence, today } = await journal.perform({
    kind: 'draw',
    input: {},
    parse: (result) => drawnSchema.parse(result),
    run: async () => ({ fence: randomBytes(12).toString('hex'), today: new Date().toISOString().slice(0, 10) }),
  });
  return {
    ...parts,
    journal,
    question: run.question,
    model: new StructuredModel(caller, journal),
    fence,
    today,
    secrets: new Secrets([...secrets, fence], [aboutData(fence)]),
    addresses: new KnownAddresses(typedAddresses([...parts.earlier, run.question].join('\n'))),
    said: [],
  };
}

const planFileOf = ({ run, journal }: ResearchParts): PlanFile => new PlanFile({ path: planPath(run), steeringPath: steeringPath(run), question: run.question, journal });

/** What the user has said since the last look. */
function steeringOf(parts: ResearchParts): (when: string) => Promise<string | undefined> {
  const file = planFileOf(parts);
  return (when) => file.steering(0, when);
}

async function gatherAll(parts: ResearchParts, context: ResearchContext): Promise<Gathered> {
  const { journal, parallel, depth } = parts;
  const planFile = planFileOf(parts);
  try {
    if (parts.clarify !== undefined) context.said.push(...(await askBack(context, parts.clarify)));
    const plan = await agreedPlan(parts, context, planFile);
    journal.tell('plan', { by: 'planner', questions: plan.map(({ id, question, queries }) => ({ id, question, queries })) });
    const pages = new PageStore(context);
    const given = await readTyped(context, pages, plan);
    const shares = sharesOf(plan, parallel);
    // Each agent listens for itself, so that it goes the same way whatever the others are at; the writer hears what any of them heard.
    const contexts = shares.map(() => ({ ...context, said: [...context.said] }));
    const each = await Promise.all(contexts.map((own, agent) => new Gathering(own, { pages, planFile, plan: shares[agent] ?? [], agent }).run()));
    context.said.splice(0, Infinity, ...new Set(contexts.flatMap(({ said }) => said)));
    return together(given, each, withQuestions(plan, [], 'planner', depth.questions));
  } catch (error) {
    // No plan, no gathering: what stopped it says why.
    return { plan: [], claims: [], queries: [], searches: 0, pagesRead: 0, failures: [], stop: stopOf(error) };
  }
}

async function agreedPlan({ run, journal, approvePlan, depth }: ResearchParts, context: ResearchContext, planFile: PlanFile): Promise<PlanQuestion[]> {
  const plan = await makePlan(context);
  planFile.write(plan);
  if (approvePlan === undefined) return plan;
  await journal.perform({
    kind: 'approve-plan',
    input: {},
    parse: () => ({}),
    run: async () => {
      await approvePlan(plan, planPath(run));
      return {};
    },
  });
  const edited = await planFile.edits(0, 'approval');
  return edited === undefined ? plan : withEdits(plan, edited, depth.questions).filter(({ status }) => status !== 'dropped');
}

/** Addresses in the user's own words are read before anything is searched for. */
async function readTyped(context: ResearchContext, pages: PageStore, plan: readonly PlanQuestion[]): Promise<Gathered> {
  const gathered: Gathered = { plan: [], claims: [], queries: [], searches: 0, pagesRead: 0, failures: [] };
  const [first] = plan;
  if (first === undefined) return gathered;
  for (const url of typedAddresses(context.question)) {
    try {
      const snapshot = await pages.read({ url, title: url, snippet: '', source: 'user', origin: 'web' });
      for (const question of plan) gathered.claims.push(...(await readNotes(context, question, snapshot)).claims);
      gathered.pagesRead++;
    } catch (error) {
      if (error instanceof SourceError) gathered.failures.push({ what: url, kind: error.kind, message: error.message });
      else gathered.stop ??= stopOf(error);
    }
  }
  return gathered;
}

/** Questions dealt out in turn. */
function sharesOf(plan: readonly PlanQuestion[], agents: number): PlanQuestion[][] {
  const count = Math.max(1, Math.min(agents, plan.length));
  return Array.from({ length: count }, (_, agent) => plan.filter((_question, index) => index % count === agent));
}

/** What all agents found, in the order of the agents. */
function together(given: Gathered, each: readonly Gathered[], plan: readonly PlanQuestion[]): Gathered {
  const all = [given, ...each];
  const order = new Map(plan.map(({ id }, index) => [id, index]));
  const stop = all.find((one) => one.stop !== undefined)?.stop;
  return {
    plan: each.flatMap((one) => one.plan).toSorted((a, b) => (order.get(a.id) ?? plan.length) - (order.get(b.id) ?? plan.length)),
    claims: all.flatMap((one) => one.claims),
    queries: all.flatMap((one) => one.queries),
    searches: all.reduce((sum, one) => sum + one.searches, 0),
    pagesRead: all.reduce((sum, one) => sum + one.pagesRead, 0),
    failures: all.flatMap((one) => one.failures),
    ...(stop === undefined ? {} : { stop }),
  };
}

const allSentences = ({ answer, sections }: WrittenReport): ReportSentence[] => [...answer, ...sections.flatMap(({ sentences }) => sentences)];

interface Finished {
  gathered: Gathered;
  written: WrittenReport | undefined;
  store: EvidenceStore;
  entailment: EntailmentCount | undefined;
  finishedAt: string;
}

function resultOf({ run, cost, snapshots }: ResearchParts, { gathered, written, store, entailment, finishedAt }: Finished): ResearchResult {
  const sentences = written === undefined ? [] : allSentences(written);
  const counts = written?.counts ?? { sentences: 0, cited: 0, verified: 0, repaired: 0, removed: 0, marked: 0 };
  const stop = gathered.stop ?? written?.stop;
  const evidence = store.all();
  const ending = outcomeOf({ ...gathered, stop, sentences: counts.verified, evidence: evidence.length });
  if (entailment?.failure !== undefined) ending.reasons.push(`Not all sentences were judged by a model: ${entailment.failure}`);
  const cited = new Set(sentences.flatMap((one) => one.evidence));
  const used = new Set(evidence.flatMap(({ id, snapshot }) => (cited.has(id) ? [snapshot] : [])));
  return {
    id: run.id,
    directory: run.directory,
    question: run.question,
    ...ending,
    finishedAt,
    ...(written === undefined || counts.verified === 0 ? {} : { report: { title: written.title || run.question, answer: written.answer, sections: written.sections } }),
    evidence,
    sources: [...used].flatMap((id): CitedSource[] => {
      const snapshot = snapshots.get(id);
      if (snapshot === undefined) return [];
      const { finalUrl, title, retrievedAt, publishedAt } = snapshot;
      return [{ id, url: finalUrl, title, retrievedAt, ...(publishedAt === undefined ? {} : { publishedAt }) }];
    }),
    counts,
    ...(entailment === undefined ? {} : { entailment }),
    removed: written?.removed ?? [],
    plan: gathered.plan,
    tried: { queries: gathered.queries, searches: gathered.searches, pagesRead: gathered.pagesRead, failures: gathered.failures },
    cost: { money: cost.money, unpriced: cost.unpriced, tokens: cost.tokens, models: cost.models },
  };
}
