/** What the command line's exit codes mean. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong; one line on stderr says what. */
  failure: 1,
  /** The command was typed wrongly. */
  usage: 2,
  /** A check stopped a run that would have learned nothing, or the wrong thing. */
  checkFailed: 3,
  /** `r5 validate` found problems in the task. */
  invalidTask: 4,
  /** `r5 research`: some of the plan's questions are not covered. */
  partial: 5,
  /** `r5 research`: sources answered and held nothing of use. */
  noEvidence: 6,
  /** `r5 research`: sources or models refused or could not be reached. */
  blocked: 7,
  /** `r5 research`: a limit of the budget ended it. */
  overBudget: 8,
  /** Ctrl-C or SIGTERM; a run can be resumed. */
  interrupted: 130,
} as const;

/** The end of `r5 --help`. */
export const exitCodesHelp = `Exit codes:
  0    done
  1    failed; the last line on stderr says what to do about it
  2    wrong usage
  3    a check stopped the run
  4    r5 validate found problems
  5    r5 research: not all questions of the plan are covered
  6    r5 research: no evidence was found
  7    r5 research: sources or models were blocked
  8    r5 research: the budget was used up
  130  interrupted (Ctrl-C); a run can be resumed`;
