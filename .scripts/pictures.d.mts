/** Each picture by its path in the repository. */
export function pictures(): Readonly<Record<string, string>>;
