import type { Spinner } from 'yocto-spinner';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Start a spinner without its own answer to Ctrl-C: it would end the process before temporary files are gone. */
export function startSpinner(spinner: Spinner, text: string): void {
  const before = new Set(SIGNALS.flatMap((signal) => process.rawListeners(signal)));
  spinner.start(text);
  for (const signal of SIGNALS) {
    for (const added of process.rawListeners(signal)) if (!before.has(added)) process.removeListener(signal, added as NodeJS.SignalsListener);
  }
}
