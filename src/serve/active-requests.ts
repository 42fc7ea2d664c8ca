/** The requests that are being answered, so that a server that stops can wait for them or cut them off. */

export interface ActiveRequest {
  /** Aborted when the client hangs up or the server cuts the request off. */
  signal: AbortSignal;
  /** Must be called once the answer is complete. */
  end: () => void;
}

export class ActiveRequests {
  readonly #controllers = new Set<AbortController>();
  #stopping = false;
  #whenIdle: (() => void)[] = [];

  get count(): number {
    return this.#controllers.size;
  }

  /** No new requests are taken. */
  get stopping(): boolean {
    return this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
  }

  begin(client: AbortSignal): ActiveRequest {
    const controller = new AbortController();
    const hangUp = (): void => controller.abort(client.reason);
    if (client.aborted) hangUp();
    client.addEventListener('abort', hangUp, { once: true });
    this.#controllers.add(controller);
    return {
      signal: controller.signal,
      end: () => {
        client.removeEventListener('abort', hangUp);
        if (!this.#controllers.delete(controller) || this.#controllers.size > 0) return;
        for (const resolve of this.#whenIdle.splice(0)) resolve();
      },
    };
  }

  cutOff(reason: Error): void {
    for (const controller of this.#controllers) controller.abort(reason);
  }

  /** Resolves when no request is being answered. */
  idle(): Promise<void> {
    return this.#controllers.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }
}
