export interface ResearchRow {
  question: string;
  /** What a whole answer has to say: for each fact the words, such as two names, that have to stand together in one verified sentence. */
  facts: readonly (readonly string[])[];
}
