/** Figures in Prometheus' format, as any server of r5 gives them. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** A registry of its own, with the figures of the process. */
export class MetricsRegistry {
  readonly #registry = new Registry();
  /** Spread into the settings of a figure that belongs to it. */
  readonly shared = { registers: [this.#registry] };
  readonly #requests = new Counter({ ...this.shared, name: 'r5_requests_total', help: 'Requests answered, by route and status.', labelNames: ['route', 'status'] });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  countRequest(route: string, status: number): void {
    this.#requests.inc({ route, status });
  }

  /** A figure that is asked for when it is read. */
  addGauge(name: string, help: string, value: () => number): void {
    this.#registry.registerMetric(new Gauge({ name, help, registers: [], collect() { this.set(value()); } }));
  }

  async response(): Promise<Response> {
    return new Response(await this.#registry.metrics(), { headers: { 'content-type': this.#registry.contentType } });
  }
}
