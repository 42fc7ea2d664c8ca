/** One call of an address that generates. */
export interface HttpCall {
  request: Request;
  /** Closes the connection. */
  hangUp: () => void;
  /** The episode that it is recorded in. */
  episode: string | undefined;
}
