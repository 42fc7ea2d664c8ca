/** One call of an address that generates. */
export interface HttpCall {
  request: Request;
  /** Closes the connection. */
  hangUp: () => void;
}
