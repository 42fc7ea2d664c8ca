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
  130  interrupted (Ctrl-C); a run can be resumed`;
