/** Starts a Chromium that has no network of its own. */
import type { Browser } from 'playwright-core';

/** Throws what the browser's start throws. */
export async function launchChromium(path: string): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: path,
    headless: true,
    // Chromium refuses to start its sandbox as root.
    chromiumSandbox: !isRoot,
    args: [
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--dns-prefetch-disable',
      // Names resolve to nothing, and every connection, to this machine too, would go through a proxy that is not there.
      '--host-resolver-rules=MAP * ~NOTFOUND', '--proxy-server=http://127.0.0.1:9', '--proxy-bypass-list=<-loopback>',
      '--force-webrtc-ip-handling-policy=disable_non_proxied_udp', '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    ],
  });
}
