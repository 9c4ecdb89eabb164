/** Names of packages, extras and groups are compared in this form. @see https://packaging.python.org/en/latest/specifications/name-normalization/ */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
