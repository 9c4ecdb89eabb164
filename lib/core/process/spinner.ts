import type { Spinner } from 'yocto-spinner';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Start a spinner without its own handler of Ctrl-C, which would end the process before temporary files are removed. */
export function startSpinner(spinner: Spinner, text: string): void {
  const before = new Set(SIGNALS.flatMap((signal) => process.rawListeners(signal)));
  spinner.start(text);
  for (const signal of SIGNALS) {
    const added = process.rawListeners(signal).filter((listener) => !before.has(listener));
    for (const listener of added) process.removeListener(signal, listener as NodeJS.SignalsListener);
  }
}
