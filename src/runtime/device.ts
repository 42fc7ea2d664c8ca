import { R5Error } from '../error.ts';

const DEVICES = ['cpu', 'webgpu'] as const;

/** Where graphs run. On `webgpu` the operators that it has no kernel for run on the CPU. */
export type Device = (typeof DEVICES)[number];

/** Throws R5Error, naming the devices that there are. */
export function assertDevice(device: string): asserts device is Device {
  if (!DEVICES.some((known) => known === device)) throw new R5Error(`unknown device "${device}"; the devices are ${DEVICES.join(' and ')}`);
}
