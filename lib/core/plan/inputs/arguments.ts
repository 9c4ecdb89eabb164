// of pip and uv: from where packages come, and how they are fetched
const WITH_VALUE = '--(?:(?:extra-)?index-url|(?:default-)?index|find-links|index-strategy|keyring-provider|trusted-host|'
  + 'allow-insecure-host|(?:client-)?cert|proxy|timeout|retries|cache-dir|exclude-newer|uploaded-prior-to)|-[if]';
const ALONE = new RegExp(`^(?:${WITH_VALUE})$`);
const JOINED = new RegExp(`^(?:${WITH_VALUE})=|^-[if].|^--(?:no-index|native-tls|system-certs|offline|no-cache(?:-dir)?)$`);

export interface SplitArguments {
  /** What says from where packages come. It holds for what a build requires as it does for the project. */
  readonly places: readonly string[];
  readonly others: readonly string[];
}

/** Divide the user's arguments of pip or uv. */
export function splitArguments(args: readonly string[]): SplitArguments {
  const places: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (ALONE.test(args[i]) && i + 1 < args.length) places.push(args[i], args[++i]);
    else (JOINED.test(args[i]) ? places : others).push(args[i]);
  }
  return { places, others };
}
