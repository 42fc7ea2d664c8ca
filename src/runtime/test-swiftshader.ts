/** Vulkan in software, so that WebGPU can be tested where there is no GPU. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/**
 * Variables for a process that should find SwiftShader, which Debian's chromium carries together with a Vulkan loader; or why there is
 * none. The system reads them when a process starts, so they do nothing for the one that is running.
 */
export function swiftShader(): { environment: NodeJS.ProcessEnv } | { missing: string } {
  // A line reads "package: path".
  const search = spawnSync('dpkg', ['--search', 'vk_swiftshader_icd.json'], { encoding: 'utf8' });
  const driver = search.status === 0 ? search.stdout.split('\n')[0]?.split(': ')[1] : undefined;
  if (driver === undefined) {
    return { missing: 'SwiftShader, which stands in for a GPU, comes with Debian\'s chromium, and that is not installed' };
  }
  const libraries = [dirname(driver), process.env['LD_LIBRARY_PATH']].filter((path) => path !== undefined && path !== '');
  return { environment: { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries.join(':') } };
}
